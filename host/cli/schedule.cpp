// The integrator, the end and the record times of a run, from its configuration.
#include "host/cli/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "host/cli/options/option_table.hpp"

namespace mckean::cli {
namespace {

IntegratorSpec make_integrator(const RunConfig& config, std::size_t m) {
  const TimeConfig& time = config.time;
  IntegratorSpec spec;
  spec.method = time.method;
  spec.dt = time.dt;
  if (time.lr) {
    const bool mean_field = config.model.spec.scaling == Scaling::mean_field;
    spec.dt = 2 * *time.lr / (mean_field ? static_cast<double>(m) : 1.0);
  }
  spec.rtol = time.rtol;
  spec.atol = time.atol;
  spec.eta = time.eta;
  spec.proximal_tolerance = time.proximal_tolerance;
  spec.temperature = time.temperature;
  spec.seed = config.seeds.noise;
  spec.audit = !time.no_audit;
  spec.stop = config.stop;
  return spec;
}

double end_of(const RunConfig& config, const IntegratorSpec& spec, std::size_t samples) {
  const TimeConfig& time = config.time;
  if (time.steps) return static_cast<double>(*time.steps) * spec.fixed_size();
  if (!time.epochs) return time.t_end;
  const auto batch =
      static_cast<double>(config.batch.batch.value_or(std::max<std::size_t>(samples, 1)));
  const double per_epoch = std::max(std::floor(static_cast<double>(samples) / batch), 1.0);
  const double steps = std::round(*time.epochs * per_epoch);
  require<&TimeConfig::epochs>(steps >= 1, config, "makes no step: raise it");
  return steps * spec.fixed_size();
}

/// The list given; or K log-spaced times; or 0 and the powers of ten down to t_end/1000, then
/// t_end.
std::vector<double> record_times(const RunConfig& config, double t_end) {
  const RecordConfig& records = config.records;
  std::vector<double> times = records.at;
  if (!times.empty()) {
    if (times.back() > t_end) {
      const TimeConfig& time = config.time;
      const char* const end = time.steps ? "--steps" : time.epochs ? "--epochs" : "--t-end";
      refuse<&RecordConfig::at>(shortest(times.back()) + " is after the end, " + shortest(t_end) +
                                ": raise " + end);
    }
    if (times.back() < t_end) times.push_back(t_end);
    return times;
  }
  times.push_back(0);
  if (records.count) {
    for (std::uint64_t i = 1; i + 1 < *records.count; ++i) {
      const double fraction = static_cast<double>(i - 1) / static_cast<double>(*records.count - 2);
      times.push_back(t_end * std::pow(10., 3 * (fraction - 1)));
    }
  } else {
    for (int exponent = -300; exponent <= 300; ++exponent) {
      const double time = std::stod("1e" + std::to_string(exponent));
      if (time >= t_end / 1000 * (1 - 1e-12) && time < t_end * (1 - 1e-12)) times.push_back(time);
    }
  }
  times.push_back(t_end);
  return times;
}

void check_steps(const RunConfig& config, const Schedule& schedule) {
  const IntegratorSpec& spec = schedule.integrator;
  if (spec.adaptive() || schedule.t_end / spec.fixed_size() <= 1e12) return;
  const std::string many = shortest(spec.fixed_size()) +
                           " makes more than 1e12 steps to t = " + shortest(schedule.t_end) +
                           ": raise it, or lower --t-end";
  if (spec.method == IntegratorSpec::Method::proximal) refuse<&TimeConfig::eta>(many);
  if (config.time.lr) refuse<&TimeConfig::lr>("a dt of " + many);
  refuse<&TimeConfig::dt>(many);
}

}  // namespace

Schedule make_schedule(const RunConfig& config, std::size_t samples, std::size_t m) {
  Schedule schedule;
  schedule.integrator = make_integrator(config, m);
  schedule.t_end = end_of(config, schedule.integrator, samples);
  schedule.record_times = record_times(config, schedule.t_end);
  check_steps(config, schedule);
  return schedule;
}

RunConfig resolve(RunConfig config, const Problem& problem, std::size_t m,
                  const Schedule& schedule) {
  config.problem.dim = problem.d;
  if (config.problem.kind == JobKind::data)
    config.problem.samples = SampleCount{problem.data->y.size()};
  config.start.width = m;
  config.time.dt = schedule.integrator.dt;
  config.time.t_end = schedule.t_end;
  return config;
}

}  // namespace mckean::cli
