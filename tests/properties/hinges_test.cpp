// Flows of |b . x|, whose particles slide along hinges: adaptive runs against Euler steps so short
// that their chatter across the planes is below what is compared.
#include <gtest/gtest.h>

#include "problem.hpp"

namespace mckean {
namespace {

using Method = IntegratorSpec::Method;
using test::adaptive;
using test::HingeData;
using test::run;

class Hinges : public ::testing::TestWithParam<Method> {};

TEST_P(Hinges, ErrorFallsWithTheTolerance) {
  const HingeData data;
  const auto field = data.field();
  const auto exact =
      run(field, {}, test::fixed_step(Method::euler, data.end / 100000), data.start, {data.end});
  // At 1e-3 one of the 40 particles may go the other way from a hinge.
  double previous = .2, previous_rms = .05;
  for (const double rtol : {1e-3, 1e-4, 1e-5, 1e-6}) {
    IntegratorSpec spec = adaptive(rtol, GetParam());
    spec.atol = rtol / 100;
    const auto result = run(field, {}, spec, data.start, {data.end});
    ASSERT_EQ(result.result.reached.t, data.end) << result.result.message;
    double largest = 0;
    for (std::size_t i = 0; i < data.start.values.size(); ++i) {
      largest = std::max(largest, std::abs(result.particles.values[i] - exact.particles.values[i]));
    }
    EXPECT_LT(largest, previous) << rtol;
    previous = largest;
    const double rms = test::distance(result.particles, exact.particles);
    EXPECT_LT(rms, previous_rms) << rtol;
    previous_rms = rms;
  }
}

// The identity holds to what the tolerance implies, which is what a finished run says.
TEST_P(Hinges, EnergyIdentityHolds) {
  const HingeData data;
  const auto field = data.field();
  for (const double rtol : {1e-3, 1e-4}) {
    IntegratorSpec spec = adaptive(rtol, GetParam());
    spec.atol = rtol / 100;
    const auto result = run(field, {}, spec, data.start, {data.end});
    EXPECT_EQ(result.result.outcome, Outcome::finished) << rtol << " " << result.result.message;
  }
}

// On the sphere hinges beside the origin are circles: a curved thing to slide along.
TEST_P(Hinges, CirclesOfTheSphereAreHeld) {
  const HingeData data;
  const auto field = data.field("relu:0.3");
  FieldSpec spec;
  spec.constraint = Constraint::sphere;
  spec.train = Train::inner;
  const auto exact =
      run(field, spec, test::fixed_step(Method::euler, data.end / 200000), data.start, {data.end});
  double previous = .1;
  for (const double rtol : {1e-3, 1e-4, 1e-5}) {
    IntegratorSpec adaptive_spec = adaptive(rtol, GetParam());
    adaptive_spec.atol = rtol / 100;
    const auto result = run(field, spec, adaptive_spec, data.start, {data.end});
    ASSERT_EQ(result.result.outcome, Outcome::finished) << result.result.message;
    EXPECT_GT(result.result.sliding, 0u);
    const double error = test::distance(result.particles, exact.particles);
    EXPECT_LT(error, previous) << rtol;
    previous = error;
    // Chatter would take steps of the size of the tolerance.
    EXPECT_LT(result.result.reached.step, 1000u) << rtol;
  }
}

// All hinges meet at b = 0. From a start near it some particles are drawn there and stay, others
// leave; from a start at it the drift on either side of a hinge is not that of the flow.
TEST_P(Hinges, TheOriginHoldsWhatIsDrawnThere) {
  // f lies above most of y at first: positive amplitudes are unwelcome.
  const HingeData data(-1);
  const auto field = data.field();
  FieldSpec spec;
  spec.train = Train::inner;
  for (const double size : {1e-3, 0.}) {
    ParticleArray start = data.start;
    for (std::size_t j = 0; j < data.m; ++j) start.values[j] = j % 2 == 0 ? 1 : -1;
    for (std::size_t i = data.m; i < start.values.size(); ++i) start.values[i] *= size;
    const auto exact =
        run(field, spec, test::fixed_step(Method::euler, data.end / 200000), start, {data.end});
    IntegratorSpec adaptive_spec = adaptive(1e-4, GetParam());
    adaptive_spec.atol = 1e-6;
    const auto result = run(field, spec, adaptive_spec, start, {data.end});
    ASSERT_EQ(result.result.outcome, Outcome::finished) << result.result.message;
    // From b = 0 itself a particle may leave along any of the directions in which J falls.
    if (size > 0) {
      EXPECT_NEAR(result.records.back().objective, exact.records.back().objective,
                  2e-3 * exact.records.back().objective);
    }
    EXPECT_LT(result.result.reached.evaluations, 5000u);
    std::size_t resting = 0;
    for (std::size_t j = 0; j < data.m; ++j) {
      double norm = 0;
      for (std::size_t k = 1; k <= data.d; ++k)
        norm += std::abs(result.particles.values[k * data.m + j]);
      resting += norm == 0;
    }
    EXPECT_GT(resting, data.m / 4);
    EXPECT_LT(resting, data.m);
  }
}

INSTANTIATE_TEST_SUITE_P(All, Hinges, ::testing::Values(Method::rkc, Method::dopri5));

// A particle at b = 0 leaves it at once where J falls, at every tolerance alike: y = |x| needs a
// second neuron beside relu(x), and only the other side is free.
TEST(TheOrigin, IsLeftAtOnceWhereJFalls) {
  const std::vector<double> x{1, 2, -1, -2}, y{1, 2, 1, 2};
  const SampledData<test::FlowBackend> field(test::backend(), *find_activation("relu"),
                                             Scaling::standard, test::as_view(x), test::as_view(y),
                                             1);
  FieldSpec spec;
  spec.scaling = Scaling::standard;
  ParticleArray start(2, 1);
  start.values = {1, 1, 1, 0};
  for (const Method method : {Method::rkc, Method::dopri5}) {
    double first = 0;
    for (const double rtol : {1e-4, 1e-6, 1e-8}) {
      const auto result = run(field, spec, adaptive(rtol, method), start, {.5});
      ASSERT_EQ(result.result.outcome, Outcome::finished) << result.result.message;
      const double b = result.particles.values[3];
      if (first == 0) first = b;
      EXPECT_LT(b, -.1);
      EXPECT_NEAR(b, first, 2e-3);
    }
  }
}

// lambda |a||b| alone takes b to 0 in a finite time, and J with it: nothing is right relative to J
// then, and nothing has to be.
TEST(TheOrigin, IsReachedWithJ) {
  const std::vector<double> x{1}, y{0};
  for (const char* activation : {"relu", "abs", "tanh"}) {
    const SampledData<test::FlowBackend> field(test::backend(), *find_activation(activation),
                                               Scaling::mean_field, test::as_view(x),
                                               test::as_view(y), 1);
    ParticleArray start(1, 1);
    start.values = {2, 1};
    FieldSpec spec;
    spec.regularizer = Regularizer::path;
    spec.lambda = .1;
    const auto result = run(field, spec, adaptive(1e-4, Method::rkc), start, {100});
    EXPECT_EQ(result.result.outcome, Outcome::finished) << activation << result.result.message;
    EXPECT_EQ(result.particles.values[1], 0) << activation;
    EXPECT_EQ(result.records.back().objective, 0) << activation;
  }
}

// A kink is met before J has fallen by anything that could be compared: a_3 = -2e-13 is all but 0.
TEST(RestingParticles, MayBeginToRestAtOnce) {
  const std::vector<double> x{-.287, 2.36, -.287, 2.36, -.287, 2.36}, y(3, .101);
  const SampledData<test::FlowBackend> field(test::backend(), *find_activation("relu:-.3"),
                                             Scaling::ntk, test::as_view(x), test::as_view(y), 2);
  FieldSpec spec;
  spec.scaling = Scaling::ntk;
  spec.constraint = Constraint::sphere;
  spec.regularizer = Regularizer::path;
  spec.lambda = .5;
  ParticleArray start(6, 2);
  start.values = {-.823, -1.58, -2.25e-13, .51,   0,     -.91,  -.966, -.908, -.993,
                  .996,  .944,  -.970,     -.260, -.419, -.116, .094,  -.329, -.242};
  IntegratorSpec usual = adaptive(1e-4, Method::rkc);
  usual.atol = 1e-6;
  const auto result = run(field, spec, usual, start, {10});
  EXPECT_EQ(result.result.outcome, Outcome::finished) << result.result.message;
}

// Two hinges cross at the origin, and this one particle leaves it along one of them.
TEST(TheOrigin, IsLeftAlongTheSteepestRay) {
  const std::size_t n = 4, d = 2;
  const std::vector<double> x = draw_samples(DataLaw::gaussian, n, d, 7, 0);
  const std::vector<double> y{-1, -2, 1, .5};
  const SampledData<test::FlowBackend> field(test::backend(), *find_activation("abs"),
                                             Scaling::standard, test::as_view(x), test::as_view(y),
                                             d);
  FieldSpec spec;
  spec.scaling = Scaling::standard;
  ParticleArray start(2, d);
  start.values = {2.1, -1.1, -3.8e-7, 6.5e-7, 2e-6, 6.6e-7};
  const auto result = run(field, spec, adaptive(1e-4, Method::rkc), start, {10});
  EXPECT_EQ(result.result.outcome, Outcome::finished) << result.result.message;
  EXPECT_LT(result.result.reached.evaluations, 10000u);
}

// Beside particles that rest at a kink of the path norm the velocity is as steep as one likes, but
// they rest: it is no stiffness that stages would have to be spent on.
TEST(RestingParticles, AreNotStiff) {
  const HingeData data;
  const auto field = data.field("tanh");
  FieldSpec spec;
  spec.train = Train::outer;
  spec.regularizer = Regularizer::path;
  spec.lambda = .05;
  IntegratorSpec tight = adaptive(1e-6, Method::rkc);
  tight.atol = 1e-8;
  const auto result = run(field, spec, tight, data.start, {300});
  EXPECT_EQ(result.result.outcome, Outcome::finished) << result.result.message;
  std::size_t resting = 0;
  for (std::size_t j = 0; j < data.m; ++j) resting += result.particles.values[j] == 0;
  EXPECT_GT(resting, data.m / 2);
  const Progress& reached = result.result.reached;
  EXPECT_LT(reached.evaluations, 12 * (reached.step + reached.rejected));
}

}  // namespace
}  // namespace mckean
