// Flows on the emulated CUDA back end: how often they wait and launch, and that they are those of the
// CPU.
#include <gtest/gtest.h>

#include "emulation/emulated_backend.hpp"
#include "properties/watched_run.hpp"

namespace mckean::emulation {
namespace {

using test::adaptive;
using test::fixed_step;
using test::watch;
using test::WatchedRun;
using Method = IntegratorSpec::Method;

/// Largest difference of the particles from those of the CPU.
double distance_from_cpu(const WatchedRun& run, const test::Problem& problem,
                         const std::vector<double>& times) {
  return test::distance(run.run.particles, watch(test::backend(), problem, times).run.particles);
}

/// Fixed steps without a record launch the same each, and nothing waits.
void expect_fixed(const test::Problem& problem, std::uint64_t launches) {
  const EmulatedBackend<double> backend;
  const WatchedRun out = watch(backend, problem, {0, .5});
  ASSERT_EQ(out.run.result.outcome, Outcome::finished) << out.run.result.message;
  ASSERT_EQ(out.seen.size(), 10u);
  for (std::size_t i = 1; i + 1 < out.seen.size(); ++i) {
    const test::Traffic &before = out.seen[i - 1].traffic, &after = out.seen[i].traffic;
    EXPECT_EQ(after.synchronizations, before.synchronizations) << i;
    EXPECT_EQ(after.launches - before.launches, launches) << i;
  }
  EXPECT_LT(distance_from_cpu(out, problem, {0, .5}), 1e-12);
}

// Of a smooth activation a field is two fills, the packing, forward and errors, backward, the join of
// its splits and the velocity: 8 launches, one more with the risk, and one for the drift. A sum is
// two. A step whose state is measured has the sums of squares and those over particles; any step
// has a combination for each stage, whether the state is finite, the audit, and the state to keep.
TEST(EmulatedFlow, FixedStepsLaunchAndDoNotWait) {
  constexpr std::uint64_t stage = 8 + 1 + 1, measures = 1 + 2 + 2, ends = 2 + 1 + 1;
  test::Problem problem;
  problem.integrator = fixed_step(Method::euler, .05);
  expect_fixed(problem, stage + measures + ends);
  problem.batch = true;  // gathered; neither J nor R is known
  expect_fixed(problem, 1 + stage + ends);
  problem.batch = false;
  problem.integrator = fixed_step(Method::rk4, .05);
  expect_fixed(problem, 4 * stage + 2 + measures + ends);  // with the squares of inner stages
}

TEST(EmulatedFlow, AdaptiveStepsWaitOnceATry) {
  for (const Method method : {Method::dopri5, Method::rkc}) {
    test::Problem problem;
    problem.integrator = adaptive(1e-3, method);
    const EmulatedBackend<double> backend;
    const WatchedRun out = watch(backend, problem, {0, .5});
    ASSERT_EQ(out.run.result.outcome, Outcome::finished) << out.run.result.message;
    ASSERT_GT(out.seen.size(), 3u);
    std::size_t refreshed = 0;
    for (std::size_t i = 1; i + 1 < out.seen.size(); ++i) {
      const std::uint64_t tries = out.seen[i].tries - out.seen[i - 1].tries;
      const std::uint64_t waits =
          out.seen[i].traffic.synchronizations - out.seen[i - 1].traffic.synchronizations;
      // A power iteration on the spectral radius waits once an iteration.
      EXPECT_GE(waits, tries);
      refreshed += waits != tries;
    }
    EXPECT_LE(refreshed, out.seen.size() / 4);
    EXPECT_LT(distance_from_cpu(out, problem, {0, .5}), 1e-9);
  }
}

// Rounding is all that is different: every sum has another order. An adaptive step has a length that
// follows from such sums, so that there a hundredth of the tolerance is allowed.
TEST(EmulatedFlow, IsThatOfTheCpu) {
  std::vector<test::Problem> problems(5);
  problems[0].integrator = fixed_step(Method::heun, .05);
  problems[0].integrator.temperature = .01;
  problems[1].integrator = fixed_step(Method::proximal, .05);
  problems[2].integrator = fixed_step(Method::rk4, .05);
  problems[2].spec = {.constraint = Constraint::sphere, .regularizer = Regularizer::l2, .lambda = .1};
  problems[2].activation = ActivationKind::piecewise_linear;
  problems[3].integrator = adaptive(1e-4, Method::rkc);
  problems[3].spec = {.regularizer = Regularizer::path, .lambda = .5};
  problems[4].integrator = adaptive(1e-4, Method::dopri5);
  problems[4].activation = ActivationKind::piecewise_linear;
  for (std::size_t i = 0; i < problems.size(); ++i) {
    const EmulatedBackend<double> backend;
    const WatchedRun out = watch(backend, problems[i], {0, .2});
    ASSERT_EQ(out.run.result.outcome, Outcome::finished) << i << out.run.result.message;
    EXPECT_LT(distance_from_cpu(out, problems[i], {0, .2}), i < 3 ? 1e-9 : 1e-6) << i;
  }
}

}  // namespace
}  // namespace mckean::emulation
