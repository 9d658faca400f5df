// How often a run waits for its back end, and that what it does not wait for changes nothing.
#include <gtest/gtest.h>

#include "properties/watched_run.hpp"

namespace mckean::test {
namespace {

static_assert(CountingBackend<FlowBackend>);

/// The same arithmetic where nothing is late: for the memory of its own on the CPU that of the
/// host.
const auto& prompt() {
#ifdef MCKEAN_TEST_SEPARATE
  static const CpuBackend<double> instance(1);
  return instance;
#else
  return backend();
#endif
}

/// How often a reading is asked for before it is there.
const std::vector<int> late = emulated ? std::vector<int>{1000} : std::vector<int>{0, 1, 5, 1000};

/// Steps of .05 to the second record and to the first.
constexpr std::size_t last = sized<std::size_t>(40, 10), middle = last / 2;
const std::vector<double> times{0, .05 * middle, .05 * last};

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
    const WatchedRun expected = watch(prompt(), problem, times);
    for (const int delay : late) {
      const FlowBackend memory(delay);
      const WatchedRun out = watch(memory, problem, times);
      ASSERT_EQ(out.run.result.outcome, Outcome::finished) << out.run.result.message;
      ASSERT_EQ(out.seen.size(), last);
      const std::vector<Seen> steps = out.steps();
      for (std::size_t i = 0; i < steps.size(); ++i) {
        const std::uint64_t waits = steps[i].traffic.synchronizations;
        // What a record waits for: the audit, the sums and, of mini-batches and noise, R.
        EXPECT_LE(waits, i + 2 == middle ? 2u : 0u) << i;
      }
      expect_same(out.run, expected.run);
    }
  }
}

// A field is asked for once a stage, and the inner stages have their squares from one list.
TEST(Waiting, FixedStepsAskForNothingTwice) {
  Problem problem;
  problem.integrator = fixed_step(Method::rk4, .05);
  const FlowBackend memory;
  watch(memory, problem, times);
  EXPECT_EQ(memory.traffic().fields, 4u * last + 1);
  // One of the state and one of the inner stages a step; one at the start.
  EXPECT_EQ(memory.traffic().inner_products, 2u * last + 1);
}

// What rkc looks for every now and then waits for norms and products.
TEST(Waiting, SmoothAdaptiveStepsWaitOnceATry) {
  for (const Method method : {Method::dopri5, Method::rkc}) {
    Problem problem;
    problem.integrator = adaptive(sized(1e-4, 1e-3), method);
    problem.scale_a = 10;
    const double end = sized(3., 1.);
    const FlowBackend memory;
    const WatchedRun out = watch(memory, problem, {0, end});
    ASSERT_EQ(out.run.result.outcome, Outcome::finished) << out.run.result.message;
    std::size_t refreshed = 0, simple = 0;
    for (const Seen& step : out.steps()) {
      const std::uint64_t waits = step.traffic.synchronizations;
      const auto [radius, growth] = searches(step);
      if (radius + growth == 0) {
        ++simple;
        EXPECT_EQ(waits, step.tries);
      } else {
        ++refreshed;
        EXPECT_EQ(method, Method::rkc);
        EXPECT_LE(radius, 30u);
        EXPECT_LE(growth, 16u);
        ASSERT_EQ(step.tries, 1u);
        EXPECT_EQ(waits, 1 + (radius > 0 ? 1 + radius : 0) + (growth > 0 ? 1 + 2 * growth : 0));
      }
    }
    EXPECT_GT(simple, 5u);
    EXPECT_EQ(refreshed > 0, method == Method::rkc);
    EXPECT_LE(refreshed, simple / 3);
    expect_same(out.run, watch(prompt(), problem, {0, end}).run);
  }
}

// One read for each evaluation and for each direction that is made of a history, and the audit.
TEST(Waiting, AProximalDirectionWaitsOnce) {
  Problem problem;
  problem.integrator = fixed_step(Method::proximal, .05);
  const FlowBackend memory;
  const std::vector<double> unrecorded{0, times.back()};
  const WatchedRun out = watch(memory, problem, unrecorded);
  ASSERT_EQ(out.run.result.outcome, Outcome::finished) << out.run.result.message;
  for (const Seen& step : out.steps()) {
    // The first evaluation and that of the end follow no direction, the second one is along the
    // gradient, and no trial was given up.
    const std::uint64_t directions = step.evaluations - 2;
    EXPECT_EQ(step.traffic.synchronizations, (step.evaluations - 1) + (directions - 1) + 1);
  }
  expect_same(out.run, watch(prompt(), problem, unrecorded).run);
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
    const std::vector<double> far{0, 100 * problem.integrator.dt};
    const WatchedRun expected = watch(prompt(), problem, far);
    diverged += expected.run.result.outcome == Outcome::diverged;
    converged += expected.run.result.outcome == Outcome::converged;
    EXPECT_LT(expected.run.result.reached.step, 100u);
    for (const int delay : late) {
      const FlowBackend memory(delay);
      const WatchedRun found = watch(memory, problem, far);
      if (delay == 1000) {
        EXPECT_GT(found.seen.size(), expected.seen.size());
      }
      expect_same(found.run, expected.run);
    }
  }
  EXPECT_EQ(diverged, 7u);
  EXPECT_EQ(converged, 2u);
}

// One copy of a record's particles however often they are read, and none where they are not.
TEST(Waiting, ParticlesOfARecordAreCopiedWhereTheyAreRead) {
  for (const Method method : {Method::euler, Method::dopri5}) {
    const auto field = make_field(backend(), Problem{});
    std::size_t records = 0;
    const auto waits_with = [&](std::size_t fetches) {
      const std::uint64_t before = backend().traffic().synchronizations;
      GradientFlow<FlowBackend> flow(backend(), *field, {}, 12, SmoothData::d);
      ParticleArray particles = gaussian_particles(12, SmoothData::d);
      const void* kept = nullptr;
      IntegrateCallbacks callbacks;
      records = 0;
      callbacks.on_record = [&](Record&, const FetchParticles& fetch) {
        ++records;
        for (std::size_t i = 0; i < fetches; ++i) {
          const ParticleArray& fetched = fetch();
          EXPECT_TRUE(i == 0 || kept == &fetched);
          kept = &fetched;
        }
      };
      integrate_host(flow, integrator_of(method, .05, 1e-6), particles, {0, .11, .2, .31, .4},
                     callbacks);
      return backend().traffic().synchronizations - before;
    };
    const std::uint64_t unread = waits_with(0);
    EXPECT_EQ(records, 5u);
    EXPECT_EQ(waits_with(1), unread + records);
    EXPECT_EQ(waits_with(3), unread + records);
  }
}

}  // namespace
}  // namespace mckean::test
