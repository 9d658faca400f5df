// Every integrator shows its order on a smooth problem, with and without the sphere, in the state
// and in the energy.
#include <gtest/gtest.h>

#include "problem.hpp"

namespace mckean {
namespace {

using Method = IntegratorSpec::Method;
using test::adaptive;
using test::distance;
using test::fixed_step;
using test::run;

struct Case {
  Method method;
  double order;
  double dt;
};

/// With weight decay.
FieldSpec smooth_spec(Scaling scaling, Constraint constraint) {
  FieldSpec spec;
  spec.scaling = scaling;
  spec.constraint = constraint;
  spec.regularizer = Regularizer::l2;
  spec.lambda = .05;
  return spec;
}

class Orders : public ::testing::TestWithParam<std::tuple<Case, Constraint, Scaling>> {};

// Errors behave as C dt^p (1 + O(dt)): the observed order of a halving is p + O(dt).
TEST_P(Orders, OfStateAndOfEnergyResidual) {
  const auto [method, constraint, scaling] = GetParam();
  const test::SmoothData data;
  const auto field = data.field({ActivationKind::tanh}, scaling);
  FieldSpec spec = smooth_spec(scaling, constraint);
  spec.mobility_b = 2;
  const std::vector<double> times{0, .25, .5, .75, 1};

  // Root mean squares over several starts and times: at a single one a leading coefficient may
  // change its sign.
  double error[3] = {};
  double residual[3] = {};
  for (std::uint64_t seed = 1; seed <= test::sized(5u, 2u); ++seed) {
    const ParticleArray start = test::gaussian_particles(12, data.d, seed);
    const auto exact = run(field, spec, adaptive(test::sized(1e-13, 1e-9)), start, times);
    ASSERT_EQ(exact.result.outcome, Outcome::finished);
    for (int level = 0; level < 3; ++level) {
      const auto coarse =
          run(field, spec, fixed_step(method.method, method.dt / (1 << level)), start, times);
      ASSERT_EQ(coarse.result.outcome, Outcome::finished) << coarse.result.message;
      error[level] = std::hypot(error[level], distance(coarse.particles, exact.particles));
      for (const Record& record : coarse.records) {
        const double fallen = coarse.records[0].objective - record.objective;
        residual[level] = std::hypot(residual[level], *record.energy_residual * fallen);
      }
    }
  }
  EXPECT_GT(error[2], 2e-12) << "rounding would hide the order";
  EXPECT_NEAR(std::log2(error[0] / error[1]), method.order, .2);
  EXPECT_NEAR(std::log2(error[1] / error[2]), method.order, .15);
  EXPECT_NEAR(std::log2(residual[1] / residual[2]), method.order, .3)
      << residual[1] << " " << residual[2];
}

INSTANTIATE_TEST_SUITE_P(All, Orders,
                         ::testing::Combine(::testing::Values(Case{Method::euler, 1, .01},
                                                              Case{Method::heun, 2, .005},
                                                              Case{Method::rk4, 4, .005},
                                                              Case{Method::proximal, 1, .01}),
                                            ::testing::Values(Constraint::none, Constraint::sphere),
                                            ::testing::Values(Scaling::mean_field, Scaling::ntk)));

TEST(Orders, Dopri5MeetsItsToleranceAndItsEnergyResidualFollows) {
  const test::SmoothData data;
  const auto field = data.field();
  const ParticleArray start = test::gaussian_particles(12, data.d);
  for (const Constraint constraint : {Constraint::none, Constraint::sphere}) {
    FieldSpec spec;
    spec.constraint = constraint;
    const std::vector<double> times{0, 1, 7.5};
    const auto exact = run(field, spec, fixed_step(Method::rk4, 1. / 512), start, times);
    double previous = 1;
    for (const double rtol : {1e-4, 1e-6, 1e-8, 1e-10}) {
      const auto result = run(field, spec, adaptive(rtol), start, times);
      const double error = distance(result.particles, exact.particles);
      // A local error of rtol per unit of state and step; the flow of a gradient contracts or grows
      // mildly.
      EXPECT_LT(error, 20 * rtol);
      EXPECT_LT(error, previous / 4);
      EXPECT_LT(std::abs(*result.records.back().energy_residual), 20 * rtol);
      previous = error;
    }
  }
}

// A local error of rtol asks for steps h ~ rtol^(1/3), and leaves h^2 ~ rtol^(2/3): a factor of 4.6
// for each decade, over seven of them, and at least half of it for one, where growth may bound the
// steps at one tolerance and the error at the next.
class RkcOrders : public ::testing::TestWithParam<std::tuple<Constraint, Scaling>> {};

TEST_P(RkcOrders, ErrorFallsWithTheToleranceLikeTheSquareOfTheStep) {
  const auto [constraint, scaling] = GetParam();
  const test::SmoothData data;
  const auto field = data.field({ActivationKind::tanh}, scaling);
  const FieldSpec spec = smooth_spec(scaling, constraint);
  const double t = 2;
  const ParticleArray start = test::gaussian_particles(12, data.d);
  const auto exact = run(field, spec, adaptive(1e-12), start, {t});
  ASSERT_EQ(exact.result.outcome, Outcome::finished) << exact.result.message;
  double first = 0, last = 0, steps_first = 0, previous = 1;
  for (const double rtol : {1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9}) {
    const auto result = run(field, spec, adaptive(rtol, Method::rkc), start, {t});
    EXPECT_EQ(result.result.outcome, Outcome::finished) << rtol << " " << result.result.message;
    const double error = distance(result.particles, exact.particles);
    EXPECT_LT(error, previous / 2.3) << rtol;
    previous = error;
    if (rtol == 1e-4) {
      first = error;
      steps_first = static_cast<double>(result.result.reached.step);
    }
    if (rtol == 1e-9) {
      last = error;
      const double shorter = static_cast<double>(result.result.reached.step) / steps_first;
      EXPECT_NEAR(std::log(first / last) / std::log(shorter), 2, .15);
      EXPECT_NEAR(std::log10(shorter), 5. / 3, .15);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, RkcOrders,
                         ::testing::Combine(::testing::Values(Constraint::none, Constraint::sphere),
                                            ::testing::Values(Scaling::mean_field,
                                                              Scaling::standard, Scaling::ntk)));

// Amplitudes alone under standard scaling: linear least squares, whose largest eigenvalue grows
// with m. Dopri5 makes 6 evaluations for 3.3 of h rho, s stages .65 s^2.
TEST(RkcOrders, StiffFlowsTakeFewEvaluations) {
  const test::SmoothData data;
  const auto field = data.field({ActivationKind::tanh}, Scaling::standard);
  FieldSpec spec;
  spec.scaling = Scaling::standard;
  spec.train = Train::outer;
  const ParticleArray start = test::gaussian_particles(400, data.d);
  const auto rkc = run(field, spec, adaptive(1e-3, Method::rkc), start, {20});
  const auto dopri5 = run(field, spec, adaptive(1e-3), start, {20});
  ASSERT_EQ(rkc.result.outcome, Outcome::finished) << rkc.result.message;
  ASSERT_EQ(dopri5.result.outcome, Outcome::finished) << dopri5.result.message;
  EXPECT_LT(3 * rkc.result.reached.evaluations, dopri5.result.reached.evaluations);
  EXPECT_LT(distance(rkc.particles, dopri5.particles), 1e-2);
}

// Weight decay without data: J falls to 0, and below all that doubles can tell.
TEST(RkcOrders, FlowsThatDecayToZeroEndThere) {
  const test::NoData none{2};
  const auto field = none.field();
  FieldSpec spec;
  spec.regularizer = Regularizer::l2;
  spec.lambda = 1;
  for (const Method method : {Method::rkc, Method::dopri5}) {
    const auto result =
        run(field, spec, adaptive(1e-3, method), test::gaussian_particles(5, 2), {2000});
    EXPECT_EQ(result.result.outcome, Outcome::finished) << result.result.message;
    for (const double value : result.particles.values) EXPECT_LT(std::abs(value), 1e-4);
  }
}

// Mobilities and frozen parts: the identity holds for each of them, so the residual is the
// integrator's error alone.
TEST(Orders, EnergyIdentityHoldsForEverySpecification) {
  const test::SmoothData data;
  const ParticleArray start = test::gaussian_particles(9, data.d);
  for (const Scaling scaling : {Scaling::mean_field, Scaling::standard, Scaling::ntk}) {
    const auto field = data.field({ActivationKind::gelu}, scaling);
    for (const Train train : {Train::both, Train::inner, Train::outer}) {
      for (const Constraint constraint : {Constraint::none, Constraint::sphere}) {
        for (const Regularizer regularizer :
             {Regularizer::none, Regularizer::path, Regularizer::l2}) {
          FieldSpec spec{scaling, train, constraint, regularizer, .1, 1.5, .5};
          // Small enough that no amplitude changes sign, where the path norm has a kink.
          const auto result = run(field, spec, adaptive(1e-11), start, {0, .01});
          ASSERT_EQ(result.result.outcome, Outcome::finished) << result.result.message;
          const double decrease =
              result.records.front().objective - result.records.back().objective;
          EXPECT_GT(decrease, 1e-5);
          EXPECT_LT(std::abs(*result.records.back().energy_residual), 1e-8);
        }
      }
    }
  }
}

}  // namespace
}  // namespace mckean
