// mckean run: from its configuration to a flow, its records and its files.
#include <chrono>
#include <cmath>
#include <optional>

#include "commands.hpp"
#include "host/flow/integrate.hpp"
#include "host/flow/make_backend.hpp"
#include "host/transport/backend_passes.hpp"
#include "make_field.hpp"
#include "mckean/interruption.hpp"
#include "progress_line.hpp"
#include "run_output.hpp"
#include "schedule.hpp"
#include "signals.hpp"
#include "target_distance.hpp"
#include "threads.hpp"

namespace mckean::cli {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// A run from its checked configuration to its end.
class Runner {
 public:
  /// `config` is settled.
  Runner(const RunConfig& config, const Schedule& schedule, const Problem& problem,
         ParticleArray start)
      : config_(config),
        schedule_(schedule),
        problem_(problem),
        particles_(std::move(start)),
        distances_(config, problem, particles_) {}

  template <Backend B>
  int on(const B& backend) {
    const auto field = make_field(backend, config_, config_.batch, problem_);
    const auto test_field = make_test_field(backend, config_, problem_, particles_.m);
    GradientFlow<B> flow(backend, *field, config_.model.spec, particles_.m, particles_.d);
    auto state = copy_to(backend, particles_.values);

    RunOutput output(config_, backend.describe());
    const Clock::time_point start = Clock::now();
    ProgressLine progress(!config_.output.quiet, field->interactions(particles_.m));
    IntegrateCallbacks callbacks;
    callbacks.on_step = [&](const Progress& reached) {
      progress.update(reached);
      return !interruption_requested();
    };
    // A closed form without a risk of its own to compare with is its own test.
    const bool is_law = !problem_.data && !config_.batch.online;
    const bool own_risk = is_law || (config_.batch.online && problem_.kernel);
    const BackendPasses<B> passes(backend);
    callbacks.on_record = [&](Record& record, const FetchParticles& fetch) {
      if (record.interrupted && std::isnan(record.risk)) measure(flow, record, fetch());
      const double before = distances_.seconds();
      if (own_risk && !record.interrupted) record.test_risk = record.risk;
      fill(record, fetch, passes);
      progress.clear();
      progress.skip(distances_.seconds() - before);
      progress.remember(record);
      output.add(record, fetch);
    };
    const IntegrationResult result =
        integrate(flow, schedule_.integrator, flow.state(state.view()), schedule_.record_times,
                  callbacks, own_risk ? nullptr : test_field.get());
    progress.clear();
    backend.copy(std::as_const(state).view(),
                 HostView<double>(particles_.values.data(), particles_.values.size()));
    RunEnd end{result, particles_, backend.describe()};
    end.seconds = seconds_since(start) - distances_.seconds();
    end.total_seconds = seconds_since(begin_);
    end.interactions_per_second = static_cast<double>(result.reached.evaluations) *
                                  field->interactions(particles_.m) / end.seconds;
    end.w2_seconds = distances_.seconds();
    end.w2_method = distances_.method();
    end.w2_unconverged = distances_.unconverged();
    return output.close(end, problem_.linear_regression_risk);
  }

 private:
  /// What is not known where an interruption came, after a step just taken and always on
  /// mini-batches, fresh samples or with noise, if it takes no time that someone would notice;
  /// empty otherwise.
  template <Backend B>
  static void measure(const GradientFlow<B>& flow, Record& record, const ParticleArray& particles) {
    const Respite respite(0.3);
    try {
      auto state = flow.backend().template allocate<double>(particles.values.size());
      auto drift = flow.backend().template allocate<double>(particles.values.size());
      flow.backend().copy(as_view(particles.values), state.view());
      const auto w = flow.state(std::as_const(state).view());
      const Energy energy = flow.energy(w);
      flow.full_drift(w, flow.state(drift.view()));
      record.dissipation = flow.dissipation(flow.state(std::as_const(drift).view()));
      record.objective = energy.objective;
      record.risk = energy.risk;
    } catch (const Interrupted&) {
      // The row does without.
    }
  }

  void fill(Record& record, const FetchParticles& fetch, const PairPasses& passes) {
    // Nothing long where an interruption came, and no copy of the particles that nobody reads.
    if (record.interrupted || !distances_.wanted()) return;
    const TargetDistances distances = distances_.at(fetch(), passes);
    record.w2 = distances.w2;
    record.w2_lower = distances.lower;
    record.w2_upper = distances.upper;
    record.w2_antipodal = distances.w2_antipodal;
  }

  const RunConfig& config_;
  const Schedule& schedule_;
  const Problem& problem_;
  ParticleArray particles_;
  MeasureDistances distances_;
  Clock::time_point begin_ = Clock::now();
};

}  // namespace

int run_command(const RunConfig& config) {
  if (!config.output.out.empty()) check_result_folder(config.output.out, config.output.force);
  const MachineConfig& machine = config.machine;
  reserve_threads(machine.threads);
  const Problem problem = make_problem(config, config.batch.online.has_value());
  ParticleArray start = make_start(config, problem);
  const Schedule schedule =
      make_schedule(config, problem.data ? problem.data->y.size() : 0, start.m);
  const RunConfig settled = settle(config, problem, start.m, schedule);
  Runner runner(settled, schedule, problem, std::move(start));
  return with_backend(machine.device, machine.precision, machine.threads,
                      [&](const auto& backend) { return runner.on(backend); });
}

}  // namespace mckean::cli
