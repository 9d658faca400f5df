// The table, the JSON object, the three files and the lines at the end.
#include "run_output.hpp"

#include <unistd.h>

#include <cstdio>

#include "exit_code.hpp"
#include "json_text.hpp"
#include "mckean/error.hpp"
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

/// Options as JSON: numbers and flags as such, what was not given and has no default as null.
ordered_json configuration(const Settings& settings) {
  ordered_json config;
  for (const OptionSpec& option : option_table()) {
    if ((option.readers & run_only) == 0) continue;
    const std::string& text = settings.text(option.name);
    const auto number = parse_number(text);
    if (text.empty()) {
      config[option.name] = nullptr;
    } else if (option.type == ValueType::flag) {
      config[option.name] = text == "true";
    } else if (option.type == ValueType::count || (option.type == ValueType::samples && number)) {
      config[option.name] = parse_count(text).value_or(0);
    } else if (option.type == ValueType::number && number) {
      config[option.name] = *number;
    } else {
      config[option.name] = text;
    }
  }
  return config;
}

}  // namespace

void check_output(const Settings& settings) {
  if (settings.empty("out")) {
    if (settings.flag("force"))
      throw InputError(settings.spelled("force") +
                       ": there are no results to replace: give --out, or leave it out");
    return;
  }
  check_result_folder(settings.text("out"), settings.flag("force"));
}

RunOutput::RunOutput(const Settings& settings, const RunConfig& run, const std::string& device)
    : settings_(settings),
      seed_(run.model.seed),
      is_proximal_(run.integrator.method == IntegratorSpec::Method::proximal),
      json_(settings.flag("json")),
      shows_text_(!json_ && !settings.flag("quiet")),
      table_(settings.flag("w2-antipodal"), terminal_columns(STDOUT_FILENO)) {
  if (!settings.empty("out"))
    folder_.emplace(settings.text("out"), settings.flag("force"), table_.csv_header());
  if (shows_text_) print_head(run, device);
}

void RunOutput::print_head(const RunConfig& run, const std::string& device) {
  const auto value = [this](const char* name) { return settings_.text(name); };
  const std::string samples = run.online ? "fresh" : value("samples");
  print_fitted("# mckean " MCKEAN_VERSION ", seed " + value("seed") + ", " + device + ", " +
               value("activation") + ": " + value("width") + " particles in dimension " +
               value("dim") + ", " + samples + " samples, to t = " + value("t-end") + " by " +
               value("integrator") + "\n");
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
    folder_->write_summary(summary);
  }
  if (json_) print(summary);
  if (shows_text_ && linear_regression_risk)
    print_fitted("# linear regression: test risk " + rounded("%.6g", *linear_regression_risk) +
                 "\n");
  if (!settings_.flag("quiet")) say_notes(end);
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
  summary["command"] = "run";
  summary["config"] = configuration(settings_);
  summary["seed"] = seed_;
  summary["device"] = end.device;
  summary["outcome"] = outcome_name(result.outcome);
  summary["message"] =
      result.message.empty() ? ordered_json(nullptr) : ordered_json(result.message);
  summary["t"] = result.reached.t;
  summary["steps"] = result.reached.step;
  summary["rejected"] = result.reached.rejected;
  summary["evaluations"] = result.reached.evaluations;
  if (is_proximal_) summary["proximal_residual"] = result.solver_residual;
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
        settings_.text("w2-rtol") + "; w2_lower and w2_upper show what is proved");
  }
}

}  // namespace mckean::cli
