// A flow that is saved after any of its steps and restored elsewhere goes on with the same bits.
#include <gtest/gtest.h>

#include "problem.hpp"

namespace mckean {
namespace {

using Method = IntegratorSpec::Method;
using test::backend;
using Words = std::vector<std::uint64_t>;

/// A flow from its start on.
struct Walk {
  Walk(const Field<test::FlowBackend>& field, const FieldSpec& spec,
       const IntegratorSpec& integrator, const ParticleArray& start)
      : flow(backend(), field, spec, start.m, start.d),
        stepper(flow, integrator, flow.state(test::to_backend(backend(), start).view())) {}

  /// To t_end, or so many steps; how many were taken.
  int go(double t_end, int most = 100000) {
    EXPECT_EQ(stepper.begin(), Found::nothing);
    int steps = 0;
    for (; steps < most && !stepper.is_at(t_end); ++steps) {
      if (stepper.step(t_end) != Found::nothing || stepper.look(true) != Found::nothing) break;
    }
    EXPECT_EQ(stepper.result().outcome, Outcome::finished) << stepper.result().message;
    return steps;
  }
  Words save() {
    FlowArchive archive;
    stepper.exchange(archive);
    return archive.take_words();
  }
  void restore(Words words) {
    FlowArchive archive(std::move(words));
    stepper.exchange(archive);
    archive.finish();
  }

  GradientFlow<test::FlowBackend> flow;
  Stepper<test::FlowBackend> stepper;
};

/// Saves after each of some steps; all that a flow knows is the same at the end.
IntegrationResult expect_same(const Field<test::FlowBackend>& field, const FieldSpec& spec,
                              const IntegratorSpec& integrator, const ParticleArray& start,
                              double t_end) {
  Walk whole(field, spec, integrator, start);
  const int steps = whole.go(t_end);
  EXPECT_GT(steps, 2);
  const Words expected = whole.save();
  ParticleArray elsewhere = start;
  for (double& value : elsewhere.values) value = 1 - value;
  for (int k = 0; k < steps; k += 1 + steps / test::sized(12, 2)) {
    Walk first(field, spec, integrator, start);
    first.go(t_end, k);
    const Words saved = first.save();
    Walk second(field, spec, integrator, elsewhere);
    second.restore(saved);
    EXPECT_EQ(second.save(), saved);
    EXPECT_EQ(second.go(t_end), steps - k);
    EXPECT_TRUE(second.save() == expected) << "from step " << k << " of " << steps;
    // Saving has changed nothing.
    first.go(t_end);
    EXPECT_TRUE(first.save() == expected) << "after saving step " << k << " of " << steps;
  }
  return whole.stepper.result();
}

class Save : public ::testing::TestWithParam<Method> {};

TEST_P(Save, OfASmoothFlow) {
  const test::SmoothData data;
  const auto field = data.field();
  FieldSpec spec;
  spec.regularizer = Regularizer::l2;
  spec.lambda = .01;
  expect_same(field, spec, test::integrator_of(GetParam(), .1, 1e-8),
              test::gaussian_particles(17, data.d), 2);
}

TEST_P(Save, OfFlowsOnTheSphere) {
  const test::SmoothData data;
  // A minimum on a kink has no small residual.
  const char* const activation = GetParam() == Method::proximal ? "tanh" : "relu:0.3";
  const auto field = data.field(*find_activation(activation));
  FieldSpec spec;
  spec.constraint = Constraint::sphere;
  expect_same(field, spec, test::integrator_of(GetParam(), .1, 1e-8),
              test::gaussian_particles(17, data.d), 1);
}
INSTANTIATE_TEST_SUITE_P(All, Save,
                         ::testing::Values(Method::euler, Method::heun, Method::rk4, Method::dopri5,
                                           Method::rkc, Method::proximal));

TEST(SaveOf, MiniBatchesWithNoise) {
  const test::SmoothData data;
  const auto field = data.batches(7);
  IntegratorSpec integrator = test::fixed_step(Method::euler, .05);
  integrator.temperature = .1;
  integrator.seed = 5;
  expect_same(field, {}, integrator, test::gaussian_particles(9, data.d), 1.5);
}

TEST(SaveOf, HingesAndTheOriginThatHoldParticles) {
  const test::HingeData data(-1);
  const auto field = data.field();
  const std::size_t m = data.m;
  FieldSpec spec;
  spec.train = Train::inner;
  ParticleArray start =
      draw_initial({.law = InitLaw::gaussian, .amplitude = Amplitude::sign}, m, data.d, 2);
  for (std::size_t i = m; i < start.values.size(); ++i) start.values[i] *= 1e-3;
  for (const Method method : {Method::rkc, Method::dopri5}) {
    const IntegrationResult result =
        expect_same(field, spec, test::adaptive(1e-4, method), start, 5);
    EXPECT_GT(result.sliding, 0u);
  }
}

TEST(SaveOf, TheAutomaticMethodOnceItIsStiff) {
  const std::size_t n = 50, d = 4;
  const std::vector<double> x = draw_samples(DataLaw::gaussian, n, d, 1, 0);
  std::vector<double> y(n);
  for (std::size_t i = 0; i < n; ++i) y[i] = std::sin(3 * x[i * d]);
  const SampledData<test::FlowBackend> field(backend(), *find_activation("tanh"), Scaling::standard,
                                             test::as_view(x), test::as_view(y), d);
  FieldSpec spec;
  spec.scaling = Scaling::standard;
  const IntegrationResult result = expect_same(field, spec, test::adaptive(1e-3, Method::automatic),
                                               test::gaussian_particles(20, d), 100);
  EXPECT_TRUE(result.stiff_from);
}

TEST(SaveOf, AnotherFlowIsRefused) {
  const test::SmoothData data;
  const auto field = data.field();
  Walk one(field, {}, test::adaptive(1e-4), test::gaussian_particles(17, data.d));
  Walk other(field, {}, test::adaptive(1e-4), test::gaussian_particles(16, data.d));
  one.go(1);
  EXPECT_THROW(other.restore(one.save()), InputError);
  Words cut = one.save();
  cut.pop_back();
  EXPECT_THROW(one.restore(cut), InputError);
}

}  // namespace
}  // namespace mckean
