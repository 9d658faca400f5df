// mckean run: from its configuration to a flow, its records and its files.
#include <chrono>
#include <cmath>
#include <optional>

#include "commands.hpp"
#include "host/cli/options/option_table.hpp"
#include "mckean/flow.hpp"
#include "mckean/interruption.hpp"
#include "problem.hpp"
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

FlowOptions flow_options(const RunConfig& config, const IntegratorSpec& integrator,
                         const Problem& problem) {
  const BatchConfig& batch = config.batch;
  if (batch.batch && *batch.batch > problem.data->y.size()) {
    refuse<&BatchConfig::batch>(std::to_string(*batch.batch) + " is more than the " +
                                std::to_string(problem.data->y.size()) +
                                " samples: give a smaller batch, or leave it out");
  }
  FlowOptions options;
  options.integrator = integrator;
  options.batch = {batch.online ? batch.online : batch.batch, batch.replacement, config.seeds.data};
  options.device = config.machine.device;
  options.precision = config.machine.precision;
  options.threads = config.machine.threads;
  return options;
}

/// What is not known where an interruption came, after a step just taken and always on
/// mini-batches, fresh samples or with noise, if it takes no time that someone would notice;
/// empty otherwise.
void measure(const Flow& flow, Record& record, const ParticleArray& particles) {
  const Respite respite(0.3);
  try {
    const Record at = flow.measure(particles);
    record.dissipation = at.dissipation;
    record.objective = at.objective;
    record.risk = at.risk;
  } catch (const Interrupted&) {
    // The row does without.
  }
}

void fill(Record& record, const Flow& flow, const FetchParticles& fetch,
          MeasureDistances& distances) {
  // Nothing long where an interruption came, and no copy of the particles that nobody reads.
  if (record.interrupted || !distances.wanted()) return;
  const TargetDistances found = distances.at(flow, fetch());
  record.w2 = found.w2;
  record.w2_lower = found.lower;
  record.w2_upper = found.upper;
  record.w2_antipodal = found.w2_antipodal;
}

/// Runs a flow, on which work began at `begin`, to its end; the exit code.
int run(Clock::time_point begin, Flow& flow, const RunConfig& config,
        const std::vector<double>& record_times, MeasureDistances& distances,
        std::optional<double> linear_regression_risk) {
  RunOutput output(config, flow.device());
  const Clock::time_point start = Clock::now();
  ProgressLine progress(!config.output.quiet, flow.interactions());
  IntegrateCallbacks callbacks;
  callbacks.on_step = [&](const Progress& reached) {
    progress.update(reached);
    return !interruption_requested();
  };
  callbacks.on_record = [&](Record& record, const FetchParticles& fetch) {
    if (record.interrupted && std::isnan(record.risk)) measure(flow, record, fetch());
    const double before = distances.seconds();
    fill(record, flow, fetch, distances);
    progress.clear();
    progress.skip(distances.seconds() - before);
    progress.remember(record);
    output.add(record, fetch);
  };
  const IntegrationResult result = flow.run(record_times, callbacks);
  progress.clear();
  const ParticleArray particles = flow.particles();
  RunEnd end{result, particles, flow.device()};
  end.seconds = seconds_since(start) - distances.seconds();
  end.total_seconds = seconds_since(begin);
  end.interactions_per_second =
      static_cast<double>(result.reached.evaluations) * flow.interactions() / end.seconds;
  end.w2_seconds = distances.seconds();
  end.w2_method = distances.method();
  end.w2_unconverged = distances.unconverged();
  return output.close(end, linear_regression_risk);
}

}  // namespace

int run_command(const RunConfig& config) {
  if (!config.output.out.empty()) check_result_folder(config.output.out, config.output.force);
  reserve_threads(config.machine.threads);
  ProblemWithBaseline problem = make_problem(config, config.batch.online.has_value());
  const ParticleArray start = make_start(config, problem);
  const Schedule schedule =
      make_schedule(config, problem.data ? problem.data->y.size() : 0, start.m);
  RunConfig resolved = resolve(config, problem, start.m, schedule);
  const Clock::time_point begin = Clock::now();
  MeasureDistances distances(resolved, problem, start);
  const FlowOptions options = flow_options(resolved, schedule.integrator, problem);
  const std::optional<double> linear_regression_risk = problem.linear_regression_risk;
  Flow flow(std::move(problem), resolved.model.model(), start, options);
  if (resolved.time.adaptive()) {
    resolved.time.rtol = flow.integrator().rtol;
    resolved.time.atol = flow.integrator().atol;
  }
  return run(begin, flow, resolved, schedule.record_times, distances, linear_regression_risk);
}

}  // namespace mckean::cli
