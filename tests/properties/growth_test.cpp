// The fastest growth of a small displacement against the Jacobian of naive loops.
#include "host/flow/growth.hpp"

#include <gtest/gtest.h>

#include "problem.hpp"

namespace mckean {
namespace {

using test::backend;
using Flow = GradientFlow<test::FlowBackend>;

/// Largest eigenvalue of the Jacobian of the naive drift: by its columns, and by a power iteration
/// on what a shift makes positive.
double largest_rate(const reference::NaiveFlow& flow, const reference::PlaneState& w) {
  const std::size_t size = w.values.size();
  const double h = 1e-5;
  std::vector<std::vector<double>> columns(size);
  for (std::size_t i = 0; i < size; ++i) {
    reference::PlaneState above = w, below = w;
    above.values[i] += h;
    below.values[i] -= h;
    columns[i] = flow.drift(above).values;
    const auto other = flow.drift(below).values;
    for (std::size_t k = 0; k < size; ++k) columns[i][k] = (columns[i][k] - other[k]) / (2 * h);
  }
  const double shift = 20;
  std::vector<double> x = reference::random_values(size, 3);
  double rate = 0;
  for (int iteration = 0; iteration < 20000; ++iteration) {
    std::vector<double> next(size);
    for (std::size_t i = 0; i < size; ++i) {
      next[i] += shift * x[i];
      for (std::size_t k = 0; k < size; ++k) next[k] += columns[i][k] * x[i];
    }
    double square = 0;
    for (const double value : next) square += value * value;
    rate = std::sqrt(square) - shift;
    for (std::size_t i = 0; i < size; ++i) x[i] = next[i] / std::sqrt(square);
  }
  return rate;
}

/// Searches of one flow at one state, on differences of its drift.
struct Search {
  Search(const Field<test::FlowBackend>& field, const FieldSpec& spec, const ParticleArray& start)
      : flow(backend(), field, spec, start.m, start.d),
        state(test::to_backend(backend(), start)),
        growth(flow) {
    for (auto* buffer : {&drift, &moved, &scratch[0], &scratch[1], &scratch[2], &scratch[3]})
      *buffer = backend().allocate<double>(flow.size());
    flow.drift(at(state), flow.state(drift.view()), 0);
  }

  Particles<const double, test::FlowBackend::space> at(
      const Buffer<double, test::FlowBackend::space>& values) const {
    return flow.state(values.view());
  }
  double rate(int most) {
    const double epsilon = 1e-7;
    using Vector = View<double, test::FlowBackend::space>;
    using ConstVector = View<const double, test::FlowBackend::space>;
    const auto image = [&](ConstVector x, double size, Vector out) {
      LinearTerms<test::FlowBackend::space> sum, difference;
      sum.add(1, std::as_const(state).view());
      sum.add(epsilon / size, x);
      backend().linear_combination(sum, moved.view());
      flow.drift(at(moved), flow.state(out), 0);
      difference.add(size / epsilon, out);
      difference.add(-size / epsilon, std::as_const(drift).view());
      backend().linear_combination(difference, out);
    };
    const std::uint64_t before = flow.evaluations();
    growth.search(most, 1e-9, image, [](Vector) {}, std::as_const(drift).view(), step++,
                  {scratch[0].view(), scratch[1].view(), scratch[2].view(), scratch[3].view()});
    EXPECT_LE(flow.evaluations() - before, static_cast<std::uint64_t>(most));
    return growth.rate();
  }

  Flow flow;
  Buffer<double, test::FlowBackend::space> state, drift, moved, scratch[4];
  Growth<test::FlowBackend> growth;
  std::uint64_t step = 0;
};

TEST(Growth, IsTheLargestEigenvalueOfTheJacobian) {
  const test::SmoothData data;
  ParticleArray start = test::gaussian_particles(6, data.d);
  for (const Scaling scaling : {Scaling::mean_field, Scaling::standard, Scaling::ntk}) {
    const auto field = data.field({ActivationKind::tanh}, scaling);
    for (const Train train : {Train::both, Train::inner}) {
      FieldSpec spec{.scaling = scaling, .train = train};
      spec.mobility_a = 3;
      spec.mobility_b = .5;
      Search search(field, spec, start);
      double rate = 0;
      for (int i = 0; i < test::sized(8, 4); ++i) rate = search.rate(16);
      const double exact = largest_rate(naive(data, "tanh", spec), test::planes(start));
      EXPECT_GT(exact, .01);
      EXPECT_NEAR(rate, exact, .03 * exact);
    }
  }
}

// The drift of equal particles, and all that it becomes by the Jacobian, moves them alike: what
// parts them is in the noise.
TEST(Growth, OfEqualParticlesIsThatWhichPartsThem) {
  const test::SmoothData data;
  const auto field = data.field();
  ParticleArray start = test::gaussian_particles(1, data.d), equal(5, data.d);
  for (std::size_t k = 0; k <= data.d; ++k) {
    for (std::size_t j = 0; j < equal.m; ++j) equal.values[k * equal.m + j] = start.values[k];
  }
  Search search(field, {}, equal);
  double rate = 0;
  for (int i = 0; i < test::sized(8, 4); ++i) rate = search.rate(16);
  const double together = largest_rate(naive(data, "tanh", {}), test::planes(start));
  const double exact = largest_rate(naive(data, "tanh", {}), test::planes(equal));
  EXPECT_GT(exact, 1.1 * std::max(together, 0.));
  EXPECT_NEAR(rate, exact, .03 * exact);
}

}  // namespace
}  // namespace mckean
