// Rules that end a run before its time: at the first step, or record, where they hold.
#include <gtest/gtest.h>

#include "problem.hpp"

namespace mckean {
namespace {

using Method = IntegratorSpec::Method;
using test::adaptive;
using test::fixed_step;
using test::gaussian_particles;
using test::run;

const double end = 20;

class Stops : public ::testing::TestWithParam<Method> {
 protected:
  IntegratorSpec integrator() const {
    IntegratorSpec spec = test::integrator_of(GetParam(), .05, 1e-6);
    spec.audit = spec.method == Method::dopri5 || spec.method == Method::rkc;
    return spec;
  }
  test::SmoothData data_;
  SampledData<test::FlowBackend> field_ = data_.field();
  ParticleArray start_ = gaussian_particles(20, data_.d);
};

TEST_P(Stops, AtTheFirstStepWhoseRiskIsLow) {
  IntegratorSpec spec = integrator();
  std::vector<double> risks;
  spec.stop.risk = .2;
  const auto result = run(field_, {}, spec, start_, {0, end});
  ASSERT_EQ(result.result.outcome, Outcome::converged);
  EXPECT_NE(result.result.message.find("the risk to stop at"), std::string::npos);
  EXPECT_LT(result.result.reached.t, end);
  ASSERT_EQ(result.records.size(), 2u) << "the end has a row";
  EXPECT_EQ(result.records.back().t, result.result.reached.t);
  EXPECT_EQ(result.records.back().step, result.result.reached.step);
  EXPECT_LE(result.records.back().risk, .2);
  EXPECT_EQ(test::risk_of(field_, result.particles), result.records.back().risk);
  // One step less and the risk was above: the same run, ended by its number of steps.
  ParticleArray w = start_;
  GradientFlow<test::FlowBackend> flow(test::backend(), field_, {}, w.m, w.d);
  IntegrateCallbacks callbacks;
  callbacks.on_step = [&](const Progress& progress) {
    return progress.step + 1 < result.result.reached.step;
  };
  spec.stop = {};
  test::integrate_host(flow, spec, w, {0, end}, callbacks);
  EXPECT_GT(test::risk_of(field_, w), .2);
}

TEST_P(Stops, AtTheFirstStepWhoseGradientIsSmall) {
  IntegratorSpec spec = integrator();
  spec.stop.gradient = .05;
  const auto result = run(field_, {}, spec, start_, {0, end});
  ASSERT_EQ(result.result.outcome, Outcome::converged) << result.result.reached.t;
  EXPECT_NE(result.result.message.find("the gradient to stop at"), std::string::npos);
  EXPECT_EQ(result.records.back().t, result.result.reached.t);
  EXPECT_LE(std::sqrt(result.records.back().dissipation), .05);
  const auto drift = test::naive(data_, "tanh", {}).drift(test::planes(result.particles));
  EXPECT_NEAR(reference::dissipation({}, drift), result.records.back().dissipation, 1e-12);
}

TEST_P(Stops, BeforeTheFirstStepWhereTheStartSatisfiesThem) {
  for (const bool by_risk : {true, false}) {
    IntegratorSpec spec = integrator();
    if (by_risk) spec.stop.risk = 1e6;
    if (!by_risk) spec.stop.gradient = 1e6;
    for (const std::vector<double>& times : {std::vector<double>{0, end}, {end}}) {
      const auto result = run(field_, {}, spec, start_, times);
      EXPECT_EQ(result.result.outcome, Outcome::converged);
      EXPECT_EQ(result.result.reached.step, 0u);
      EXPECT_EQ(result.particles.values, start_.values);
      ASSERT_EQ(result.records.size(), 1u);
      EXPECT_EQ(result.records[0].t, 0);
    }
  }
}

TEST_P(Stops, NeverWhereTheyAreNotReached) {
  IntegratorSpec spec = integrator();
  const auto without = run(field_, {}, spec, start_, {0, 1});
  spec.stop.risk = 1e-12;
  spec.stop.gradient = 1e-12;
  spec.stop.w2 = 1e-12;
  const auto result = run(field_, {}, spec, start_, {0, 1});
  EXPECT_EQ(result.result.outcome, Outcome::finished);
  EXPECT_EQ(result.particles.values, without.particles.values);
}

/// The end of a flow of batches of 8 of the data, or with noise, by `rule` and by the records.
class StochasticStops : public ::testing::TestWithParam<bool> {
 protected:
  static test::Run flow(bool batches, const StopRules& rules, const std::vector<double>& times) {
    const test::SmoothData data;
    IntegratorSpec spec = fixed_step(Method::euler, .05);
    spec.stop = rules;
    if (!batches) spec.temperature = 1e-4;
    const SampledData<test::FlowBackend> all = data.field();
    const MiniBatch<test::FlowBackend> some = data.batches(8);
    const Field<test::FlowBackend>* field = &all;
    if (batches) field = &some;
    return run(*field, {}, spec, gaussian_particles(20, data.d), times);
  }
};

// Between records as well: after each epoch of mini-batches, after each step with noise.
TEST_P(StochasticStops, DoNotDependOnRecords) {
  const std::uint64_t epoch = GetParam() ? test::SmoothData::n / 8 : 1;
  StopRules by_risk, by_gradient;
  by_risk.risk = .2;
  by_gradient.gradient = .05;
  for (const StopRules& rules : {by_risk, by_gradient}) {
    const auto bare = flow(GetParam(), rules, {0, end});
    ASSERT_EQ(bare.result.outcome, Outcome::converged) << bare.result.message;
    EXPECT_LT(bare.result.reached.t, end);
    EXPECT_EQ(bare.result.reached.step % epoch, 0u);
    ASSERT_EQ(bare.records.size(), 2u) << "the end has a row";
    EXPECT_EQ(bare.records.back().t, bare.result.reached.t);
    if (rules.risk) {
      EXPECT_LE(bare.records.back().risk, .2);
    }
    std::vector<double> many;
    for (double t = 0; t < end; t += .35) many.push_back(t);
    const auto recorded = flow(GetParam(), rules, many);
    EXPECT_EQ(recorded.particles.values, bare.particles.values);
    EXPECT_EQ(recorded.result.reached.step, bare.result.reached.step);
    // An epoch less, and the rule was not met.
    const double before = bare.result.reached.t - .05 * static_cast<double>(epoch);
    const auto shorter = flow(GetParam(), {}, {before});
    if (rules.risk) {
      EXPECT_GT(shorter.records.back().risk, .2);
    } else {
      EXPECT_GT(std::sqrt(shorter.records.back().dissipation), .05);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, StochasticStops, ::testing::Bool(), [](const auto& at) {
  return std::string(at.param ? "MiniBatches" : "Noise");
});

// W2 is what the caller fills in, at records.
TEST_P(Stops, AtTheFirstRecordWhoseDistanceIsSmall) {
  IntegratorSpec spec = integrator();
  spec.stop.w2 = .25;
  for (const double first : {.9, .1}) {
    ParticleArray w = start_;
    GradientFlow<test::FlowBackend> flow(test::backend(), field_, {}, w.m, w.d);
    IntegrateCallbacks callbacks;
    std::vector<double> times;
    callbacks.on_record = [&](Record& record, const FetchParticles&) {
      times.push_back(record.t);
      record.w2 = first / (1 + record.t);
    };
    const auto result = test::integrate_host(flow, spec, w, {0, 1, 2, 3, 4, 5}, callbacks);
    EXPECT_EQ(result.outcome, Outcome::converged);
    EXPECT_NE(result.message.find("the distance to stop at"), std::string::npos);
    EXPECT_EQ(times.size(), first == .1 ? 1u : 4u);  // .9/(1 + 3) < .25 < .9/(1 + 2)
  }
}

INSTANTIATE_TEST_SUITE_P(All, Stops,
                         ::testing::Values(Method::euler, Method::rk4, Method::dopri5, Method::rkc,
                                           Method::proximal));

}  // namespace
}  // namespace mckean
