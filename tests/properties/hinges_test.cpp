// Flows of piecewise linear activations, whose particles slide along hinges: an adaptive run against
// naive steps so short that their chatter is below what is compared.
#include <gtest/gtest.h>

#include "problem.hpp"

namespace mckean {
namespace {

using Method = IntegratorSpec::Method;
using test::adaptive;
using test::run;

struct HingeData {
  static constexpr std::size_t n = 50, d = 2, m = 40;
  std::vector<double> x = draw_samples(DataLaw::gaussian, n, d, 3, 0);
  std::vector<double> y = std::vector<double>(n);
  HingeData() {
    for (std::size_t i = 0; i < n; ++i) y[i] = std::sin(x[i * d] + 2 * x[i * d + 1]);
  }
};

// Naive Euler steps of h chatter across a plane by h times the jump: with h = 1/16000 and jumps below
// 1 the reference is right to about 1e-4.
class Hinges : public ::testing::TestWithParam<Method> {};

TEST_P(Hinges, ErrorFallsWithTheTolerance) {
  const HingeData data;
  const double t = 5;
  const SampledData<test::Cpu> field(test::cpu(), *find_activation("abs"), Scaling::mean_field,
                                     test::as_view(data.x), test::as_view(data.y), data.d);
  const ParticleArray start = test::gaussian_particles(data.m, data.d, 1);
  const reference::NaiveFlow flow{reference::activation_named("abs"), {}, data.d, data.x, data.y};
  reference::PlaneState exact = test::planes(start);
  const int steps = 80000;
  for (int i = 0; i < steps; ++i) exact = flow.euler_step(exact, t / steps);
  double previous = INFINITY;
  for (const double rtol : {1e-3, 1e-4, 1e-5, 1e-6}) {
    const auto result = run(field, {}, adaptive(rtol, GetParam()), start, {0, t});
    ASSERT_EQ(result.result.outcome, Outcome::finished) << result.result.message;
    double largest = 0;
    for (std::size_t i = 0; i < exact.values.size(); ++i)
      largest = std::max(largest, std::abs(result.particles.values[i] - exact.values[i]));
    std::printf("rtol %g largest %g steps %d rejected %d sliding %d residual %g\n", rtol, largest,
                int(result.result.reached.step), int(result.result.reached.rejected),
                int(result.result.sliding), *result.result.energy_residual);
    EXPECT_LT(largest, previous);
    previous = largest;
  }
}

INSTANTIATE_TEST_SUITE_P(All, Hinges, ::testing::Values(Method::rkc, Method::dopri5));

}  // namespace
}  // namespace mckean
