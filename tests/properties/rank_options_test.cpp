// Ranks as options of a public flow: particles in the memory of the host.
#include <gtest/gtest.h>

#include <thread>
#include <utility>

#include "mckean/flow.hpp"
#include "properties/problem.hpp"
#include "properties/rank_threads.hpp"

namespace mckean::test {
namespace {

/// A public flow of the particles at hand.
Flow flow_of(const IntegratorSpec& integrator, const ParticleArray& start,
             const RankOptions& ranks) {
  const SmoothData samples;
  DataSet data{Matrix(SmoothData::n, SmoothData::d), samples.y};
  data.x.values = samples.x;
  FlowOptions options;
  options.integrator = integrator;
  options.device = {DeviceChoice::Kind::cpu, 0};
  options.threads = 1;
  options.ranks = ranks;
  Model model;
  model.activation = *find_activation("tanh");
  model.regularizer = Regularizer::l2;
  model.lambda = .1;
  return {data_problem(std::move(data)), model, start, options};
}

/// What ranks and one rank tell of a flow to t = 1.
struct Told {
  Record before, measured, after;
  ParticleArray particles;
};
Told told_of(Flow flow, const ParticleArray& start) {
  Told told;
  told.before = flow.observe();
  told.measured = flow.measure(start);
  EXPECT_EQ(flow.advance_to(1).outcome, Outcome::finished);
  told.after = flow.observe();
  told.particles = flow.particles();
  return told;
}

TEST(RankOptions, AreOptionsOfAFlow) {
  const ParticleArray start = gaussian_particles(90, SmoothData::d);
  const std::size_t cut = 31;
  const ParticleArray parts[] = {part(start, 0, cut), part(start, cut, start.m - cut)};
  IntegratorSpec noisy = fixed_step(IntegratorSpec::Method::euler, .05);
  noisy.temperature = .1;
  for (const IntegratorSpec& integrator : {noisy, adaptive(1e-6)}) {
    const Told one = told_of(flow_of(integrator, start, {}), start);
    Threads threads(2);
    Told told[2];
    const auto run_rank = [&](std::size_t r) {
      const Threads::Rank rank(threads, r);
      const RankOptions ranks{&rank, {start.m, r * cut}};
      told[r] = told_of(flow_of(integrator, parts[r], ranks), parts[r]);
    };
    {
      std::jthread other([&] { run_rank(1); });
      run_rank(0);
    }
    for (std::size_t r = 0; r < 2; ++r) {
      const std::pair<Record, Record> rows[] = {{told[r].before, one.before},
                                                {told[r].measured, one.measured},
                                                {told[r].after, one.after}};
      for (const auto& [got, want] : rows) {
        EXPECT_NEAR(got.objective, want.objective, 1e-10 * want.objective);
        EXPECT_NEAR(got.dissipation, want.dissipation, 1e-10 * want.dissipation);
        EXPECT_NEAR(got.path_norm, want.path_norm, 1e-10 * want.path_norm);
        EXPECT_NEAR(got.n_eff, want.n_eff, 1e-10 * want.n_eff);
      }
      EXPECT_LT(distance(told[r].particles, part(one.particles, r * cut, parts[r].m)), 1e-10);
    }
  }
}

TEST(RankOptions, OfAFlowAreChecked) {
  const ParticleArray start = gaussian_particles(20, SmoothData::d);
  Threads threads(1);
  const Threads::Rank rank(threads, 0);
  const IntegratorSpec euler = fixed_step(IntegratorSpec::Method::euler, .1);
  EXPECT_THROW(flow_of(euler, start, {&rank, {19, 0}}), InputError);
  EXPECT_THROW(flow_of(euler, start, {&rank, {30, 11}}), InputError);
  FlowOptions options;
  options.device = {DeviceChoice::Kind::cpu, 0};
  options.ranks = {&rank, {20, 0}};
  EXPECT_THROW(
      Flow(law_problem(DataLaw::sphere, make_neurons(2, SmoothData::d, 1)), {}, start, options),
      InputError);
  // A state knows which part of the ensemble it is.
  Flow flow = flow_of(euler, start, {&rank, {30, 10}});
  flow.step();
  Flow other = flow_of(euler, start, {&rank, {30, 0}});
  EXPECT_THROW(other.restore(flow.save()), InputError);
  Flow same = flow_of(euler, start, {&rank, {30, 10}});
  EXPECT_NO_THROW(same.restore(flow.save()));
}

}  // namespace
}  // namespace mckean::test
