// How runs go and end: record times, rejected steps, divergence with the last finite state kept,
// interruption.
#include <gtest/gtest.h>

#include "problem.hpp"

namespace mckean {
namespace {

using Method = IntegratorSpec::Method;
using test::adaptive;
using test::fixed_step;
using test::run;

TEST(Integrate, RecordsAtExactlyTheTimesAskedFor) {
  const test::SmoothData data;
  const auto field = data.field();
  const std::vector<double> times{0, .1, 1. / 3, 1, 2.7};
  for (const Method method : {Method::euler, Method::rk4, Method::dopri5, Method::proximal}) {
    IntegratorSpec spec = fixed_step(method, .1);
    spec.proximal_tolerance = 1e-6;
    const auto result = run(field, {}, spec, test::gaussian_particles(8, data.d), times);
    ASSERT_EQ(result.records.size(), times.size());
    for (std::size_t i = 0; i < times.size(); ++i) EXPECT_EQ(result.records[i].t, times[i]);
    EXPECT_GT(result.records.back().evaluations, result.records.back().step);
  }
}

TEST(Integrate, FixedStepsOfADivisorOfTheTimeAreThatMany) {
  const test::SmoothData data;
  const auto field = data.field();
  const auto result =
      run(field, {}, fixed_step(Method::heun, .1), test::gaussian_particles(8, data.d), {0, 1, 10});
  EXPECT_EQ(result.records[1].step, 10u);
  EXPECT_EQ(result.records[2].step, 100u);
}

// Square activation and a large step: the state overflows after a few steps.
TEST(Integrate, DivergenceKeepsTheLastFiniteState) {
  const test::SmoothData data;
  const auto field = data.field({ActivationKind::square});
  for (const Method method : {Method::euler, Method::heun, Method::rk4}) {
    const auto result =
        run(field, {}, fixed_step(method, 50), test::gaussian_particles(8, data.d), {0, 5000});
    EXPECT_EQ(result.result.outcome, Outcome::diverged);
    EXPECT_NE(result.result.message.find("dt"), std::string::npos);
    EXPECT_LT(result.result.reached.t, 5000);
    for (const double value : result.particles.values) EXPECT_TRUE(std::isfinite(value));
  }
}

// The first step is far beyond stability: the adaptive method must come back from it and still be
// accurate.
TEST(Integrate, AdaptiveStepsRecoverFromAnOverflow) {
  const test::SmoothData data;
  const auto field = data.field({ActivationKind::square});
  const ParticleArray start = test::gaussian_particles(8, data.d);
  IntegratorSpec spec = adaptive(1e-9);
  spec.dt = 1e80;
  const auto result = run(field, {}, spec, start, {0, .5});
  ASSERT_EQ(result.result.outcome, Outcome::finished) << result.result.message;
  EXPECT_GT(result.records.back().rejected, 0u);
  const auto exact = run(field, {}, fixed_step(Method::rk4, 1. / 4096), start, {0, .5});
  EXPECT_LT(test::distance(result.particles, exact.particles), 1e-6);
}

TEST(Integrate, ImpossibleToleranceIsReported) {
  const test::SmoothData data;
  const auto field = data.field();
  IntegratorSpec spec = adaptive(1e-30);
  const auto result = run(field, {}, spec, test::gaussian_particles(8, data.d), {0, 1});
  EXPECT_EQ(result.result.outcome, Outcome::not_converged);
  EXPECT_NE(result.result.message.find("rtol"), std::string::npos);
}

// |a||b| at lambda = 1 pushes every a to 0 and holds it there, where its velocity jumps: an
// ordinary error control would ask for ever shorter steps. What is let through above the tolerance
// is counted, and ends where the exact flow does, at the zero network.
TEST(Integrate, ParticlesHeldOnAKinkDoNotHaltTheFlow) {
  const test::SmoothData data;
  const auto field = data.field();
  FieldSpec spec;
  spec.regularizer = Regularizer::path;
  spec.lambda = 1;
  const auto result =
      run(field, spec, adaptive(1e-6), test::gaussian_particles(30, data.d), {0, 20});
  ASSERT_EQ(result.result.outcome, Outcome::finished) << result.result.message;
  EXPECT_GT(result.result.kinked.count, 0u);
  EXPECT_GT(result.result.kinked.largest_error, 1);
  EXPECT_LT(result.result.reached.evaluations, 50000u);
  EXPECT_LT(result.records.back().path_norm, 1e-2 * result.records.front().path_norm);
}

TEST(Integrate, SmoothFlowsMeetNoKinks) {
  const test::SmoothData data;
  const auto field = data.field();
  const auto result =
      run(field, {}, adaptive(1e-9), test::gaussian_particles(30, data.d), {0, 1, 10});
  EXPECT_EQ(result.result.kinked.count, 0u);
}

TEST(Integrate, InitialStateThatIsNotFinite) {
  const test::SmoothData data;
  const auto field = data.field();
  ParticleArray start = test::gaussian_particles(8, data.d);
  start.values[3] = NAN;
  EXPECT_EQ(run(field, {}, adaptive(1e-6), start, {0, 1}).result.outcome, Outcome::diverged);
}

TEST(Integrate, OnStepEndsTheRun) {
  const test::SmoothData data;
  const auto field = data.field();
  ParticleArray w = test::gaussian_particles(8, data.d);
  GradientFlow<test::Cpu> flow(test::cpu(), field, {}, w.m, w.d);
  IntegrateCallbacks callbacks;
  callbacks.on_step = [](const Progress& progress) { return progress.step < 3; };
  const auto result = integrate(flow, fixed_step(Method::euler, .1), w.view(), {0, 1}, callbacks);
  EXPECT_EQ(result.outcome, Outcome::interrupted);
  EXPECT_EQ(result.reached.step, 3u);
}

TEST(Integrate, FrozenParametersStayAndTheSphereIsKept) {
  const test::SmoothData data;
  const auto field = data.field();
  ParticleArray start = test::gaussian_particles(8, data.d);
  test::cpu().normalize_directions(start.view());
  for (const Train train : {Train::inner, Train::outer}) {
    FieldSpec spec;
    spec.train = train;
    spec.constraint = train == Train::inner ? Constraint::sphere : Constraint::none;
    const auto result = run(field, spec, adaptive(1e-8), start, {0, 1});
    double moved_a = 0, moved_b = 0, off_sphere = 0;
    for (std::size_t j = 0; j < start.m; ++j) {
      moved_a = std::max(moved_a, std::abs(result.particles.values[j] - start.values[j]));
      double squared = 0;
      for (std::size_t k = 1; k <= start.d; ++k) {
        const double b = result.particles.values[k * start.m + j];
        moved_b = std::max(moved_b, std::abs(b - start.values[k * start.m + j]));
        squared += b * b;
      }
      off_sphere = std::max(off_sphere, std::abs(squared - 1));
    }
    EXPECT_EQ(train == Train::inner ? moved_a : moved_b, 0);
    EXPECT_GT(train == Train::inner ? moved_b : moved_a, 1e-3);
    EXPECT_LT(train == Train::inner ? off_sphere : 0, 4 * 2.3e-16);
  }
}

}  // namespace
}  // namespace mckean
