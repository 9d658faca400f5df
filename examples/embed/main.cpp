// The library without the program: a flow with an activation of one's own, sin(z), fitted to
// sampled data.
#include <cmath>
#include <cstdio>
#include <vector>

#include "host/flow/integrate.hpp"
#include "host/flow/sampled_data.hpp"
#include "kernels/cpu/cpu_backend.hpp"
#include "mckean/initial_measure.hpp"
#include "mckean/law.hpp"

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

int main() {
  using namespace mckean;
  const std::size_t m = 500, n = 300, d = 2;
  const std::uint64_t seed = 7;

  const std::vector<double> x = draw_samples(DataLaw::gaussian, n, d, seed, 0);
  std::vector<double> y(n);
  for (std::size_t i = 0; i < n; ++i) y[i] = std::sin(x[2 * i] - x[2 * i + 1]);

  const CpuBackend<double> backend;
  const SampledData<CpuBackend<double>, Sine> field(backend, Sine{}, Scaling::mean_field,
                                                    {x.data(), x.size()}, {y.data(), y.size()}, d);
  GradientFlow<CpuBackend<double>> flow(backend, field, FieldSpec{}, m, d);

  ParticleArray particles = draw_initial(
      {.law = InitLaw::gaussian, .sampling = InitSampling::iid, .amplitude = Amplitude::gaussian},
      m, d, seed);
  IntegrateCallbacks callbacks;
  callbacks.on_record = [](Record& r, auto&&...) {
    std::printf("t = %6.1f   risk = %.3e   energy residual = %.1e\n", r.t, r.risk,
                r.energy_residual.value_or(NAN));
  };
  const IntegrationResult result =
      integrate(flow, IntegratorSpec{}, particles.view(), {0, 1, 10, 100}, callbacks);
  return result.outcome == Outcome::finished ? 0 : 1;
}
