// What is recorded never changes what is computed: the bits of the end are the same with no record,
// few and many.
#include <gtest/gtest.h>

#include <memory>

#include "problem.hpp"

namespace mckean {
namespace {

using Method = IntegratorSpec::Method;
using test::adaptive;
using test::backend;
using test::fixed_step;
using test::gaussian_particles;
using test::run;

/// The end alone, and `count` record times that no grid of steps contains.
std::vector<double> times(int count, double end) {
  std::vector<double> list;
  for (int i = 0; i < count; ++i) list.push_back(end * (i + .3183) / (count + .1));
  list.push_back(end);
  return list;
}

void expect_same_end(const Field<test::FlowBackend>& field, const FieldSpec& spec,
                     const IntegratorSpec& integrator, const ParticleArray& start, double end) {
  const auto bare = run(field, spec, integrator, start, {end});
  ASSERT_EQ(bare.result.outcome, Outcome::finished) << bare.result.message;
  ASSERT_NE(bare.particles.values, start.values);
  for (const int count : {test::sized(5, 3), test::sized(50, 9)}) {
    const auto recorded = run(field, spec, integrator, start, times(count, end));
    ASSERT_EQ(recorded.result.outcome, Outcome::finished) << recorded.result.message;
    EXPECT_EQ(recorded.particles.values, bare.particles.values) << count << " records";
    EXPECT_EQ(recorded.result.reached.step, bare.result.reached.step);
    EXPECT_EQ(recorded.result.reached.rejected, bare.result.reached.rejected);
    EXPECT_EQ(recorded.result.energy_residual, bare.result.energy_residual);
    EXPECT_GT(recorded.records.size(), static_cast<std::size_t>(count / 2));
  }
}

IntegratorSpec integrator_of(Method method) {
  if (method == Method::dopri5 || method == Method::rkc) return adaptive(1e-3, method);
  IntegratorSpec spec = fixed_step(method, .02);
  spec.proximal_tolerance = 1e-6;
  return spec;
}

class Independence : public ::testing::TestWithParam<Method> {};

TEST_P(Independence, OfSmoothFlows) {
  const test::SmoothData data;
  const auto field = data.field();
  for (const Constraint constraint : {Constraint::none, Constraint::sphere}) {
    FieldSpec spec;
    spec.constraint = constraint;
    expect_same_end(field, spec, integrator_of(GetParam()), gaussian_particles(12, data.d), 2);
  }
}

TEST_P(Independence, OfFlowsWithKinks) {
  const test::SmoothData data;
  const auto field = data.field(*find_activation("abs"));
  FieldSpec spec;
  spec.regularizer = Regularizer::path;
  spec.lambda = .05;
  if (GetParam() == Method::proximal) GTEST_SKIP() << "a minimum on a kink has no small gradient";
  expect_same_end(field, spec, integrator_of(GetParam()), gaussian_particles(12, data.d), 1);
}

INSTANTIATE_TEST_SUITE_P(All, Independence,
                         ::testing::Values(Method::euler, Method::heun, Method::rk4, Method::dopri5,
                                           Method::rkc, Method::proximal));

class StochasticIndependence : public ::testing::TestWithParam<Method> {};

TEST_P(StochasticIndependence, OfMiniBatches) {
  const test::SmoothData data;
  for (const bool replacement : {false, true}) {
    const auto field = data.batches(8, replacement);
    expect_same_end(field, {}, fixed_step(GetParam(), .02), gaussian_particles(12, data.d), 2);
  }
}

TEST_P(StochasticIndependence, OfFreshSamples) {
  const test::SmoothData data;
  const auto draw = [](std::uint64_t step, HostView<double> x, HostView<double> y) {
    const std::vector<double> fresh = draw_samples(DataLaw::gaussian, y.size(), 3, 9, step);
    std::copy(fresh.begin(), fresh.end(), x.begin());
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = std::sin(fresh[3 * i]);
  };
  const Online<test::FlowBackend> field(
      backend(), {ActivationKind::tanh}, Scaling::mean_field, {16, 3, draw},
      std::make_unique<SampledData<test::FlowBackend>>(data.field()));
  expect_same_end(field, {}, fixed_step(GetParam(), .02), gaussian_particles(12, data.d), 2);
}

INSTANTIATE_TEST_SUITE_P(All, StochasticIndependence,
                         ::testing::Values(Method::euler, Method::heun, Method::rk4));

TEST(Independence, OfNoise) {
  const test::SmoothData data;
  const auto field = data.field();
  IntegratorSpec integrator = fixed_step(Method::euler, .02);
  integrator.temperature = .1;
  expect_same_end(field, {}, integrator, gaussian_particles(12, data.d), 2);
}

/// Times after each step up to `end`.
std::vector<double> step_times(const Field<test::FlowBackend>& field,
                               const IntegratorSpec& integrator, const ParticleArray& start,
                               std::vector<double> record_times, double end) {
  ParticleArray w = start;
  GradientFlow<test::FlowBackend> flow(backend(), field, {}, w.m, w.d);
  std::vector<double> list;
  IntegrateCallbacks callbacks;
  callbacks.on_step = [&](const Progress& progress) {
    if (progress.t < end) list.push_back(progress.t);
    return progress.t < end;
  };
  test::integrate_host(flow, integrator, w, record_times, callbacks);
  return list;
}

// How far the end is decides nothing about the steps that come long before it.
TEST(Independence, OfAFarHorizon) {
  const test::SmoothData data;
  const auto field = data.field();
  const ParticleArray start = gaussian_particles(12, data.d);
  for (const Method method : {Method::dopri5, Method::rkc}) {
    const IntegratorSpec integrator = adaptive(1e-5, method);
    const auto near = step_times(field, integrator, start, {20}, 4);
    EXPECT_GT(near.size(), 4u);
    EXPECT_EQ(near, step_times(field, integrator, start, {500}, 4));
    EXPECT_EQ(near, step_times(field, integrator, start, {0, 1e-3, .7, 1, 20, 1e6}, 4));
  }
}

}  // namespace
}  // namespace mckean
