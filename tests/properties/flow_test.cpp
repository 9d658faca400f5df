// The public Flow: runs as integrate() does, steps, saves, restores, observes without a trace.
#include "mckean/flow.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <new>
#include <stdexcept>

#include "mckean/error.hpp"
#include "mckean/evaluate.hpp"
#include "mckean/initial_measure.hpp"
#include "mckean/interruption.hpp"
#include "mckean/w2.hpp"
#include "problem.hpp"

namespace mckean {
namespace {

using Method = IntegratorSpec::Method;

DataSet samples_of(const test::SmoothData& data) {
  DataSet set{Matrix(data.n, data.d), data.y};
  set.x.values = data.x;
  return set;
}

struct Setting {
  test::SmoothData data;
  Problem problem = data_problem(samples_of(data));
  Model model;
  ParticleArray start = test::gaussian_particles(17, test::SmoothData::d);
  FlowOptions options;

  explicit Setting(Method method = Method::dopri5, double dt = .1) {
    model.activation = *find_activation("tanh");
    options.integrator = test::integrator_of(method, dt, 1e-8);
    options.device = {DeviceChoice::Kind::cpu, 0};
    options.threads = 1;
  }
  Flow flow() const { return {problem, model, start, options}; }
};

std::vector<Record> rows_of(Flow& flow, const std::vector<double>& times) {
  std::vector<Record> rows;
  IntegrateCallbacks callbacks;
  callbacks.on_record = [&](Record& row, const FetchParticles&) { rows.push_back(row); };
  flow.run(times, callbacks);
  return rows;
}

void expect_same(const Record& one, const Record& other) {
  EXPECT_EQ(one.t, other.t);
  EXPECT_EQ(one.step, other.step);
  EXPECT_EQ(one.objective, other.objective);
  EXPECT_EQ(one.risk, other.risk);
  EXPECT_EQ(one.dissipation, other.dissipation);
  EXPECT_EQ(one.energy_residual, other.energy_residual);
  EXPECT_EQ(one.evaluations, other.evaluations);
}

class AnyFlow : public ::testing::TestWithParam<Method> {};

TEST_P(AnyFlow, RunsAsIntegrateDoes) {
  const Setting setting(GetParam());
  Flow flow = setting.flow();
  const std::vector<double> times{0, .3, 1, 2};
  const std::vector<Record> rows = rows_of(flow, times);
  const auto field = setting.data.field();
  const test::Run expected = test::run(field, {}, setting.options.integrator, setting.start, times);
  EXPECT_EQ(flow.particles().values, expected.particles.values);
  ASSERT_EQ(rows.size(), expected.records.size());
  for (std::size_t i = 0; i < rows.size(); ++i) expect_same(rows[i], expected.records[i]);
}

TEST_P(AnyFlow, StepsToTheEndOfARun) {
  const Setting setting(GetParam());
  Flow whole = setting.flow();
  whole.advance_to(2);
  Flow stepped = setting.flow();
  int steps = 0;
  while (stepped.time() < 2 * (1 - 1e-12)) {
    ASSERT_EQ(stepped.step(2), Outcome::finished);
    stepped.observe();
    ++steps;
  }
  EXPECT_EQ(whole.particles().values, stepped.particles().values);
  EXPECT_EQ(whole.time(), stepped.time());
  EXPECT_EQ(whole.result().reached.step, static_cast<std::uint64_t>(steps));
  expect_same(whole.observe(), stepped.observe());
}

// Put aside from on_step in the midst of a run with records, and gone on with elsewhere.
TEST_P(AnyFlow, GoesOnFromASavedState) {
  const Setting setting(GetParam());
  Flow flow = setting.flow();
  const std::vector<double> times{0, .3, 1, 1.5, 2};
  FlowState state;
  IntegrateCallbacks callbacks;
  callbacks.on_step = [&](const Progress& reached) {
    if (state.words().empty() && reached.t > .7) state = flow.save();
    return true;
  };
  std::vector<Record> rows;
  callbacks.on_record = [&](Record& row, const FetchParticles&) {
    rows.push_back(row);
    EXPECT_THROW(flow.save(), std::logic_error);
  };
  flow.run(times, callbacks);
  Setting elsewhere = setting;
  for (double& value : elsewhere.start.values) value += 1;
  Flow other = elsewhere.flow();
  other.restore(state);
  const double t = other.time();
  std::vector<double> left;
  for (const double time : times) {
    if (time > t) left.push_back(time);
  }
  ASSERT_GE(left.size(), 2u);
  const std::vector<Record> later = rows_of(other, left);
  EXPECT_EQ(flow.particles().values, other.particles().values);
  ASSERT_EQ(later.size(), left.size());
  for (std::size_t i = 0; i < later.size(); ++i)
    expect_same(later[i], rows[rows.size() - later.size() + i]);
}

INSTANTIATE_TEST_SUITE_P(All, AnyFlow,
                         ::testing::Values(Method::euler, Method::rk4, Method::dopri5, Method::rkc,
                                           Method::proximal));

// Until the request is taken back, what takes no time is answered, and nothing else.
TEST_P(AnyFlow, GoesOnAfterAnInterruption) {
  const Setting setting(GetParam());
  Flow whole = setting.flow();
  whole.advance_to(2);
  for (const bool by_answer : {false, true}) {
    Flow flow = setting.flow();
    IntegrateCallbacks callbacks;
    callbacks.on_step = [&](const Progress& reached) {
      if (reached.step == 2) request_interruption();
      return !by_answer || !interruption_requested();
    };
    EXPECT_EQ(flow.run({2}, callbacks).outcome, Outcome::interrupted);
    EXPECT_LT(flow.time(), 2);
    EXPECT_EQ(flow.particles().m, setting.start.m);
    EXPECT_TRUE(interruption_requested());
    clear_interruption();
    EXPECT_GT(flow.observe().objective, 0);
    EXPECT_EQ(flow.advance_to(2).outcome, whole.result().outcome);
    EXPECT_EQ(flow.particles().values, whole.particles().values);
  }
}

/// tanh, which asks for an interruption at a certain call.
struct Interrupting {
  static inline std::atomic<long> calls_left{0};

