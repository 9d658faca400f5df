// mckean eval: objective, risk and velocity of given particles.
#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <vector>

#include "checks.hpp"
#include "commands.hpp"
#include "config.hpp"
#include "exit_code.hpp"
#include "host/data/read.hpp"
#include "host/flow/gradient_flow.hpp"
#include "json_text.hpp"
#include "make_field.hpp"
#include "mckean/error.hpp"
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

template <Backend B>
int evaluate(const B& backend, const Settings& settings, const ModelConfig& model,
             const Problem& problem, const ParticleArray& particles,
             std::optional<ResultFile>& result_file) {
  RunConfig run;
  run.model = model;
  const auto field = make_field(backend, run, settings, problem);
  const auto test_field = make_test_field(backend, model, problem, particles.m);
  const auto state = copy_to(backend, particles.values);
  auto velocity = backend.template allocate<double>(particles.values.size());
  FieldSpec spec = model.spec;
  // v itself, whatever the scaling makes of time.
  spec.scaling = Scaling::mean_field;
  GradientFlow<B> motion(backend, *field, spec, particles.m, particles.d);
  const GradientFlow<B> flow(backend, *field, model.spec, particles.m, particles.d);
  const auto w = flow.state(state.view());

  std::vector<double> seconds;
  Energy energy;
  for (std::uint64_t i = 0; i < settings.count("repeat"); ++i) {
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
  result["seed"] = model.seed;
  if (settings.flag("json")) {
    print(json_text(result) + "\n");
  } else if (!settings.flag("quiet")) {
    for (const auto& [key, value] : result.items()) {
      if (value.is_null()) continue;
      const std::string text = value.is_string() ? std::string(value) : json_cell(value);
      print_fitted(key + std::string(12 - std::min<std::size_t>(key.size(), 12), ' ') + " " + text +
                   "\n");
    }
  }
  check_printed(false);
  return exit_done;
}

void check_velocity(const Settings& settings) {
  if (settings.empty("velocity")) {
    if (settings.flag("force"))
      throw InputError(settings.spelled("force") +
                       ": there is no file to replace: give --velocity, or leave it out");
    return;
  }
  const std::string& path = settings.text("velocity");
  if (!has_ending(path, ".npy"))
    throw InputError(settings.spelled("velocity") + ": " + path + " must end in .npy");
  for (const char* input : {"particles", "x", "y", "test-x", "test-y", "teacher"}) {
    std::error_code none;
    if (!settings.empty(input) &&
        std::filesystem::equivalent(path, file_of(settings.text(input)), none)) {
      throw InputError(settings.spelled("velocity") + ": " + path + " is --" + input +
                       " as well: give the velocities another name");
    }
  }
  ResultFile::check(path, settings.flag("force"));
}

}  // namespace

int eval_command(Settings& settings) {
  const ModelConfig model = resolve_model(settings, eval_only);
  if (settings.empty("particles"))
    throw InputError("--particles: give a file of particles, m x (1 + d)");
  require(settings.count("repeat") >= 1 && settings.count("repeat") <= 1000000, settings, "repeat",
          "must be between 1 and 1e6");
  check_velocity(settings);
  reserve_threads(model.threads);
  const Problem problem = make_problem(model, settings);
  const ParticleArray particles = read_particles(settings.text("particles"), problem.d);
  std::optional<ResultFile> result_file;
  if (!settings.empty("velocity"))
    result_file.emplace(settings.text("velocity"), settings.flag("force"));
  return with_backend(model.device, model.precision, model.threads, [&](const auto& backend) {
    return evaluate(backend, settings, model, problem, particles, result_file);
  });
}

}  // namespace mckean::cli
