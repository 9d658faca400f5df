// Runs that are watched step by step: how often they wait for their back end, and that what they do
// not wait for changes nothing.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <tuple>
#include <vector>

#include "properties/problem.hpp"
#include "properties/traffic.hpp"

namespace mckean::test {

using Method = IntegratorSpec::Method;

inline const SmoothData& data() {
  static const SmoothData instance;
  return instance;
}

/// What was seen after a step.
struct Seen {
  Traffic traffic;  // none of a back end that does not count
  std::uint64_t tries;
  std::uint64_t evaluations;
};
inline Seen operator-(const Seen& after, const Seen& before) {
  return {after.traffic - before.traffic, after.tries - before.tries,
          after.evaluations - before.evaluations};
}

struct WatchedRun {
  Run run;
  std::vector<Seen> seen = {};  // after each step

  /// What each step asked for, but for the first one, which has preparations, and the last one,
  /// which has a record.
  std::vector<Seen> steps() const {
    std::vector<Seen> list;
    for (std::size_t i = 1; i + 1 < seen.size(); ++i) list.push_back(seen[i] - seen[i - 1]);
    return list;
  }
};

struct Problem {
  FieldSpec spec;
  IntegratorSpec integrator;
  ActivationKind activation = ActivationKind::tanh;
  bool batch = false;
  double scale_a = 1;
};

template <class B>
std::unique_ptr<Field<B>> make_field(const B& backend, const Problem& problem) {
  const AnyActivation activation{problem.activation};
  const Scaling scaling = problem.spec.scaling;
  const auto x = as_view(data().x), y = as_view(data().y);
  if (problem.batch)
    return std::make_unique<MiniBatch<B>>(backend, activation, scaling, HostSamples{x, y, data().d},
                                          BatchRule{8, false, 3});
  return std::make_unique<SampledData<B>>(backend, activation, scaling, x, y, data().d);
}

template <class B>
WatchedRun watch(const B& backend, const Problem& problem, const std::vector<double>& times) {
  const auto field = make_field(backend, problem);
  ParticleArray start = gaussian_particles(50, data().d);
  for (double& a : start.view().a()) a *= problem.scale_a;
  WatchedRun out;
  GradientFlow<B> flow(backend, *field, problem.spec, start.m, start.d);
  IntegrateCallbacks callbacks;
  callbacks.on_step = [&](const Progress& progress) {
    Traffic traffic;
    if constexpr (CountingBackend<B>) traffic = backend.traffic();
    out.seen.push_back({traffic, progress.step + progress.rejected, progress.evaluations});
    return true;
  };
  out.run = run(flow, problem.integrator, start, times, callbacks);
  return out;
}

/// Evaluations of a step of rkc that were not for its tries.
struct Searches {
  std::uint64_t radius = 0;  // of the power iteration on the spectral radius
  std::uint64_t growth = 0;  // of a search for the fastest growth
};
/// An evaluation of a stage or of the end of a try has one combination. Those of a power iteration
/// have two, and it waits in each and at its begin: r more combinations than evaluations and r + 1
/// waits. Those of a search have seven but for the first, which has two, and it waits twice in each
/// and once more: 6 g - 5 and 2 g + 1. For steps with at most one of each.
inline Searches searches(const Seen& step) {
  const auto more = static_cast<std::int64_t>(step.traffic.combinations - step.evaluations);
  const auto waits = static_cast<std::int64_t>(step.traffic.synchronizations - step.tries);
  std::int64_t growth = 0;
  if (more - waits > 0) growth = (more - waits + 7) / 4;
  const std::int64_t radius = growth > 0 ? more - 6 * growth + 5 : more;
  return {static_cast<std::uint64_t>(radius), static_cast<std::uint64_t>(growth)};
}

inline void expect_same(const Run& left, const Run& right) {
  EXPECT_EQ(left.particles.values, right.particles.values);
  EXPECT_EQ(left.result.outcome, right.result.outcome);
  EXPECT_EQ(left.result.message, right.result.message);
  EXPECT_EQ(left.result.reached.t, right.result.reached.t);
  EXPECT_EQ(left.result.reached.step, right.result.reached.step);
  EXPECT_EQ(left.result.reached.evaluations, right.result.reached.evaluations);
  const std::optional<double> l_off = left.result.energy_residual;
  const std::optional<double> r_off = right.result.energy_residual;
  EXPECT_TRUE(l_off == r_off || (std::isnan(l_off.value_or(0)) && std::isnan(r_off.value_or(0))));
  ASSERT_EQ(left.records.size(), right.records.size());
  for (std::size_t i = 0; i < left.records.size(); ++i) {
    const Record &l = left.records[i], &r = right.records[i];
    EXPECT_EQ(std::tuple(l.t, l.step, l.objective, l.risk, l.dissipation, l.energy_residual,
                         l.path_norm, l.n_eff, l.evaluations),
              std::tuple(r.t, r.step, r.objective, r.risk, r.dissipation, r.energy_residual,
                         r.path_norm, r.n_eff, r.evaluations));
  }
}

}  // namespace mckean::test
