// The library without the program: a flow with an activation and a regulariser of one's own, sin(z)
// and a^2 |b|^2, fitted to sampled data.
#include <cmath>
#include <cstdio>
#include <mckean/mckean.hpp>

// One functor, host and device: value and derivative.
struct Sine {
  template <class T>
  MCKEAN_HD T value(T z) const {
    return std::sin(z);
  }
  template <class T>
  MCKEAN_HD T derivative(T z) const {
    return std::cos(z);
  }
};

// r(a, n), n = |b|, with dr/da and (dr/dn)/n.
struct Product {
  MCKEAN_HD double value(double a, double n) const { return a * a * n * n; }
  MCKEAN_HD mckean::RadialGradient gradient(double a, double n) const {
    return {2 * a * n * n, 2 * a * a};
  }
};

int main() {
  const std::size_t m = 500, n = 300, d = 2;
  const std::uint64_t seed = 7;

  mckean::DataSet data{mckean::Matrix(n, d), std::vector<double>(n)};
  data.x.values = mckean::draw_samples(mckean::DataLaw::gaussian, n, d, seed, 0);
  for (std::size_t i = 0; i < n; ++i) data.y[i] = std::sin(data.x(i, 0) - data.x(i, 1));

  mckean::Model model;
  model.activation = Sine{};
  model.regularizer = Product{};
  model.lambda = 1e-4;
  const mckean::ParticleArray start = mckean::draw_initial(
      {.law = mckean::InitLaw::gaussian, .amplitude = mckean::Amplitude::gaussian}, m, d, seed);

  mckean::Flow flow(mckean::data_problem(std::move(data)), model, start);
  mckean::IntegrateCallbacks callbacks;
  callbacks.on_record = [](mckean::Record& r, auto&&...) {
    std::printf("t = %6.1f   risk = %.3e   energy residual = %.1e\n", r.t, r.risk,
                r.energy_residual.value_or(NAN));
  };
  const mckean::IntegrationResult result = flow.run({0, 1, 10, 100}, callbacks);
  return result.outcome == mckean::Outcome::finished ? 0 : 1;
}
