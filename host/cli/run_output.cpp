// The table, the JSON object, the three files and the lines at the end.
#include "run_output.hpp"

#include <unistd.h>

#include <cstdio>

#include "build_info.hpp"
#include "exit_code.hpp"
#include "host/cli/options/option_table.hpp"
#include "json_text.hpp"
#include "message.hpp"
#include "standard_streams.hpp"

namespace mckean::cli {
namespace {

using nlohmann::ordered_json;

const char* outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::diverged:
      return "diverged";
    case Outcome::not_converged:
      return "not converged";
    case Outcome::interrupted:
      return "interrupted";
    case Outcome::converged:
      return "converged";
    case Outcome::finished:
      break;
  }
  return "finished";
}

int exit_code(Outcome outcome) {
  if (outcome == Outcome::finished || outcome == Outcome::converged) return exit_done;
  return outcome == Outcome::interrupted ? exit_interrupted : exit_not_finished;
}

std::string rounded(const char* format, double value) {
  char text[32];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

/// Nothing is null.
ordered_json to_json(const ShownValue& shown) {
  return std::visit(
      [](const auto& value) -> ordered_json {
        if constexpr (std::is_same_v<decltype(value), const std::monostate&>) {
          return nullptr;
        } else {
          return value;
        }
      },
      shown);
}

/// Every option of the command with its value.
ordered_json configuration(const RunConfig& run) {
  const AnyConfig any(run);
  ordered_json config;
  for (const OptionRow& option : option_table()) {
    if ((option.readers & by_run) != 0) config[option.name] = to_json(option.member.show(any));
  }
  return config;
}

}  // namespace

RunOutput::RunOutput(const RunConfig& config, const std::string& device)
    : config_(config),
      shows_text_(!config.output.json && !config.output.quiet),
      table_(config.distance.antipodal, terminal_columns(STDOUT_FILENO)) {
  const OutputConfig& output = config.output;
  if (!output.out.empty()) folder_.emplace(output.out, output.force, table_.csv_header());
  if (shows_text_) print_head(device);
}

void RunOutput::print_head(const std::string& device) {
  const std::string samples =
      config_.batch.online ? "fresh" : text_of<&ProblemConfig::samples>(config_);
  print_fitted("# mckean " MCKEAN_VERSION ", seed " + text_of<&SeedConfig::seed>(config_) + ", " +
               device + ", " + text_of<&ModelConfig::activation>(config_) + ": " +
               text_of<&StartConfig::width>(config_) + " particles in dimension " +
               text_of<&ProblemConfig::dim>(config_) + ", " + samples +
               " samples, to t = " + text_of<&TimeConfig::t_end>(config_) + " by " +
               text_of<&TimeConfig::method>(config_) + "\n");
  print(table_.text_header());
}

void RunOutput::add(const Record& record, const FetchParticles& particles) {
  records_.push_back(table_.json(record));
  if (folder_) folder_->add_record(table_.csv_row(record), to_rows(particles().view()));
  if (shows_text_) print(table_.text_row(record));
  // Nobody would ever see the rest.
  if (!folder_) check_printed(false);
}

int RunOutput::close(const RunEnd& end, std::optional<double> linear_regression_risk) {
  const Outcome outcome = end.result.outcome;
  const std::string summary = json_text(summarize(end, linear_regression_risk)) + "\n";
  if (folder_) {
    if (outcome != Outcome::finished) folder_->write_particles(to_rows(end.particles.view()));
    folder_->write("summary.json", summary);
  }
  if (config_.output.json) print(summary);
  if (shows_text_ && linear_regression_risk)
    print_fitted("# linear regression: test risk " + rounded("%.6g", *linear_regression_risk) +
                 "\n");
  if (!config_.output.quiet) say_notes(end);
  if (exit_code(outcome) != exit_done) {
    say(std::string(outcome_name(outcome)) + " at t = " + rounded("%.6g", end.result.reached.t) +
        ": " + end.result.message + (folder_ ? " (the last good state is in particles.npy)" : ""));
    return exit_code(outcome);
  }
  check_printed(folder_.has_value());
  return exit_done;
}

ordered_json RunOutput::summarize(const RunEnd& end,
                                  std::optional<double> linear_regression_risk) const {
  const IntegrationResult& result = end.result;
  ordered_json summary;
  summary["version"] = MCKEAN_VERSION;
  summary["commit"] = build_commit();
  summary["command"] = "run";
  summary["config"] = configuration(config_);
  summary["seed"] = config_.seeds.seed;
  summary["device"] = end.device;
  summary["outcome"] = outcome_name(result.outcome);
  summary["message"] =
      result.message.empty() ? ordered_json(nullptr) : ordered_json(result.message);
  summary["t"] = result.reached.t;
  summary["steps"] = result.reached.step;
  summary["rejected"] = result.reached.rejected;
  summary["evaluations"] = result.reached.evaluations;
  if (config_.time.method == IntegratorSpec::Method::proximal)
    summary["proximal_residual"] = result.solver_residual;
  const auto optional = [](const std::optional<double>& value) {
    return value ? ordered_json(*value) : ordered_json(nullptr);
  };
  summary["energy_residual"] = optional(result.energy_residual);
  summary["at_rest_from"] = optional(result.at_rest_from);
  summary["stiff_from"] = optional(result.stiff_from);
  summary["sliding"] = result.sliding;
  if (linear_regression_risk) summary["linear_regression_test_risk"] = *linear_regression_risk;
  summary["w2_method"] =
      end.w2_method.empty() ? ordered_json(nullptr) : ordered_json(end.w2_method);
  summary["w2_unconverged"] = end.w2_unconverged;
  summary["seconds"] = {
      {"integration", end.seconds}, {"w2", end.w2_seconds}, {"total", end.total_seconds}};
  summary["interactions_per_second"] = end.interactions_per_second;
  summary["records"] = records_;
  return summary;
}

void RunOutput::say_notes(const RunEnd& end) const {
  const IntegrationResult& result = end.result;
  if (result.at_rest_from) {
    say("note: at rest from t = " + rounded("%.6g", *result.at_rest_from) +
        " on, where the velocity is nothing but rounding");
  }
  if (result.outcome == Outcome::converged)
    say("converged at t = " + rounded("%.6g", result.reached.t) + ": " + result.message);
  if (end.w2_unconverged > 0) {
    say("note: at " + std::to_string(end.w2_unconverged) + " of " +
        std::to_string(records_.size()) + " records the bracket of W2 is wider than --w2-rtol " +
        text_of<&DistanceConfig::rtol>(config_) + "; w2_lower and w2_upper show what is proved");
  }
}

}  // namespace mckean::cli
