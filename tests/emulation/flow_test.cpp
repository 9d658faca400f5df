// Flows on the emulated CUDA back end: what a step launches and how often it waits, to the last
// one, and that they are the flows of the CPU.
#include <gtest/gtest.h>

#include "emulation/emulated_backend.hpp"
#include "properties/watched_run.hpp"

namespace mckean::emulation {
namespace {

using test::adaptive;
using test::fixed_step;
using test::searches;
using test::Seen;
using test::watch;
using test::WatchedRun;
using Method = IntegratorSpec::Method;

/// Largest difference of the particles from those of the CPU.
double distance_from_cpu(const WatchedRun& run, const test::Problem& problem,
                         const std::vector<double>& times) {
  return test::distance(run.run.particles, watch(test::backend(), problem, times).run.particles);
}

/// The steps of a run to `end`, which is that of the CPU up to `allowed`.
std::vector<Seen> steps_of(const test::Problem& problem, double end, double allowed) {
  const EmulatedBackend<double> backend;
  const WatchedRun out = watch(backend, problem, {0, end});
  EXPECT_EQ(out.run.result.outcome, Outcome::finished) << out.run.result.message;
  EXPECT_LT(distance_from_cpu(out, problem, {0, end}), allowed);
  EXPECT_GT(out.steps().size(), 2u);
  return out.steps();
}

// A field of a smooth activation is two fills, the packing, forward and errors, backward, the join
// of its splits and the velocity; a drift is that and its finish. A sum is two: of the blocks, and
// of their sums.
constexpr std::uint64_t sum = 2, combination = 1, drift = 8 + 1, risk = 1;
/// What is known of a state: sums over particles and squares.
constexpr std::uint64_t measures = sum + sum;

/// Fixed steps without a record launch the same each, and nothing waits.
void expect_fixed(const test::Problem& problem, std::uint64_t launches) {
  for (const Seen& step : steps_of(problem, .5, 1e-12)) {
    EXPECT_EQ(step.traffic.synchronizations, 0u);
    EXPECT_EQ(step.traffic.launches, launches);
  }
}

// Any step ends with the sum that tells whether the state is finite, the audit, and the state to
// keep. One whose state is audited has its measures and R, and the squares of inner stages.
TEST(EmulatedFlow, FixedStepsLaunchAndDoNotWait) {
  constexpr std::uint64_t stage = drift + combination, ends = sum + 1 + 1;
  test::Problem problem;
  problem.integrator = fixed_step(Method::euler, .05);
  expect_fixed(problem, stage + risk + measures + ends);
  problem.integrator.temperature = .01;  // noise is added, and nothing is audited
  expect_fixed(problem, stage + 1 + ends);
  problem.integrator.temperature = 0;
  problem.batch = true;  // gathered; neither J nor R is known
  expect_fixed(problem, 1 + stage + ends);
  problem.batch = false;
  problem.integrator = fixed_step(Method::heun, .05);
  expect_fixed(problem, 2 * stage + sum + risk + measures + ends);
  problem.integrator = fixed_step(Method::rk4, .05);
  expect_fixed(problem, 4 * stage + sum + risk + measures + ends);
}

// Every try has the drift at its end with R, the measures there with the squares of inner stages in
// one list, and the norm of the error.
constexpr std::uint64_t judgement = drift + risk + measures + sum;

// Five inner stages, each a combination and a drift, and the combination of the end. The automatic
// method also has three norms of each step for how stiff it is.
TEST(EmulatedFlow, StepsOfDopri5LaunchAndWaitOnceATry) {
  constexpr std::uint64_t stages = 5 * (combination + drift) + combination;
  for (const Method method : {Method::dopri5, Method::automatic}) {
    test::Problem problem;
    problem.integrator = adaptive(1e-5, method);
    const std::uint64_t own = method == Method::automatic ? 3 * sum : 0;
    for (const Seen& step : steps_of(problem, .5, 1e-9)) {
      EXPECT_EQ(step.traffic.synchronizations, step.tries);
      EXPECT_EQ(step.evaluations, 6 * step.tries);
      EXPECT_EQ(step.traffic.launches, step.tries * (stages + judgement + own));
    }
  }
}

// A try of s stages makes s evaluations: a combination, s - 1 inner stages of a drift and a
// combination each, the squares of one of them, and its end. A power iteration on the spectral
// radius begins with a norm, and has two combinations, a drift and a norm in each evaluation; it
// waits for the norms. A search for the fastest growth has two combinations, a drift, a norm and
// the products in each evaluation, of which all but the first follow a residual and update the
// best direction, the step to it and what the drift makes of both; one more norm, of the first
// residual, and its noise. It waits for norms and products.
TEST(EmulatedFlow, StepsOfRkcLaunchByTheirStagesAndWaitOnceATry) {
  test::Problem problem;
  problem.integrator = adaptive(1e-3, Method::rkc);
  std::uint64_t iterations = 0, growths = 0;
  for (const Seen& step : steps_of(problem, 2, 1e-9)) {
    ASSERT_EQ(step.tries, 1u);
    const auto [radius, growth] = searches(step);
    const std::uint64_t stages = step.evaluations - radius - growth;
    EXPECT_GE(stages, 3u);
    std::uint64_t waits = 1,
                  launches = combination + (stages - 1) * (drift + combination) + sum + judgement;
    if (radius > 0) {
      waits += 1 + radius;
      launches += sum + radius * (2 * combination + drift + sum);
    }
    if (growth > 0) {
      waits += 1 + 2 * growth;
      launches +=
          growth * (2 * combination + drift + 2 * sum) + (growth - 1) * 5 * combination + sum + 1;
    }
    EXPECT_EQ(step.traffic.synchronizations, waits);
    EXPECT_EQ(step.traffic.launches, launches);
    iterations += radius;
    growths += growth;
  }
  EXPECT_GT(iterations, 0u);
  EXPECT_GT(growths, 0u);
}

// An evaluation has the drift and R, the distance moved, the gradient, its projection and its norm.
// A direction has a combination for the gradient and, with a history, one for its steps and the
// products of both with the gradient and the newest pair, of which a list takes 12; the trial is a
// combination, and the pair that is learned two. The state of the end is evaluated and measured for
// the audit, which is the only one to wait but for evaluations and histories.
TEST(EmulatedFlow, ProximalStepsLaunchByTheirEvaluations) {
  constexpr std::uint64_t evaluation = drift + risk + sum + combination + 1 + sum;
  test::Problem problem;
  problem.integrator = fixed_step(Method::proximal, .05);
  problem.integrator.proximal_tolerance = 1e-6;
  for (const Seen& step : steps_of(problem, .5, 1e-9)) {
    const std::uint64_t solved = step.evaluations - 1, directions = solved - 1;
    std::uint64_t launches = solved * evaluation + (drift + risk + measures) + 1 + 1;
    for (std::uint64_t history = 0; history < directions; ++history) {
      const std::uint64_t products = history == 0 ? 0 : 4 * history + 1;
      launches += (history == 0 ? 1 : 2) * combination + (products + 11) / 12 * sum;
      launches += combination + 2 * combination;
    }
    ASSERT_LE(directions, 6u);  // a history has no more pairs
    EXPECT_EQ(step.traffic.launches, launches);
    EXPECT_EQ(step.traffic.synchronizations, solved + (directions - 1) + 1);
  }
}

// Rounding is all that is different: every sum has another order. An adaptive step has a length
// that follows from such sums, so that there a hundredth of the tolerance is allowed.
TEST(EmulatedFlow, IsThatOfTheCpu) {
  std::vector<test::Problem> problems(5);
  problems[0].integrator = fixed_step(Method::heun, .05);
  problems[0].integrator.temperature = .01;
  problems[1].integrator = fixed_step(Method::proximal, .05);
  problems[2].integrator = fixed_step(Method::rk4, .05);
  problems[2].spec = {
      .constraint = Constraint::sphere, .regularizer = Regularizer::l2, .lambda = .1};
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
