// mckean eval: objective, risk and velocity of given particles.
#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <vector>

#include "commands.hpp"
#include "exit_code.hpp"
#include "host/cli/options/option_table.hpp"
#include "host/data/interruptible.hpp"
#include "host/data/read.hpp"
#include "host/flow/gradient_flow.hpp"
#include "host/flow/make_backend.hpp"
#include "host/flow/make_field.hpp"
#include "json_text.hpp"
#include "mckean/error.hpp"
#include "problem.hpp"
#include "result_file.hpp"
#include "standard_streams.hpp"
#include "threads.hpp"

namespace mckean::cli {
namespace {

using nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

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

template <Backend B>
int evaluate(const B& backend, const EvalConfig& config, const Problem& problem,
             const ParticleArray& particles, std::optional<ResultFile>& result_file) {
  FieldMaker<B> fields(backend, problem, config.model.activation, config.model.spec.scaling);
  const auto field = fields.make({});
  const auto test_field = fields.make_test(particles.m);
  auto state = backend.template allocate<double>(particles.values.size());
  for_each_range(particles.values.size(), [&](std::size_t begin, std::size_t end) {
    backend.copy(as_view(particles.values).subview(begin, end - begin),
                 state.view().subview(begin, end - begin));
  });
  auto velocity = backend.template allocate<double>(particles.values.size());
  FieldSpec spec = config.model.spec;
  // v itself, whatever the scaling makes of time.
  spec.scaling = Scaling::mean_field;
  GradientFlow<B> motion(backend, *field, spec, particles.m, particles.d);
  const GradientFlow<B> flow(backend, *field, config.model.spec, particles.m, particles.d);
  const auto w = flow.state(std::as_const(state).view());

  std::vector<double> seconds;
  Energy energy;
  for (std::uint64_t i = 0; i < config.evaluation.repeat; ++i) {
    const Clock::time_point start = Clock::now();
    // Minus the drift of a flow without constraint.
    motion.drift(w, motion.state(velocity.view()), 0);
    energy = flow.energy(w);
    seconds.push_back(std::chrono::duration<double>(Clock::now() - start).count());
  }
  const bool is_law = !problem.data;
  std::optional<double> test_risk;
  if (is_law) test_risk = energy.risk;
  if (!is_law && test_field) test_risk = test_field->risk(w);

  if (result_file) {
    ParticleArray v(particles.m, particles.d);
    backend.copy(std::as_const(velocity).view(),
                 HostView<double>(v.values.data(), v.values.size()));
    for (double& value : v.values) value = -value;
    result_file->write(to_rows(v.view()));
  }
  ordered_json result;
  result["objective"] = energy.objective;
  result["risk"] = energy.risk;
  result["test_risk"] = test_risk ? ordered_json(*test_risk) : ordered_json(nullptr);
  if (problem.linear_regression_risk)
    result["linear_regression_test_risk"] = *problem.linear_regression_risk;
  result["seconds"] = median(seconds);
  result["device"] = backend.describe();
  result["seed"] = config.seeds.seed;
  print_result(config.output, result);
  return exit_done;
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
  const Problem problem = make_problem(config, false);
  const EvaluationConfig& evaluation = config.evaluation;
  const ParticleArray particles = read_particles(evaluation.particles, problem.d);
  std::optional<ResultFile> result_file;
  if (!evaluation.velocity.empty()) result_file.emplace(evaluation.velocity, config.output.force);
  return with_backend(machine.device, machine.precision, machine.threads, [&](const auto& backend) {
    return evaluate(backend, config, problem, particles, result_file);
  });
}

}  // namespace mckean::cli
