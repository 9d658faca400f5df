// Particles spread over ranks move as they do on one: f, sums and noise are those of the ensemble.
#include <gtest/gtest.h>

#include <array>
#include <thread>

#include "properties/rank_threads.hpp"
#include "properties/watched_run.hpp"

namespace mckean::test {
namespace {

struct NamedProblem : Problem {
  const char* name;
};

using Parts = std::array<Run, 2>;  // a test has a member Run
using Part = Run;

/// The run of the particles at hand, which are some of an ensemble; alone without a rank.
Run run_part(const Problem& problem, const ParticleArray& start, Ensemble ensemble,
             const Threads::Rank* rank) {
  const FlowBackend& on = rank != nullptr ? rank->backend() : backend();
  const auto field = make_field(on, problem);
  field->spread(rank);
  GradientFlow<FlowBackend> flow(on, *field, problem.spec, start.m, start.d, ensemble);
  return run(flow, problem.integrator, start, {0, .5, 1});
}

/// The runs of two ranks, of which the first has `cut` particles.
Parts run_parts(const Problem& problem, const ParticleArray& start, std::size_t cut) {
  Threads threads(2);
  Parts parts;
  std::jthread other([&] {
    const Threads::Rank rank(threads, 1);
    parts[1] = run_part(problem, part(start, cut, start.m - cut), {start.m, cut}, &rank);
  });
  const Threads::Rank rank(threads, 0);
  parts[0] = run_part(problem, part(start, 0, cut), {start.m, 0}, &rank);
  other.join();
  return parts;
}

std::vector<NamedProblem> problems() {
  std::vector<NamedProblem> all;
  const auto add = [&](const char* name, const FieldSpec& spec, const IntegratorSpec& integrator,
                       ActivationKind activation = ActivationKind::tanh) -> NamedProblem& {
    return all.emplace_back(NamedProblem{{spec, integrator, activation}, name});
  };
  add("euler", {}, fixed_step(Method::euler, .05));
  add("relu", {}, fixed_step(Method::rk4, .05), ActivationKind::piecewise_linear);
  const FieldSpec sphere{
      .constraint = Constraint::sphere, .regularizer = Regularizer::l2, .lambda = .1};
  add("sphere", sphere, fixed_step(Method::heun, .05));
  add("ntk", {.scaling = Scaling::ntk}, fixed_step(Method::rk4, .05));
  // Ten thousand steps.
  if (FlowBackend::space == Space::host)
    add("standard", {.scaling = Scaling::standard}, fixed_step(Method::rk4, 1e-4));
  add("noise", {}, fixed_step(Method::euler, .05)).integrator.temperature = .1;
  add("batch", {}, fixed_step(Method::euler, .05)).batch = true;
  add("dopri5", {}, adaptive(sized(1e-6, 1e-3)));
  add("rkc", {}, adaptive(sized(1e-5, 1e-3), Method::rkc));
  add("proximal", {}, fixed_step(Method::proximal, .05));
  return all;
}

void expect_near(const Record& got, const Record& want, double allowed) {
  EXPECT_NEAR(got.objective, want.objective, allowed * want.objective);
  EXPECT_NEAR(got.dissipation, want.dissipation, allowed * want.dissipation);
  EXPECT_NEAR(got.path_norm, want.path_norm, allowed * want.path_norm);
  EXPECT_NEAR(got.n_eff, want.n_eff, allowed * want.n_eff);
}

TEST(Ranks, MoveAsOneDoes) {
  const ParticleArray start = gaussian_particles(sized(601, 61), SmoothData::d);
  const std::size_t cut = sized(215, 22);
  for (const NamedProblem& problem : problems()) {
    SCOPED_TRACE(problem.name);
    const Part one = run_part(problem, start, {start.m, 0}, nullptr);
    ASSERT_EQ(one.result.outcome, Outcome::finished) << one.result.message;
    const Parts parts = run_parts(problem, start, cut);
    // Sums in another order: a few roundings of f a step, which the flow multiplies by less than
    // exp(10); and the solver of the proximal step ends within its tolerance.
    const double allowed = problem.integrator.method == Method::proximal ? 1e-8 : 1e-10;
    for (const std::size_t r : {0, 1}) {
      ASSERT_EQ(parts[r].result.outcome, Outcome::finished);
      const ParticleArray expected =
          r == 0 ? part(one.particles, 0, cut) : part(one.particles, cut, start.m - cut);
      EXPECT_LT(distance(parts[r].particles, expected), allowed);
      ASSERT_EQ(parts[r].records.size(), one.records.size());
      for (std::size_t i = 0; i < one.records.size(); ++i)
        expect_near(parts[r].records[i], one.records[i], allowed);
    }
    // The ranks agree on everything that they decide together.
    EXPECT_EQ(parts[0].result.reached.step, parts[1].result.reached.step);
    EXPECT_EQ(parts[0].records.back().objective, parts[1].records.back().objective);
  }
}

// A rank that diverges at a record's time does so for all.
TEST(Ranks, DivergeTogether) {
  const Problem problem{{}, fixed_step(Method::euler, .25), ActivationKind::square};
  ParticleArray start = gaussian_particles(100, SmoothData::d);
  for (double& a : start.view().a()) a *= 40;
  const Part one = run_part(problem, start, {100, 0}, nullptr);
  ASSERT_EQ(one.result.outcome, Outcome::diverged);
  for (const Part& some : run_parts(problem, start, 60)) {
    EXPECT_EQ(some.result.outcome, Outcome::diverged);
    EXPECT_EQ(some.result.message, one.result.message);
    EXPECT_EQ(some.result.reached.step, one.result.reached.step);
  }
}

TEST(Ranks, WhatNeedsAllParticlesIsRefused) {
  Threads threads(1);
  const Threads::Rank rank(threads, 0);
  Population<FlowBackend> closed_form(backend(), {PairKernelKind::arc_cosine, 1},
                                      Scaling::mean_field, {gaussian_particles(3, 3), {}}, 3);
  EXPECT_THROW(closed_form.spread(&rank), InputError);
  EXPECT_NO_THROW(closed_form.spread(nullptr));
  const Problem kinked{{}, adaptive(1e-4, Method::rkc), ActivationKind::piecewise_linear};
  const ParticleArray start = gaussian_particles(20, SmoothData::d);
  EXPECT_THROW(run_part(kinked, start, {20, 0}, &rank), InputError);
}

}  // namespace
}  // namespace mckean::test
