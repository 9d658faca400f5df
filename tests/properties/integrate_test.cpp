// How runs go and end: record times, rejected steps, divergence with a finite state kept,
// interruption.
#include <gtest/gtest.h>

#include "problem.hpp"

namespace mckean {
namespace {

using Method = IntegratorSpec::Method;
using test::adaptive;
using test::fixed_step;
using test::run;

const Method every_method[] = {Method::euler,  Method::heun, Method::rk4,
                               Method::dopri5, Method::rkc,  Method::proximal};

// Adaptive methods are interpolated at the times asked for; fixed steps stand at t = k dt, and a
// record at the first of them at or after its time.
TEST(Integrate, RecordsAtTheirTimesOrAtTheFirstStepAfter) {
  const test::SmoothData data;
  const auto field = data.field();
  const std::vector<double> times{0, .1, 1. / 3, 1, 2.7};
  const double steps[] = {0, 1, 4, 10, 27};
  for (const Method method : every_method) {
    IntegratorSpec spec = fixed_step(method, .1);
    spec.proximal_tolerance = 1e-6;
    spec.audit = false;  // steps of .1 are long
    const auto result = run(field, {}, spec, test::gaussian_particles(8, data.d), times);
    ASSERT_EQ(result.result.outcome, Outcome::finished) << result.result.message;
    ASSERT_EQ(result.records.size(), times.size());
    for (std::size_t i = 0; i < times.size(); ++i)
      EXPECT_EQ(result.records[i].t, spec.adaptive() ? times[i] : steps[i] * .1);
    EXPECT_GT(result.records.back().evaluations, result.records.back().step);
  }
}

TEST(Integrate, TimesWithinOneFixedStepShareARow) {
  const test::SmoothData data;
  const auto field = data.field();
  const std::vector<double> times{0, .01, .05, .1, .11, .4, 1.05};
  const auto result =
      run(field, {}, fixed_step(Method::euler, .1), test::gaussian_particles(8, data.d), times);
  std::vector<double> found;
  for (const Record& record : result.records) found.push_back(record.t);
  EXPECT_EQ(found, (std::vector<double>{0, .1, 2 * .1, .4, 11 * .1}));
  EXPECT_EQ(result.result.reached.t, 11 * .1);
}

// k dt and the sum of k values dt differ by rounding: neither adds a step nor leaves one out.
TEST(Integrate, FixedStepsOfADivisorOfTheTimeAreThatMany) {
  const std::vector<double> x{1}, y{.5};
  const SampledData<test::FlowBackend> field(test::backend(), {ActivationKind::tanh}, Scaling::mean_field,
                                     test::as_view(x), test::as_view(y), 1);
  const ParticleArray start = test::gaussian_particles(1, 1);
  struct {
    double dt, t;
    std::uint64_t steps;
  } const cases[] = {{.1, 1, 10},        {.1, 10, 100},   {.001, 10, 10000},  {.3, .9, 3},
                     {1. / 3, 100, 300}, {.7, 70.7, 101}, {.001, 100, 100000}};
  for (const auto& each : cases) {
    const auto result = run(field, {}, fixed_step(Method::euler, each.dt), start, {0, each.t});
    EXPECT_EQ(result.records.back().step, each.steps) << each.dt << " " << each.t;
    EXPECT_NEAR(result.records.back().t / each.t, 1, 1e-15);
  }
}

// The first k dt at or after the end.
TEST(Integrate, FixedStepsEndAtTheFirstStepAtOrAfterTheEnd) {
  const test::SmoothData data;
  const auto field = data.field();
  const auto result =
      run(field, {}, fixed_step(Method::heun, .3), test::gaussian_particles(8, data.d), {0, 1});
  EXPECT_EQ(result.records.back().step, 4u);
  EXPECT_EQ(result.records.back().t, 4 * .3);
}

// Square activation and a large step: the state overflows after a few steps.
TEST(Integrate, DivergenceKeepsAFiniteState) {
  const test::SmoothData data;
  const auto field = data.field({ActivationKind::square});
  for (const Method method : {Method::euler, Method::heun, Method::rk4}) {
    const auto result =
        run(field, {}, fixed_step(method, 50), test::gaussian_particles(8, data.d), {0, 5000});
    EXPECT_EQ(result.result.outcome, Outcome::diverged);
    EXPECT_NE(result.result.message.find("take a smaller"), std::string::npos);
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
  const auto exact = run(field, {}, fixed_step(Method::rk4, 1. / 4096), start, {0, .5});
  for (const Method method : {Method::dopri5, Method::rkc}) {
    IntegratorSpec spec = adaptive(method == Method::rkc ? 1e-4 : 1e-9, method);
    spec.dt = 1e80;
    const auto result = run(field, {}, spec, start, {0, .5});
    ASSERT_EQ(result.result.outcome, Outcome::finished) << result.result.message;
    EXPECT_TRUE(method == Method::rkc || result.records.back().rejected > 0);
    EXPECT_LT(test::distance(result.particles, exact.particles), spec.rtol == 1e-4 ? 1e-3 : 1e-6);
  }
}

TEST(Integrate, ImpossibleToleranceIsReported) {
  const test::SmoothData data;
  const auto field = data.field();
  for (const Method method : {Method::dopri5, Method::rkc}) {
    ParticleArray w = test::gaussian_particles(8, data.d);
    GradientFlow<test::FlowBackend> flow(test::backend(), field, {}, w.m, w.d);
    IntegrateCallbacks callbacks;  // rather than for ever
    callbacks.on_step = [](const Progress& progress) { return progress.step < 2000; };
    const auto result = test::integrate_host(flow, adaptive(1e-30, method), w, {0, 1}, callbacks);
    EXPECT_EQ(result.outcome, Outcome::not_converged);
    EXPECT_NE(result.message.find("rtol"), std::string::npos);
  }
}

// |a||b| at lambda = 1 pushes every particle to 0, where the velocity jumps, and holds it there:
// the flow goes on at the smooth rate and ends at the zero network, a few digits of which rounding
// keeps.
TEST(Integrate, ParticlesHeldAtZeroByThePathNormDoNotHaltTheFlow) {
  const test::SmoothData data;
  const auto field = data.field();
  FieldSpec spec;
  spec.regularizer = Regularizer::path;
  spec.lambda = 1;
  for (const Method method : {Method::dopri5, Method::rkc}) {
    const auto result =
        run(field, spec, adaptive(1e-4, method), test::gaussian_particles(30, data.d), {0, 20});
    ASSERT_EQ(result.result.outcome, Outcome::finished) << result.result.message;
    EXPECT_LT(result.result.reached.evaluations, 30000u);
    EXPECT_LT(result.records.back().path_norm, 1e-3 * result.records.front().path_norm);
    EXPECT_LT(std::abs(*result.records.back().energy_residual), 30 * 1e-4);
  }
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
  GradientFlow<test::FlowBackend> flow(test::backend(), field, {}, w.m, w.d);
  IntegrateCallbacks callbacks;
  callbacks.on_step = [](const Progress& progress) { return progress.step < 3; };
  const auto result = test::integrate_host(flow, fixed_step(Method::euler, .1), w, {0, 1}, callbacks);
  EXPECT_EQ(result.outcome, Outcome::interrupted);
  EXPECT_EQ(result.reached.step, 3u);
}

TEST(Integrate, FrozenParametersStayAndTheSphereIsKept) {
  const test::SmoothData data;
  const auto field = data.field();
  ParticleArray start = test::gaussian_particles(8, data.d);
  auto state = test::to_backend(test::backend(), start);
  test::backend().normalize_directions({state.view(), start.m, start.d});
  test::from_backend(test::backend(), state, start);
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
