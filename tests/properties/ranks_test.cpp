// Particles spread over ranks move as they do on one: f, sums and noise are those of the ensemble.
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "host/flow/minibatch.hpp"
#include "host/flow/population.hpp"
#include "mckean/flow.hpp"
#include "properties/problem.hpp"

namespace mckean::test {
namespace {

using Cpu = FlowBackend;

using Method = IntegratorSpec::Method;

/// Sums over the threads of one program, in the order of their ranks.
class Threads {
 public:
  explicit Threads(std::size_t count) : parts_(count) {}

  class Rank : public Communicator<Space::host> {
   public:
    Rank(Threads& all, std::size_t rank) : all_(all), rank_(rank) {}
    void add(HostView<double> values) const override {
      all_.parts_[rank_].assign(values.begin(), values.end());
      all_.meet();
      for (std::size_t i = 0; i < values.size(); ++i) {
        double sum = 0;
        for (const auto& part : all_.parts_) sum += part[i];
        values[i] = sum;
      }
      all_.meet();
    }

   private:
    Threads& all_;
    std::size_t rank_;
  };

 private:
  /// Waits for the others. Without the spinning of std::barrier, which busy machines punish.
  void meet() {
    std::unique_lock lock(mutex_);
    const std::size_t round = round_;
    if (++here_ == parts_.size()) {
      here_ = 0;
      ++round_;
      all_here_.notify_all();
    } else {
      all_here_.wait(lock, [&] { return round_ != round; });
    }
  }