  template <class T>
  T value(T z) const {
    if (--calls_left == 0) request_interruption();
    return std::tanh(z);
  }
  template <class T>
  T derivative(T z) const {
    return 1 - std::tanh(z) * std::tanh(z);
  }
};

// Wherever it comes: in the first evaluation, between the stages of a step, in what judges one.
TEST_P(AnyFlow, IsInterruptedAnywhereAndGoesOn) {
  Setting setting(GetParam());
  setting.model.activation = Interrupting();
  const long evaluation = static_cast<long>(setting.start.m * setting.data.n);
  Interrupting::calls_left = -1;
  Flow whole = setting.flow();
  const Outcome outcome = whole.advance_to(.6).outcome;
  const ParticleArray expected = whole.particles();
  const Record row = whole.observe();
  const long evaluations = -Interrupting::calls_left / evaluation;
  EXPECT_GE(evaluations, 6);
  const long tried = std::min(evaluations, 150L);
  long interruptions = 0;
  for (long at = 0; at < tried; ++at) {
    Flow flow = setting.flow();
    Interrupting::calls_left = at * evaluation + evaluation / 2;
    Outcome reached = flow.advance_to(.6).outcome;
    if (reached == Outcome::interrupted) {
      ++interruptions;
      clear_interruption();
      EXPECT_LT(flow.time(), .6);
      reached = flow.advance_to(.6).outcome;
    }
    EXPECT_EQ(reached, outcome) << at;
    ASSERT_EQ(flow.particles().values, expected.values) << at;
    EXPECT_EQ(flow.observe().energy_residual, row.energy_residual) << at;
  }
  EXPECT_GE(interruptions, tried - 1);
}

// A state is of its problem, model and options, and whole.
TEST(Flow, RefusesStatesOfOtherFlows) {
  Setting setting(Method::rk4, .1);
  Flow flow = setting.flow();
  flow.advance_to(1);
  const FlowState state = flow.save();
  const auto refuses = [&](auto change) {
    Setting other = setting;
    change(other);
    Flow elsewhere = other.flow();
    EXPECT_THROW(elsewhere.restore(state), InputError);
    EXPECT_EQ(elsewhere.time(), 0);
  };
  refuses([](Setting& s) { s.problem.data->y[3] += 1e-9; });
  refuses([](Setting& s) { s.problem.data->x.values[0] *= 2; });
  refuses([](Setting& s) { s.model.scaling = Scaling::standard; });
  refuses([](Setting& s) { s.model.train = Train::outer; });
  refuses([](Setting& s) { s.model.constraint = Constraint::sphere; });
  refuses([](Setting& s) { s.model.activation = *find_activation("erf"); });
  refuses([](Setting& s) { s.model.lambda = .1; });
  refuses([](Setting& s) { s.options.integrator.dt = .3; });
  refuses([](Setting& s) { s.options.integrator.method = Method::heun; });
  refuses([](Setting& s) { s.options.batch = {5, false, 1}; });
  const std::vector<std::uint64_t> words(state.words().begin(), state.words().end());
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::vector<std::uint64_t> altered = words;
    altered[i] ^= 3;
    EXPECT_THROW(flow.restore(FlowState(altered)), InputError) << i;
    altered.resize(i);
    EXPECT_THROW(flow.restore(FlowState(altered)), InputError) << i;
  }
  flow.restore(state);
  EXPECT_EQ(flow.time(), 1);
}

TEST(Flow, RefusesPartsThatAreNotWhole) {
  const Setting setting;
  const auto refuses = [&](auto change) {
    Setting other = setting;
    change(other);
    EXPECT_THROW(other.flow(), InputError);
  };
  refuses([](Setting& s) { s.start.values.pop_back(); });
  refuses([](Setting& s) { s.start.m = std::size_t{1} << 62; });
  refuses([](Setting& s) {
    s.model.activation = AnyActivation{ActivationKind::custom, {}, nullptr};
  });
  refuses([](Setting& s) { s.model.regularizer = Regularizer::custom; });
  refuses([](Setting& s) { s.options.integrator.rtol = NAN; });
  refuses([](Setting& s) { s.options.integrator.proximal_tolerance = NAN; });
  refuses([](Setting& s) { s.options.integrator.stop.risk = NAN; });
  DataSet data = samples_of(setting.data);
  data.x.values.pop_back();
  EXPECT_THROW(data_problem(data), InputError);
  EXPECT_THROW(split_data(data, .5, 1), InputError);
  EXPECT_THROW(distance(Cloud(data.x), Cloud(data.x)), InputError);
  EXPECT_THROW(from_rows(data.x), InputError);
  EXPECT_THROW(make_file_teacher(data.x), InputError);
  data = samples_of(setting.data);
  data.y[0] = NAN;
  EXPECT_THROW(data_problem(data), InputError);
  EXPECT_THROW(online_problem(2, DrawSamples()), InputError);
  EXPECT_THROW(sampled_problem(2, DrawSamples(), 10), InputError);
  EXPECT_THROW(online_problem(0, [](auto, auto, auto) {}), InputError);
  EXPECT_THROW(draw_initial({}, std::size_t{1} << 62, 3, 1), std::bad_alloc);
  Flow flow = setting.flow();
  ParticleArray cut = setting.start;
  cut.values.pop_back();
  EXPECT_THROW(flow.measure(cut), InputError);
  EXPECT_THROW(flow.step(NAN), InputError);
  EXPECT_THROW(flow.step(0), InputError);
  EXPECT_THROW(flow.run({1, 1}), InputError);
  const Flow moved = std::move(flow);
  EXPECT_THROW(flow.time(), std::logic_error);
}

TEST(Flow, RunsOnFromWhereFixedStepsStand) {
  Setting setting(Method::rk4, .1);
  Flow flow = setting.flow();
  flow.run({0, .3});
  EXPECT_EQ(flow.run({.3, .6}).reached.step, 6u);
  flow.advance_to(.6);
  IntegrateCallbacks callbacks;
  callbacks.on_record = [](Record&, const FetchParticles&) { throw std::out_of_range("a record"); };
  EXPECT_THROW(flow.run({.9}, callbacks), std::out_of_range);
  flow.step();
  EXPECT_NO_THROW(flow.save());
}

TEST(Flow, StepsWithoutAnEnd) {
  Setting setting;
  Flow flow = setting.flow();
  for (int i = 0; i < 20; ++i) ASSERT_EQ(flow.step(), Outcome::finished);
  EXPECT_GT(flow.time(), .1);
  EXPECT_TRUE(std::isfinite(flow.time()));
  // At rest there is no step to take: f = y = 0.
  for (double& y : setting.problem.data->y) y = 0;
  for (std::size_t j = 0; j < setting.start.m; ++j) setting.start.values[j] = 0;
  Flow rest(setting.problem, setting.model, setting.start, setting.options);
  EXPECT_EQ(rest.step(), Outcome::finished);
  EXPECT_EQ(rest.time(), 0);
  EXPECT_TRUE(rest.result().at_rest_from);
  EXPECT_EQ(rest.advance_to(5).reached.t, 5);
}

TEST(Flow, EndsForGoodWhereAStopRuleIsMet) {
  Setting setting;
  setting.options.integrator.stop.risk = .5;
  Flow flow = setting.flow();
  ASSERT_GT(flow.observe().risk, .5);
  while (flow.step() == Outcome::finished) {
  }
  EXPECT_EQ(flow.result().outcome, Outcome::converged);
  EXPECT_LE(flow.observe().risk, .5);
  const double t = flow.time();
  EXPECT_EQ(flow.step(), Outcome::converged);
  EXPECT_EQ(flow.advance_to(t + 1).outcome, Outcome::converged);
  EXPECT_EQ(flow.time(), t);
  EXPECT_THROW(flow.save(), std::logic_error);
}

TEST(Flow, AfterADivergenceHasTheLastGoodState) {
  Setting setting(Method::euler, 1e4);
  Flow flow = setting.flow();
  while (flow.step() == Outcome::finished) {
  }
  EXPECT_EQ(flow.result().outcome, Outcome::diverged);
  EXPECT_EQ(flow.particles().values, setting.start.values);
  const auto field = setting.data.field();
  EXPECT_EQ(flow.observe().risk, field.risk(setting.start.view()));
}

TEST(Flow, RefusesWhatDoesNotFit) {
  const Setting setting;
  Flow flow = setting.flow();
  flow.advance_to(1);
  EXPECT_THROW(flow.advance_to(.5), InputError);
  EXPECT_THROW(flow.run({2, 1.5}), InputError);
  Setting other;
  other.start = test::gaussian_particles(16, test::SmoothData::d);
  Flow smaller = other.flow();
  const std::vector<double> before = smaller.particles().values;
  EXPECT_THROW(smaller.restore(flow.save()), InputError);
  EXPECT_EQ(smaller.particles().values, before);
  EXPECT_EQ(smaller.advance_to(1).outcome, Outcome::finished);
  other.start = test::gaussian_particles(16, 2);
  EXPECT_THROW(other.flow(), InputError);
  Setting fixed(Method::euler, 0);
  EXPECT_THROW(fixed.flow(), InputError);
}

// Samples of a law of one's own at each step; the run is a pure function of the law.
TEST(Flow, TakesALawOfOnesOwn) {
  const DrawSamples draw = [](std::uint64_t stream, HostView<double> x, HostView<double> y) {
    const std::vector<double> fresh = draw_samples(DataLaw::cube, y.size(), 2, 3, stream);
    for (std::size_t i = 0; i < y.size(); ++i) {
      x[2 * i] = fresh[2 * i];
      x[2 * i + 1] = fresh[2 * i + 1] * fresh[2 * i];
      y[i] = x[2 * i] * x[2 * i + 1];
    }
  };
  Model model;
  model.activation = *find_activation("tanh");
  FlowOptions options;
  options.integrator = test::fixed_step(Method::euler, .2);
  options.batch.size = 50;
  const ParticleArray start = test::gaussian_particles(40, 2);
  Flow flow(online_problem(2, draw), model, start, options);
  const double before = flow.observe().risk;
  // R is that of the samples set aside.
  const Problem held_out = sampled_problem(2, draw, 10, 20000);
  const Flow fixed(data_problem(*held_out.test), model, start);
  EXPECT_EQ(before, fixed.measure(start).risk);
  flow.advance_to(20);
  EXPECT_LT(flow.observe().risk, .8 * before);
  Flow half(online_problem(2, draw), model, start, options);
  half.advance_to(10);
  Flow rest(online_problem(2, draw), model, start, options);
  rest.restore(half.save());
  rest.advance_to(20);
  EXPECT_EQ(rest.particles().values, flow.particles().values);
}

TEST(Distance, BracketsThatOfThePointsOfALine) {
  // Sorted, the points are 1 and 3 apart: W2^2 = 5.
  const Cloud a(from_rows([] {
    Matrix rows(2, 2);
    rows.values = {0, 0, 0, 10};
    return rows;
  }()));
  Matrix rows(2, 2);
  rows.values = {0, 13, 0, 1};
  const Distance found = distance(a, Cloud(rows));
  EXPECT_NEAR(found.value, std::sqrt(5.), 1e-12);
  EXPECT_LE(found.lower, std::sqrt(5.) * (1 + 1e-15));
  EXPECT_GE(found.upper, std::sqrt(5.) * (1 - 1e-15));
  EXPECT_TRUE(found.converged);
  const Setting setting;
  Flow flow = setting.flow();
  EXPECT_EQ(distance(flow, Cloud(setting.start)).value, 0);
}

// An Euler step moves by v.
TEST(Evaluate, IsWhatAFlowMovesBy) {
  Setting setting(Method::euler, 1. / 64);
  setting.model.regularizer = Regularizer::l2;
  setting.model.lambda = .25;
  setting.model.mobility_b = 2;
  Flow flow = setting.flow();
  const EvaluationOptions options{.device = setting.options.device, .threads = 1};
  const Evaluation found = evaluate(setting.problem, setting.model, setting.start, options);
  const Record there = flow.measure(setting.start);
  EXPECT_EQ(found.objective, there.objective);
  EXPECT_EQ(found.risk, there.risk);
  EXPECT_FALSE(found.test_risk.has_value());
  flow.step();
  const ParticleArray after = flow.particles();
  for (std::size_t i = 0; i < after.values.size(); ++i) {
    // The step rounds once, by half an ulp of a state below 8.
    EXPECT_NEAR((setting.start.values[i] - after.values[i]) * 64, found.velocity.values[i],
                64 * 0x1p-50)
        << i;
  }
}

TEST(Evaluate, RefusesWhatDoesNotFit) {
  const Setting setting;
  EXPECT_THROW(evaluate(setting.problem, setting.model, ParticleArray(3, 1)), InputError);
  EXPECT_THROW(evaluate(setting.problem, setting.model, ParticleArray(0, setting.data.d)),
               InputError);
  Problem empty;
  empty.d = 2;
  EXPECT_THROW(evaluate(empty, setting.model, ParticleArray(3, 2)), InputError);
}

TEST(Clouds, OfParticles) {
  const ParticleArray particles = from_rows([] {
    Matrix rows(3, 3);
    rows.values = {9, 0, 2, 8, -3, 0, 7, 1, 1};
    return rows;
  }());
  EXPECT_EQ(inner_weights(particles).points.values, (std::vector<double>{0, 2, -3, 0, 1, 1}));
  const Matrix theta = angles(particles).points;
  EXPECT_DOUBLE_EQ(theta(0, 0), std::acos(0.));
  EXPECT_DOUBLE_EQ(theta(1, 0), std::acos(-1.));
  EXPECT_DOUBLE_EQ(theta(2, 0), std::atan(1.));
  EXPECT_THROW(angles(ParticleArray(2, 3)), InputError);
  EXPECT_EQ(subsample(particles, 3, 1).values, particles.values);
  const ParticleArray two = subsample(particles, 2, 1);
  ASSERT_EQ(two.m, 2u);
  EXPECT_NE(two.view().a()[0], two.view().a()[1]);
  for (std::size_t j = 0; j < 2; ++j) {
    const auto row = static_cast<std::size_t>(9 - two.view().a()[j]);
    ASSERT_LT(row, 3u);
    for (std::size_t k = 0; k < 2; ++k) EXPECT_EQ(two.view().b(k)[j], particles.view().b(k)[row]);
  }
}

}  // namespace
}  // namespace mckean
