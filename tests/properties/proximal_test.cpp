// The minimizing movement: a stationary point of its functional, below every competitor, with an
// honest residual.
#include <gtest/gtest.h>

#include "problem.hpp"

namespace mckean {
namespace {

using Method = IntegratorSpec::Method;
using test::run;

/// A single step: the identity over it is off by the order of eta.
IntegratorSpec fixed_step(Method method, double eta) {
  IntegratorSpec spec = test::fixed_step(method, eta);
  spec.audit = false;
  return spec;
}

// r = a^2/2 + |b|^2/2 against data x = 0: v = lambda w, so the step is w/(1 + eta lambda M), in
// closed form.
TEST(Proximal, QuadraticObjectiveInClosedForm) {
  const test::NoData none{3};
  for (const Scaling scaling : {Scaling::mean_field, Scaling::standard, Scaling::ntk}) {
    const auto field = none.field(scaling);
    const ParticleArray start = test::gaussian_particles(16, 3);
    const FieldSpec spec{scaling, Train::both, Constraint::none, Regularizer::l2, .7, 1.5, .5};
    IntegratorSpec integrator = fixed_step(Method::proximal, 2);
    integrator.proximal_tolerance = 1e-12;
    const auto result = run(field, spec, integrator, start, {0, 2});
    ASSERT_EQ(result.result.outcome, Outcome::finished) << result.result.message;
    const double time = scaling == Scaling::ntk ? 1 / 4. : 1;
    for (std::size_t i = 0; i < start.values.size(); ++i) {
      const double mobility = i < start.m ? 1.5 : .5;
      EXPECT_NEAR(result.particles.values[i], start.values[i] / (1 + 2 * time * .7 * mobility),
                  1e-10);
    }
  }
}

TEST(Proximal, SolvesTheImplicitEquationAndReportsTheResidual) {
  const test::SmoothData data;
  const auto field = data.field();
  const ParticleArray start = test::gaussian_particles(20, data.d);
  const double eta = .5;
  IntegratorSpec integrator = fixed_step(Method::proximal, eta);
  integrator.proximal_tolerance = 1e-9;
  const auto result = run(field, {}, integrator, start, {0, eta});
  ASSERT_EQ(result.result.outcome, Outcome::finished) << result.result.message;
  const ParticleArray v = test::velocity_of(field, result.particles);
  double sum = 0;
  for (std::size_t i = 0; i < v.values.size(); ++i) {
    sum += std::pow(result.particles.values[i] - start.values[i] + eta * v.values[i], 2);
  }
  const double residual = std::sqrt(sum / static_cast<double>(start.m));
  EXPECT_LT(residual, 1e-9);
  EXPECT_GT(result.result.solver_residual, 0);
  EXPECT_NEAR(result.result.solver_residual, residual, 1e-12);
}

// J(w') + |w' - w|^2/(2 eta) is not above its value at any point around w', on the sphere and off
// it.
TEST(Proximal, IsAMinimum) {
  const test::SmoothData data;
  const auto field = data.field();
  for (const Constraint constraint : {Constraint::none, Constraint::sphere}) {
    FieldSpec spec;
    spec.constraint = constraint;
    ParticleArray start = test::gaussian_particles(10, data.d);
    GradientFlow<test::FlowBackend> flow(test::backend(), field, spec, start.m, start.d);
    const auto retract = [&](ParticleArray& w) {
      auto state = test::to_backend(test::backend(), w);
      flow.retract(flow.state(state.view()));
      test::from_backend(test::backend(), state, w);
    };
    retract(start);
    const double eta = .3;
    IntegratorSpec integrator = fixed_step(Method::proximal, eta);
    integrator.proximal_tolerance = 1e-8;
    const auto result = run(field, spec, integrator, start, {0, eta});
    ASSERT_EQ(result.result.outcome, Outcome::finished) << result.result.message;
    const auto value = [&](const ParticleArray& w) {
      const auto state = test::to_backend(test::backend(), w);
      return flow.energy(flow.state(state.view())).objective +
             std::pow(test::distance(w, start), 2) / (2 * eta);
    };
    const double best = value(result.particles);
    EXPECT_LT(best, value(start));
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      const ParticleArray direction = test::gaussian_particles(start.m, start.d, 100 + seed);
      ParticleArray other = result.particles;
      for (std::size_t i = 0; i < other.values.size(); ++i)
        other.values[i] += 1e-3 * direction.values[i];
      retract(other);
      EXPECT_GT(value(other), best);
    }
  }
}

TEST(Proximal, ToleranceOutOfReachIsReported) {
  const test::SmoothData data;
  const auto field = data.field();
  IntegratorSpec integrator = fixed_step(Method::proximal, .5);
  integrator.proximal_tolerance = 1e-300;
  const ParticleArray start = test::gaussian_particles(20, data.d);
  const auto result = run(field, {}, integrator, start, {0, .5});
  EXPECT_EQ(result.result.outcome, Outcome::not_converged);
  EXPECT_EQ(result.particles.values, start.values);
}

}  // namespace
}  // namespace mckean