  std::vector<std::vector<double>> parts_;
  std::mutex mutex_;
  std::condition_variable all_here_;
  std::size_t here_ = 0, round_ = 0;
};

struct Problem {
  const char* name;
  FieldSpec spec;
  IntegratorSpec integrator;
  ActivationKind activation = ActivationKind::tanh;
  bool batch = false;
};

std::unique_ptr<Field<Cpu>> make_field(const Cpu& backend, const SmoothData& data,
                                       const Problem& problem) {
  const AnyActivation activation{problem.activation};
  const Scaling scaling = problem.spec.scaling;
  if (problem.batch) {
    return std::make_unique<MiniBatch<Cpu>>(backend, activation, scaling,
                                            HostSamples{as_view(data.x), as_view(data.y), data.d},
                                            BatchRule{8, false, 3});
  }
  return std::make_unique<SampledData<Cpu>>(backend, activation, scaling, as_view(data.x),
                                            as_view(data.y), data.d);
}

/// Particles first to first + count - 1.
ParticleArray part(const ParticleArray& all, std::size_t first, std::size_t count) {
  ParticleArray some(count, all.d);
  for (std::size_t plane = 0; plane <= all.d; ++plane)
    std::copy_n(all.values.data() + plane * all.m + first, count,
                some.values.data() + plane * count);
  return some;
}

using PartRun = Run;  // a test has a member Run

/// The run of the particles at hand, which are some of an ensemble.
Run run_part(const Problem& problem, const ParticleArray& start, Ensemble ensemble,
             const Communicator<Space::host>* ranks) {
  const SmoothData data;
  const Cpu backend(1);
  const auto field = make_field(backend, data, problem);
  field->spread(ranks);
  GradientFlow<Cpu> flow(backend, *field, problem.spec, start.m, start.d, ensemble);
  Run out{start, {}, {}};
  IntegrateCallbacks callbacks;
  callbacks.on_record = [&](Record& record, const FetchParticles&) {
    out.records.push_back(record);
  };
  out.result = integrate(flow, problem.integrator, flow.state(out.particles.view().values),
                         {0, .5, 1}, callbacks);
  return out;
}

std::vector<Problem> problems() {
  std::vector<Problem> all;
  all.push_back({"euler", {}, fixed_step(Method::euler, .05)});
  all.push_back({"relu", {}, fixed_step(Method::rk4, .05), ActivationKind::piecewise_linear});
  const FieldSpec sphere{
      .constraint = Constraint::sphere, .regularizer = Regularizer::l2, .lambda = .1};
  all.push_back({"sphere", sphere, fixed_step(Method::heun, .05)});
  all.push_back({"ntk", {.scaling = Scaling::ntk}, fixed_step(Method::rk4, .05)});
  all.push_back({"standard", {.scaling = Scaling::standard}, fixed_step(Method::rk4, 1e-4)});
  all.push_back({"noise", {}, fixed_step(Method::euler, .05)});
  all.back().integrator.temperature = .1;
  all.push_back({"batch", {}, fixed_step(Method::euler, .05), ActivationKind::tanh, true});
  all.push_back({"dopri5", {}, adaptive(1e-6)});
  all.push_back({"rkc", {}, adaptive(1e-5, Method::rkc)});
  all.push_back({"proximal", {}, fixed_step(Method::proximal, .05)});
  return all;
}

TEST(Ranks, MoveAsOneDoes) {
  const ParticleArray start = gaussian_particles(601, SmoothData::d);
  const std::size_t cut = 215;
  for (const Problem& problem : problems()) {
    const PartRun one = run_part(problem, start, {start.m, 0}, nullptr);
    ASSERT_EQ(one.result.outcome, Outcome::finished) << problem.name << one.result.message;
    Threads threads(2);
    PartRun parts[2];
    {
      std::jthread other([&] {
        const Threads::Rank rank(threads, 1);
        parts[1] = run_part(problem, part(start, cut, start.m - cut), {start.m, cut}, &rank);
      });
      const Threads::Rank rank(threads, 0);
      parts[0] = run_part(problem, part(start, 0, cut), {start.m, 0}, &rank);
    }
    // Sums in another order: a few roundings of f a step, which the flow multiplies by less than
    // exp(10); and the solver of the proximal step ends within its tolerance.
    const double allowed = problem.integrator.method == Method::proximal ? 1e-8 : 1e-10;
    for (int r = 0; r < 2; ++r) {
      ASSERT_EQ(parts[r].result.outcome, Outcome::finished) << problem.name;
      const ParticleArray expected =
          r == 0 ? part(one.particles, 0, cut) : part(one.particles, cut, start.m - cut);
      EXPECT_LT(distance(parts[r].particles, expected), allowed) << problem.name;
      ASSERT_EQ(parts[r].records.size(), one.records.size());
      for (std::size_t i = 0; i < one.records.size(); ++i) {
        const Record &got = parts[r].records[i], &want = one.records[i];
        EXPECT_NEAR(got.objective, want.objective, allowed * want.objective) << problem.name;
        EXPECT_NEAR(got.dissipation, want.dissipation, allowed * want.dissipation);
        EXPECT_NEAR(got.path_norm, want.path_norm, allowed * want.path_norm);
        EXPECT_NEAR(got.n_eff, want.n_eff, allowed * want.n_eff);
      }
    }
    // The ranks agree on everything that they decide together.
    EXPECT_EQ(parts[0].result.reached.step, parts[1].result.reached.step);
    EXPECT_EQ(parts[0].records.back().objective, parts[1].records.back().objective);
  }
}

// A rank that diverges at a record's time does so for all.
TEST(Ranks, DivergeTogether) {
  Problem problem{"diverging", {}, fixed_step(Method::euler, .25), ActivationKind::square};
  ParticleArray start = gaussian_particles(100, SmoothData::d);
  for (double& a : start.view().a()) a *= 40;
  Threads threads(2);
  PartRun parts[2];
  {
    std::jthread other([&] {
      const Threads::Rank rank(threads, 1);
      parts[1] = run_part(problem, part(start, 60, 40), {100, 60}, &rank);
    });
    const Threads::Rank rank(threads, 0);
    parts[0] = run_part(problem, part(start, 0, 60), {100, 0}, &rank);
  }
  const PartRun one = run_part(problem, start, {100, 0}, nullptr);
  ASSERT_EQ(one.result.outcome, Outcome::diverged);
  for (const PartRun& some : parts) {
    EXPECT_EQ(some.result.outcome, Outcome::diverged);
    EXPECT_EQ(some.result.message, one.result.message);
    EXPECT_EQ(some.result.reached.step, one.result.reached.step);
  }
}

TEST(Ranks, WhatNeedsAllParticlesIsRefused) {
  Threads threads(1);
  const Threads::Rank rank(threads, 0);
  Population<Cpu> closed_form(backend(), {PairKernelKind::arc_cosine, 1}, Scaling::mean_field,
                              {gaussian_particles(3, 3), {}}, 3);
  EXPECT_THROW(closed_form.spread(&rank), InputError);
  EXPECT_NO_THROW(closed_form.spread(nullptr));
  const Problem kinked{"kinked", {}, adaptive(1e-4, Method::rkc), ActivationKind::piecewise_linear};
  const ParticleArray start = gaussian_particles(20, SmoothData::d);
  EXPECT_THROW(run_part(kinked, start, {20, 0}, &rank), InputError);
}

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

TEST(Ranks, AreOptionsOfAFlow) {
  const ParticleArray start = gaussian_particles(90, SmoothData::d);
  const std::size_t cut = 31;
  const ParticleArray parts[] = {part(start, 0, cut), part(start, cut, start.m - cut)};
  IntegratorSpec noisy = fixed_step(Method::euler, .05);
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

TEST(Ranks, OfAFlowAreChecked) {
  const ParticleArray start = gaussian_particles(20, SmoothData::d);
  Threads threads(1);
  const Threads::Rank rank(threads, 0);
  const IntegratorSpec euler = fixed_step(Method::euler, .1);
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
