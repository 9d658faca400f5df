// How often a run waits for its back end, and that what it does not wait for changes nothing.
#include <gtest/gtest.h>

#include "properties/separate_memory.hpp"
#include "properties/watched_run.hpp"

namespace mckean::test {
namespace {

/// Fixed steps of several kinds.
std::vector<Problem> fixed_problems() {
  std::vector<Problem> problems;
  for (const Method method : {Method::euler, Method::heun, Method::rk4}) {
    Problem problem;
    problem.integrator = fixed_step(method, .05);
    problems.push_back(problem);
    problem.spec = {.constraint = Constraint::sphere, .regularizer = Regularizer::l2, .lambda = .1};
    problem.activation = ActivationKind::piecewise_linear;
    problems.push_back(problem);
    problem.batch = true;
    problems.push_back(problem);
  }
  problems.push_back(problems.front());
  problems.back().integrator.temperature = .01;
  problems.push_back(problems.front());
  problems.back().integrator.stop = {1e-9, 1e-9, {}};
  return problems;
}

TEST(Waiting, FixedStepsWaitAtRecordsOnly) {
  for (const Problem& problem : fixed_problems()) {
    for (const int delay : {0, 3, 1000}) {
      const SeparateMemory memory(delay);
      const WatchedRun out = watch(memory, problem, {0, 1, 2});
      ASSERT_EQ(out.run.result.outcome, Outcome::finished) << out.run.result.message;
      ASSERT_EQ(out.seen.size(), 40u);
      for (std::size_t i = 1; i < 40; ++i) {
        if (i == 19 || i == 39) continue;  // steps with a record
        EXPECT_EQ(out.seen[i].traffic.synchronizations, out.seen[i - 1].traffic.synchronizations) << i;
      }
      EXPECT_EQ(out.seen[0].traffic.synchronizations, out.seen[18].traffic.synchronizations);
      // What a record waits for: the audit and the sums.
      EXPECT_LE(out.seen[19].traffic.synchronizations - out.seen[18].traffic.synchronizations, 2u);
      expect_same(out.run, watch(backend(), problem, {0, 1, 2}).run);
    }
  }
}

// A field is asked for once a stage, and the inner stages have their squares from one list.
TEST(Waiting, FixedStepsAskForNothingTwice) {
  Problem problem;
  problem.integrator = fixed_step(Method::rk4, .05);
  const SeparateMemory memory;
  watch(memory, problem, {0, 2});
  EXPECT_EQ(memory.traffic().fields, 4u * 40 + 1);
  // One of the state and one of the inner stages a step; one at the start.
  EXPECT_EQ(memory.traffic().inner_products, 2u * 40 + 1);
}

TEST(Waiting, SmoothAdaptiveStepsWaitOnceATry) {
  for (const Method method : {Method::dopri5, Method::rkc}) {
    Problem problem;
    problem.integrator = adaptive(1e-4, method);
    problem.scale_a = 10;
    const SeparateMemory memory;
    const WatchedRun out = watch(memory, problem, {0, 3});
    ASSERT_EQ(out.run.result.outcome, Outcome::finished) << out.run.result.message;
    const std::vector<Seen>& seen = out.seen;
    ASSERT_GT(seen.size(), 10u);
    std::size_t refreshed = 0;
    for (std::size_t i = 1; i + 1 < seen.size(); ++i) {  // the last step has a record
      const std::uint64_t tries = seen[i].tries - seen[i - 1].tries;
      const std::uint64_t waits = seen[i].traffic.synchronizations - seen[i - 1].traffic.synchronizations;
      if (waits == tries) continue;
      ++refreshed;
      // A power iteration on the spectral radius: a norm to begin with, and one each.
      EXPECT_EQ(method, Method::rkc) << i;
      EXPECT_GT(waits, tries) << i;
      EXPECT_LE(waits, tries + 1 + 30) << i;
    }
    EXPECT_LE(refreshed, seen.size() / 4) << seen.size();
    expect_same(out.run, watch(backend(), problem, {0, 3}).run);
  }
}

TEST(Waiting, AProximalDirectionWaitsOnce) {
  Problem problem;
  problem.integrator = fixed_step(Method::proximal, .05);
  const SeparateMemory memory;
  const WatchedRun out = watch(memory, problem, {0, 2});
  ASSERT_EQ(out.run.result.outcome, Outcome::finished) << out.run.result.message;
  for (std::size_t i = 1; i + 1 < out.seen.size(); ++i) {
    // Every evaluation of the step waits once, all but the first and that of the end follow a
    // direction, and the audit waits once.
    const std::uint64_t evaluations = out.seen[i].evaluations - out.seen[i - 1].evaluations;
    EXPECT_LE(out.seen[i].traffic.synchronizations - out.seen[i - 1].traffic.synchronizations, 2 * (evaluations - 1)) << i;
  }
  expect_same(out.run, watch(backend(), problem, {0, 2}).run);
}

/// Runs that a fixed step ends: J that rises, values that are not finite, stop rules.
std::vector<Problem> ended_problems() {
  Problem problem;
  problem.activation = ActivationKind::square;
  std::vector<Problem> problems;
  for (const Method method : {Method::euler, Method::rk4}) {
    for (const bool audit : {true, false}) {
      for (const double temperature : {0., .1}) {
        if (temperature > 0 && method != Method::euler) continue;
        problem.integrator = fixed_step(method, 3);
        problem.integrator.audit = audit;
        problem.integrator.temperature = temperature;
        problems.push_back(problem);
      }
    }
  }
  problem.batch = true;
  problems.push_back(problem);
  for (const StopRules& rules : {StopRules{.risk = .9, .gradient = {}, .w2 = {}},
                                 StopRules{.risk = {}, .gradient = .3, .w2 = {}}}) {
    Problem stopped;
    stopped.integrator = fixed_step(Method::heun, .05);
    stopped.integrator.stop = rules;
    problems.push_back(stopped);
  }
  return problems;
}

// Whenever the host notices, the outcome is that of the step that ended the run.
TEST(Waiting, LateNoticeChangesNothing) {
  std::size_t diverged = 0, converged = 0;
  for (const Problem& problem : ended_problems()) {
    const std::vector<double> times{0, 100 * problem.integrator.dt};
    const WatchedRun expected = watch(backend(), problem, times);
    diverged += expected.run.result.outcome == Outcome::diverged;
    converged += expected.run.result.outcome == Outcome::converged;
    EXPECT_LT(expected.run.result.reached.step, 100u);
    for (const int delay : {0, 1, 5, 1000}) {
      const SeparateMemory memory(delay);
      const WatchedRun late = watch(memory, problem, times);
      if (delay == 1000) {
        EXPECT_GT(late.seen.size(), expected.seen.size());
      }
      expect_same(late.run, expected.run);
    }
  }
  EXPECT_EQ(diverged, 7u);
  EXPECT_EQ(converged, 2u);
}

}  // namespace
}  // namespace mckean::test
