// The energy identity as a guard: where the audit starts, what it lets through, and what is kept
// where J rises.
#include <gtest/gtest.h>

#include "problem.hpp"

namespace mckean {
namespace {

using Method = IntegratorSpec::Method;
using test::adaptive;
using test::fixed_step;
using test::gaussian_particles;
using test::run;

const Method deterministic_methods[] = {Method::euler,  Method::heun, Method::rk4,
                                        Method::dopri5, Method::rkc,  Method::proximal};

// J(0) is that of t = 0 whatever the first record is.
TEST(Energy, AuditStartsAtZeroWhateverIsRecordedFirst) {
  const test::SmoothData data;
  const auto field = data.field({ActivationKind::erf});
  const ParticleArray start = gaussian_particles(20, data.d);
  for (const Method method : deterministic_methods) {
    const IntegratorSpec integrator = test::integrator_of(method, .02, 1e-7);
    const auto from_zero = run(field, {}, integrator, start, {0, 10});
    ASSERT_EQ(from_zero.result.outcome, Outcome::finished) << from_zero.result.message;
    const double residual = from_zero.records.back().energy_residual.value();
    EXPECT_NE(residual, 0);
    for (const std::vector<double>& times : {std::vector<double>{10}, {1, 10}}) {
      const auto other = run(field, {}, integrator, start, times);
      EXPECT_EQ(other.records.back().energy_residual.value(), residual);
      EXPECT_EQ(other.result.energy_residual.value(), residual);
    }
  }
}

// Euler's own quadrature takes the dissipation at the start of each step: by naive loops.
TEST(Energy, ResidualIsThatOfTheDefinition) {
  const test::SmoothData data;
  const auto field = data.field();
  const ParticleArray start = gaussian_particles(10, data.d);
  const auto euler = run(field, {}, fixed_step(Method::euler, .01), start, {0, 1});
  reference::NaiveFlow flow = test::naive(data, "tanh", {});
  reference::PlaneState w = test::planes(start);
  const double first = flow.objective(w);
  double dissipated = 0;
  for (int i = 0; i < 100; ++i) {
    dissipated += .01 * reference::dissipation({}, flow.drift(w));
    w = flow.euler_step(w, .01);
  }
  const double fallen = first - flow.objective(w);
  EXPECT_NEAR(euler.records.back().energy_residual.value(), (fallen - dissipated) / fallen, 1e-12);
}

// What the step guard lets through adds up to at most EnergyAudit::slack of its allowance, .02 rtol
// of J(0) - J for smooth flows and rtol for others; a finished run has been held to it.
TEST(Energy, ResidualOfAFinishedRunIsWhatTheToleranceImplies) {
  const test::SmoothData data;
  const ParticleArray start = gaussian_particles(20, data.d);
  for (const char* name : {"tanh", "relu", "abs"}) {
    const auto field = data.field(*find_activation(name));
    for (const Method method : {Method::dopri5, Method::rkc}) {
      for (const double rtol : {1e-2, 1e-3, 1e-4}) {
        const auto result = run(field, {}, adaptive(rtol, method), start, {0, 1, 10});
        ASSERT_EQ(result.result.outcome, Outcome::finished)
            << name << " " << rtol << " " << result.result.message;
        const double allowed = 30 * (std::string(name) == "tanh" ? .02 : 1) * rtol;
        EXPECT_LT(std::abs(result.result.energy_residual.value()), allowed) << name << rtol;
      }
    }
  }
}

// A mobility of 10^-24 for everything is another unit of time: no reason to take a flow for at
// rest.
TEST(Energy, RestIsNoMatterOfTheUnitOfTime) {
  const test::SmoothData data;
  const auto field = data.field();
  const ParticleArray start = gaussian_particles(20, data.d);
  for (const Train train : {Train::both, Train::outer, Train::inner}) {
    FieldSpec spec;
    spec.train = train;
    const auto usual = run(field, spec, adaptive(1e-6, Method::dopri5), start, {100});
    spec.mobility_a = spec.mobility_b = 1e-24;
    const auto slow = run(field, spec, adaptive(1e-6, Method::dopri5), start, {100e24});
    EXPECT_FALSE(slow.result.at_rest_from);
    EXPECT_NEAR(slow.records.back().objective, usual.records.back().objective,
                1e-5 * usual.records.back().objective);
  }
}

// The least squares of a that squares as features leave have rates of |b|^4: the last digits of J
// are not waited for.
TEST(Energy, StiffQuadraticFeaturesComeToRest) {
  const std::vector<double> x{-2, 1, -1, -2}, y{-.26, .21};
  const SampledData<test::FlowBackend> field(test::backend(), *find_activation("square"),
                                             Scaling::mean_field, test::as_view(x),
                                             test::as_view(y), 2);
  ParticleArray start(4, 2);
  start.values = {.1, -.2, 2, -.4, 3, 4, -7, 1, -18, -15, -1, -17};
  FieldSpec spec;
  spec.train = Train::outer;
  const auto got = run(field, spec, adaptive(1e-4, Method::automatic), start, {0, 300});
  EXPECT_EQ(got.result.outcome, Outcome::finished) << got.result.message;
  EXPECT_TRUE(got.result.at_rest_from);
  EXPECT_LT(got.result.reached.evaluations, 20000u);
  EXPECT_LT(got.records.back().objective, 1e-18 * got.records.front().objective);
}

// At b = 0 softplus is log 2, and f a difference of terms a log 2: what rounding makes of these is
// no reason to give up.
TEST(Energy, RoundingOfNeuronsThatAreConstantsIsKnown) {
  const std::vector<double> x{1, -1, 2, .5, -2}, y(5);
  const SampledData<test::FlowBackend> field(test::backend(), *find_activation("softplus"),
                                             Scaling::ntk, test::as_view(x), test::as_view(y), 1);
  FieldSpec spec;
  spec.scaling = Scaling::ntk;
  spec.regularizer = Regularizer::path;
  spec.lambda = 1;
  ParticleArray start(3, 1);
  start.values = {.5, .3, -.7, .4, -.3, .2};
  const auto got = run(field, spec, adaptive(1e-4, Method::automatic), start, {0, 100});
  EXPECT_EQ(got.result.outcome, Outcome::finished) << got.result.message;
  EXPECT_LT(got.records.back().objective, 1e-18);
}

// With sigma = z^2 and a(0) = 0, b -> S b, a -> a/S^2 and t -> t/S^4 leave J as it is: a flow does
// not come to rest because some of its particles' coordinates are small beside others.
TEST(Energy, RestIsThatOfEachCoordinate) {
  const test::SmoothData data;
  const auto field = data.field({ActivationKind::square});
  FieldSpec spec;
  spec.train = Train::outer;
  const auto end_of = [&](double scale) {
    ParticleArray start = gaussian_particles(6, data.d);
    for (std::size_t i = 0; i < start.values.size(); ++i) start.values[i] *= i < 6 ? 0 : scale;
    const auto got =
        run(field, spec, adaptive(1e-4, Method::automatic), start, {0, 100 / std::pow(scale, 4)});
    EXPECT_EQ(got.result.outcome, Outcome::finished) << got.result.message;
    return got.records.back().objective;
  };
  const double expected = end_of(1);
  for (const double scale : {.1, 1e-2, 1e-3}) EXPECT_NEAR(end_of(scale), expected, 1e-4 * expected);
}

// Between the records of an adaptive run J never rises by more than its rounding, also where many
// fall into one step.
TEST(Energy, NeverRisesBetweenRecords) {
  const test::SmoothData data;
  const ParticleArray start = gaussian_particles(20, data.d);
  std::vector<double> times;
  for (int i = 0; i <= 1000; ++i) times.push_back(i * .01);
  struct {
    const char* activation;
    Regularizer regularizer;
  } const cases[] = {{"tanh", Regularizer::none},
                     {"relu", Regularizer::none},
                     {"abs", Regularizer::none},
                     {"tanh", Regularizer::path},
                     {"relu", Regularizer::path}};
  for (const auto& each : cases) {
    const auto field = data.field(*find_activation(each.activation));
    FieldSpec spec;
    spec.regularizer = each.regularizer;
    spec.lambda = .05;
    for (const Method method : {Method::dopri5, Method::rkc}) {
      for (const double rtol : {1e-2, 1e-3, 1e-5}) {
        const auto result = run(field, spec, adaptive(rtol, method), start, times);
        ASSERT_EQ(result.result.outcome, Outcome::finished) << result.result.message;
        ASSERT_EQ(result.records.size(), times.size());
        for (std::size_t i = 1; i < times.size(); ++i) {
          EXPECT_LE(result.records[i].objective,
                    result.records[i - 1].objective + 1e-14 * result.records[0].objective)
              << each.activation << " " << rtol << " " << times[i];
        }
      }
    }
  }
}

// Weight decay alone: x' = -lambda x, of which Euler makes (1 - z)^k with z = lambda dt. Its sum of
// dissipation is 2/(2 - z) of J(0) - J: the identity is off by 1 - 2/(2 - z), a third at z = .5.
TEST(Energy, FixedStepsThatResolveNothingEndAsNotConverged) {
  const test::NoData none{2};
  const auto field = none.field();
  FieldSpec spec;
  spec.regularizer = Regularizer::l2;
  spec.lambda = 1;
  const ParticleArray start = gaussian_particles(5, 2);
  for (const double z : {.1, .5, 1.9}) {
    IntegratorSpec integrator = fixed_step(Method::euler, z);
    const auto result = run(field, spec, integrator, start, {0, 20 * z});
    // dissipated/(J(0) - J) = z sum |w_k|^2/((|w_0|^2 - |w_K|^2)/2) = 2/(2 - z).
    const double residual = 1 - 2 / (2 - z);
    EXPECT_NEAR(result.result.energy_residual.value(), residual, 1e-12) << z;
    EXPECT_EQ(result.result.outcome, z == .1 ? Outcome::finished : Outcome::not_converged) << z;
    integrator.audit = false;
    EXPECT_EQ(run(field, spec, integrator, start, {0, 20 * z}).result.outcome, Outcome::finished);
  }
}

// Beyond stability J rises: the run ends as diverged, with the state of the lowest J that a naive
// loop of the same steps finds before J is ten times its first value.
TEST(Energy, DivergenceKeepsTheLastStateWhoseObjectiveHadNotRisen) {
  const test::SmoothData data;
  const auto field = data.field({ActivationKind::square});
  const ParticleArray start = gaussian_particles(8, data.d);
  int found = 0;
  for (const double dt : {.002, .005, .01, .02, .05, .2}) {
    const auto result = run(field, {}, fixed_step(Method::euler, dt), start, {0, 1000 * dt});
    reference::NaiveFlow flow = test::naive(data, "square", {});
    reference::PlaneState w = test::planes(start), kept = w;
    const double first = flow.objective(w);
    double lowest = first;
    int step = 0;
    bool diverged = false;
    for (; step < 1000 && !diverged; ++step) {
      w = flow.euler_step(w, dt);
      const double j = flow.objective(w);
      if (!(j <= 10 * first)) diverged = true;
      if (!diverged && j <= lowest) {
        lowest = j;
        kept = w;
      }
    }
    if (!diverged) continue;
    ++found;
    EXPECT_EQ(result.result.outcome, Outcome::diverged) << dt;
    double largest = 0;
    for (const double value : kept.values) largest = std::max(largest, std::abs(value));
    // A few steps amplify the rounding of sums of 40 terms by the factors that make J rise.
    for (std::size_t i = 0; i < kept.values.size(); ++i)
      EXPECT_NEAR(result.particles.values[i], kept.values[i], 1e-9 * largest) << dt;
  }
  EXPECT_GT(found, 1);
}

}  // namespace
}  // namespace mckean
