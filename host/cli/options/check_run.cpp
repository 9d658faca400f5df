// Combinations of start, integrator, batches, records and distances that make no sense.
#include <algorithm>
#include <functional>

#include "host/cli/options/make_config.hpp"

namespace mckean::cli {
namespace {

using Method = IntegratorSpec::Method;

void check_start(const Draft& draft, const RunConfig& config) {
  const StartConfig& start = config.start;
  if (start.measure.law == InitLaw::file) {
    if (start.file.empty()) refuse<&InitialMeasure::law>("file needs --init-file FILE");
    const char* const as_it_is = "the start comes from a file as it is: leave it out";
    refuse_if_given<&InitialMeasure::sampling>(draft, as_it_is);
    refuse_if_given<&InitialMeasure::amplitude>(draft, as_it_is);
    refuse_if_given<&InitialMeasure::scale_a>(draft, as_it_is);
    refuse_if_given<&InitialMeasure::scale_b>(draft, as_it_is);
    refuse_if_given<&InitialMeasure::paired>(draft, as_it_is);
    return;
  }
  refuse_if_given<&StartConfig::file>(draft, "is read by --init file only");
  require<&StartConfig::width>(start.width >= 1 && start.width <= 4000000000, config,
                               "must be between 1 and 4e9");
  const bool zero = start.measure.amplitude == Amplitude::zero || start.measure.scale_a == 0;
  if (config.model.spec.rate_a() == 0 && zero)
    refuse<&InitialMeasure::amplitude>(
        "the network would stay at 0, since a does not move: choose --amplitude one, or --train "
        "both");
}

void check_adaptive(const Draft& draft, const RunConfig& config) {
  const TimeConfig& time = config.time;
  require<&TimeConfig::dt>(time.dt >= 0, config, "must not be negative");
  const double rtol = time.rtol.value_or(1), atol = time.atol.value_or(rtol);
  require<&TimeConfig::rtol>(rtol >= 0, config, "must not be negative");
  require<&TimeConfig::atol>(atol >= 0, config, "must not be negative");
  if (rtol + atol == 0) refuse<&TimeConfig::rtol>("rtol and atol are both 0: raise one");
  const std::string chooses =
      "--integrator " + name_of(time.method) +
      " chooses its steps by itself: choose euler, heun or rk4, or leave it out";
  refuse_if_given<&TimeConfig::lr>(draft, chooses);
  refuse_if_given<&TimeConfig::steps>(draft, chooses);
  refuse_if_given<&TimeConfig::epochs>(draft, chooses);
}

void check_fixed(const Draft& draft, const RunConfig& config) {
  const TimeConfig& time = config.time;
  const char* const adaptive_only = "is read by --integrator auto, rkc and dopri5 only";
  refuse_if_given<&TimeConfig::rtol>(draft, adaptive_only);
  refuse_if_given<&TimeConfig::atol>(draft, adaptive_only);
  if (time.method == Method::proximal) {
    require<&TimeConfig::eta>(time.eta > 0, config, "must be above 0");
    require<&TimeConfig::proximal_tolerance>(time.proximal_tolerance > 0, config,
                                             "must be above 0");
    const char* const eta = "the step of --integrator proximal is --eta";
    refuse_if_given<&TimeConfig::dt>(draft, eta);
    refuse_if_given<&TimeConfig::lr>(draft, eta);
    return;
  }
  require<&TimeConfig::dt>(time.dt > 0, config, "must be above 0");
  if (!time.lr) return;
  require<&TimeConfig::lr>(time.lr > 0, config, "must be above 0");
  refuse_if_given<&TimeConfig::dt>(draft, "the step is given by --lr already: leave one out");
  if (time.method != Method::euler)
    refuse<&TimeConfig::lr>("gradient descent is --integrator euler: choose that, or give --dt");
}

/// Who says when the run ends.
void check_end(const Draft& draft, const RunConfig& config) {
  const TimeConfig& time = config.time;
  require<&TimeConfig::t_end>(time.t_end > 0, config, "must be above 0");
  if (time.steps) {
    require<&TimeConfig::steps>(time.steps >= 1, config, "must be at least 1");
    const char* const known = "the end is given by --steps already: leave one out";
    refuse_if_given<&TimeConfig::t_end>(draft, known);
    refuse_if_given<&TimeConfig::epochs>(draft, known);
  }
  if (!time.epochs) return;
  require<&TimeConfig::epochs>(time.epochs > 0, config, "must be above 0");
  refuse_if_given<&TimeConfig::t_end>(draft, "the end is given by --epochs already: leave one out");
  const ProblemConfig& problem = config.problem;
  const bool has_samples =
      problem.kind == JobKind::data || (problem.samples && problem.samples->finite);
  if (config.batch.online || !has_samples)
    refuse<&TimeConfig::epochs>("there are no data to pass over: give --steps or --t-end");
}

void check_integrator(const Draft& draft, const RunConfig& config) {
  const TimeConfig& time = config.time;
  require<&TimeConfig::temperature>(time.temperature >= 0, config, "must not be negative");
  if (time.temperature > 0 && time.method != Method::euler)
    refuse<&TimeConfig::temperature>("noise needs --integrator euler (Euler-Maruyama)");
  if (config.batch.batch || config.batch.online) {
    if (time.method == Method::proximal)
      refuse<&TimeConfig::method>(
          "proximal minimizes one objective, and samples that change have none: choose euler, heun "
          "or rk4");
    if (time.adaptive())
      refuse<&TimeConfig::method>(
          name_of(time.method) +
          " would take the noise of samples for error: choose euler, heun or rk4");
  }
  if (time.method != Method::proximal) {
    const char* const proximal_only = "is read by --integrator proximal only";
    refuse_if_given<&TimeConfig::eta>(draft, proximal_only);
    refuse_if_given<&TimeConfig::proximal_tolerance>(draft, proximal_only);
  }
  if (time.adaptive()) {
    check_adaptive(draft, config);
  } else {
    check_fixed(draft, config);
  }
}

void check_records(const Draft& draft, const RunConfig& config) {
  const RecordConfig& records = config.records;
  if (records.count) {
    refuse_if_given<&RecordConfig::at>(draft,
                                       "the times are given by --records already: leave one out");
    require<&RecordConfig::count>(records.count >= 2 && records.count <= 1000000, config,
                                  "must be between 2 (0 and t-end) and 1e6");
  }
  if (records.at.empty()) return;
  const std::vector<double>& times = records.at;
  if (!std::is_sorted(times.begin(), times.end(), std::less_equal<>()) || times.front() < 0)
    refuse<&RecordConfig::at>("times must increase from 0 on: give for example 0,1,10");
  const bool has_end = draft.given<&TimeConfig::t_end>() || config.time.steps || config.time.epochs;
  require<&RecordConfig::at>(has_end || times.back() > 0, config,
                             "ends at 0, so nothing moves: add a time");
}

void check_distance(const Draft& draft, const RunConfig& config) {
  const DistanceConfig& distance = config.distance;
  if (!distance.method.method) {
    const char* const none = "--w2 none computes no W2: leave one of the two out";
    refuse_if_given<&DistanceConfig::rtol>(draft, none);
    refuse_if_given<&DistanceConfig::time_limit>(draft, none);
    refuse_if_given<&DistanceConfig::subsample>(draft, none);
    refuse_if_given<&DistanceConfig::antipodal>(draft, none);
    refuse_if_given<&StopRules::w2>(draft, none);
  }
  require<&DistanceConfig::rtol>(distance.rtol >= 0 && distance.rtol < 1, config,
                                 "must be at least 0 and below 1");
  require<&DistanceConfig::time_limit>(distance.time_limit.value_or(1) > 0, config,
                                       "must be above 0");
  require<&DistanceConfig::subsample>(distance.subsample.value_or(1) >= 1, config,
                                      "must be at least 1");
}

void check_motion(const RunConfig& config) {
  const FieldSpec& spec = config.model.spec;
  require<&FieldSpec::mobility_a>(spec.mobility_a >= 0, config, "must not be negative");
  require<&FieldSpec::mobility_b>(spec.mobility_b >= 0, config, "must not be negative");
  if (!(spec.rate_a() > 0) && !(spec.rate_b() > 0))
    refuse<&FieldSpec::train>(
        "nothing moves: raise --mobility-a or --mobility-b, or choose --train both");
}

void check_batches(const Draft& draft, const RunConfig& config) {
  const BatchConfig& batch = config.batch;
  const ProblemConfig& problem = config.problem;
  if (batch.batch) {
    require<&BatchConfig::batch>(batch.batch >= 1, config, "must be at least 1");
    refuse_if_given<&BatchConfig::online>(
        draft,
        "samples are either mini-batches of fixed data or fresh: leave out --batch or --online");
    if (problem.kind != JobKind::data && !problem.samples.value().finite)
      refuse<&BatchConfig::batch>(
          "there are no samples to take batches of: give --samples N, or --online for fresh ones");
  } else {
    refuse_if_given<&BatchConfig::replacement>(draft, "is about mini-batches: give --batch");
  }
  if (!batch.online) return;
  require<&BatchConfig::online>(batch.online >= 1 && batch.online <= 100000000, config,
                                "must be between 1 and 1e8");
  refuse_if_given<&ProblemConfig::samples>(
      draft, "--online draws fresh samples at each step: leave it out");
}

}  // namespace

void check_run(const Draft& draft, const RunConfig& config) {
  check_start(draft, config);
  check_integrator(draft, config);
  check_records(draft, config);
  check_end(draft, config);
  check_distance(draft, config);
  require<&StopRules::risk>(config.stop.risk.value_or(1) > 0, config, "must be above 0");
  require<&StopRules::gradient>(config.stop.gradient.value_or(1) > 0, config, "must be above 0");
  require<&StopRules::w2>(config.stop.w2.value_or(1) > 0, config, "must be above 0");
  check_motion(config);
  check_batches(draft, config);
  if (config.output.out.empty() && config.output.force)
    refuse<&OutputConfig::force>("there are no results to replace: give --out, or leave it out");
}

}  // namespace mckean::cli
