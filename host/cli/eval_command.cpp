// mckean eval: objective, risk and velocity of given particles.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "commands.hpp"
#include "exit_code.hpp"
#include "host/cli/options/option_table.hpp"
#include "host/data/read.hpp"
#include "json_text.hpp"
#include "mckean/error.hpp"
#include "mckean/evaluate.hpp"
#include "problem.hpp"
#include "result_file.hpp"
#include "standard_streams.hpp"
#include "threads.hpp"

namespace mckean::cli {
namespace {

using nlohmann::ordered_json;

/// As JSON, or a line for each value.
void print_result(const OutputConfig& output, const ordered_json& result) {
  if (output.json) {
    print(json_text(result) + "\n");
  } else if (!output.quiet) {
    for (const auto& [key, value] : result.items()) {
      if (value.is_null()) continue;
      const std::string text = value.is_string() ? std::string(value) : json_cell(value);
      print_fitted(key + std::string(12 - std::min<std::size_t>(key.size(), 12), ' ') + " " + text +
                   "\n");
    }
  }
  check_printed(false);
}

ordered_json to_json(const Evaluation& evaluation, const ProblemWithBaseline& problem,
                     std::uint64_t seed) {
  const std::optional<double>& test_risk = evaluation.test_risk;
  ordered_json result;
  result["objective"] = evaluation.objective;
  result["risk"] = evaluation.risk;
  result["test_risk"] = test_risk ? ordered_json(*test_risk) : ordered_json(nullptr);
  if (problem.linear_regression_risk)
    result["linear_regression_test_risk"] = *problem.linear_regression_risk;
  result["seconds"] = evaluation.seconds;
  result["device"] = evaluation.device;
  result["seed"] = seed;
  return result;
}

/// The file of velocities replaces none that is read.
void check_velocity(const EvalConfig& config) {
  const std::string& path = config.evaluation.velocity;
  if (path.empty()) return;
  if (!has_ending(path, ".npy")) refuse<&EvaluationConfig::velocity>(path + " must end in .npy");
  const ProblemConfig& problem = config.problem;
  const std::pair<const OptionRow&, const std::string&> inputs[] = {
      {option<&EvaluationConfig::particles>(), config.evaluation.particles},
      {option<&ProblemConfig::x>(), problem.x},
      {option<&ProblemConfig::y>(), problem.y},
      {option<&ProblemConfig::test_x>(), problem.test_x},
      {option<&ProblemConfig::test_y>(), problem.test_y},
      {option<&ProblemConfig::teacher>(), problem.teacher}};
  for (const auto& [row, input] : inputs) {
    std::error_code none;
    if (!input.empty() && std::filesystem::equivalent(path, file_of(input), none)) {
      refuse<&EvaluationConfig::velocity>(path + " is " + row.flag() +
                                          " as well: give the velocities another name");
    }
  }
  ResultFile::check(path, config.output.force);
}

}  // namespace

int eval_command(const EvalConfig& config) {
  check_velocity(config);
  const MachineConfig& machine = config.machine;
  reserve_threads(machine.threads);
  const ProblemWithBaseline problem = make_problem(config, false);
  const EvaluationConfig& asked = config.evaluation;
  const ParticleArray particles = read_particles(asked.particles, problem.d);
  std::optional<ResultFile> result_file;
  if (!asked.velocity.empty()) result_file.emplace(asked.velocity, config.output.force);
  const Evaluation evaluation =
      evaluate(problem, config.model.model(), particles,
               {machine.device, machine.precision, machine.threads, asked.repeat});
  if (result_file) result_file->write(to_rows(evaluation.velocity.view()));
  print_result(config.output, to_json(evaluation, problem, config.seeds.seed));
  return exit_done;
}

}  // namespace mckean::cli
