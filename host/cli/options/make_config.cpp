// Defaults, in the order in which they follow from one another.
#include "host/cli/options/make_config.hpp"

namespace mckean::cli {
namespace {

/// The kind of job that the given options describe.
JobKind kind_of_job(const Draft& draft, const ProblemConfig& problem) {
  if (draft.given<&ProblemConfig::x>() || draft.given<&ProblemConfig::y>() ||
      draft.given<&ProblemConfig::test_x>() || draft.given<&ProblemConfig::test_y>())
    return JobKind::data;
  const bool circle =
      problem.law.value_or(DataLaw::circle) == DataLaw::circle && problem.dim.value_or(2) == 2 &&
      problem.target.value_or(TeacherLaw::uniform_circle) == TeacherLaw::uniform_circle &&
      problem.teacher.empty();
  return circle ? JobKind::circle : JobKind::law;
}

void complete_seeds(const Draft& draft, SeedConfig& seeds) {
  if (!draft.given<&SeedConfig::data>()) seeds.data = seeds.seed;
  if (!draft.given<&SeedConfig::teacher>()) seeds.teacher = seeds.seed;
  if (!draft.given<&SeedConfig::init>()) seeds.init = seeds.seed;
  if (!draft.given<&SeedConfig::noise>()) seeds.noise = seeds.seed;
}

void complete_flow(Draft& draft, FlowConfig& config) {
  ProblemConfig& problem = config.problem;
  problem.kind = kind_of_job(draft, problem);
  draft.take_defaults(problem.kind);
  complete_seeds(draft, config.seeds);
  // A file of neurons says what the target is, and what its dimension.
  const bool chosen = draft.given<&ProblemConfig::target>();
  if (!problem.teacher.empty() && !chosen) problem.target = TeacherLaw::file;
  if (draft.given<&ProblemConfig::dim>()) return;
  if (problem.target == TeacherLaw::file) {
    problem.dim.reset();
  } else if (problem.law == DataLaw::circle) {
    problem.dim = 2;
  }
}

void complete_start(const Draft& draft, StartConfig& start) {
  // As with the teacher.
  const bool chosen = draft.given<&InitialMeasure::law>();
  if (!start.file.empty() && !chosen) start.measure.law = InitLaw::file;
  const bool drawn = start.measure.law != InitLaw::file;
  if (!drawn && !draft.given<&StartConfig::width>()) start.width.reset();
}

void complete_time(const Draft& draft, RunConfig& config) {
  using Method = IntegratorSpec::Method;
  TimeConfig& time = config.time;
  const bool stochastic = time.temperature > 0 || config.batch.batch || config.batch.online;
  const bool counted = time.steps || time.epochs || time.lr;
  if (time.method == Method::automatic && (stochastic || counted)) time.method = Method::euler;
  if (time.adaptive()) {
    if (!draft.given<&TimeConfig::dt>()) time.dt = 0;
  }
  const bool listed = draft.given<&RecordConfig::at>() && !draft.given<&TimeConfig::t_end>() &&
                      !time.steps && !time.epochs;
  if (listed) time.t_end = config.records.at.back();
}

/// The first of the options that ask for a distance.
const OptionRow* asking_option(const Draft& draft) {
  if (draft.given<&DistanceConfig::method>()) return &option<&DistanceConfig::method>();
  if (draft.given<&DistanceConfig::rtol>()) return &option<&DistanceConfig::rtol>();
  if (draft.given<&DistanceConfig::time_limit>()) return &option<&DistanceConfig::time_limit>();
  if (draft.given<&DistanceConfig::subsample>()) return &option<&DistanceConfig::subsample>();
  if (draft.given<&StopRules::w2>()) return &option<&StopRules::w2>();
  return nullptr;
}

}  // namespace

RunConfig make_run_config(Draft& draft) {
  RunConfig& config = draft.config<RunConfig>();
  complete_flow(draft, config);
  check_flow(draft, config);
  complete_start(draft, config.start);
  complete_time(draft, config);
  config.distance.asked_by = asking_option(draft);
  check_run(draft, config);
  return config;
}

EvalConfig make_eval_config(Draft& draft) {
  EvalConfig& config = draft.config<EvalConfig>();
  complete_flow(draft, config);
  check_flow(draft, config);
  const EvaluationConfig& evaluation = config.evaluation;
  if (evaluation.particles.empty())
    refuse<&EvaluationConfig::particles>("give a file of particles, m x (1 + d)");
  require<&EvaluationConfig::repeat>(evaluation.repeat >= 1 && evaluation.repeat <= 1000000, config,
                                     "must be between 1 and 1e6");
  if (evaluation.velocity.empty() && config.output.force)
    refuse<&OutputConfig::force>("there is no file to replace: give --velocity, or leave it out");
  return config;
}

W2Config make_w2_config(Draft& draft) {
  draft.take_defaults(JobKind::circle);
  const W2Config& config = draft.config<W2Config>();
  check_w2(draft, config);
  return config;
}

InfoConfig make_info_config(Draft& draft) { return draft.config<InfoConfig>(); }

}  // namespace mckean::cli
