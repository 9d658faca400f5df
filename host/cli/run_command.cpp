// mckean run: from settings to a flow, its records and its files.
#include <chrono>
#include <csignal>
#include <cstdio>
#include <optional>

#include "commands.hpp"
#include "config.hpp"
#include "exit_code.hpp"
#include "host/data/npy.hpp"
#include "host/flow/integrate.hpp"
#include "json_text.hpp"
#include "make_field.hpp"
#include "progress_line.hpp"
#include "record_table.hpp"
#include "result_folder.hpp"
#include "target_distance.hpp"

namespace mckean::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

volatile std::sig_atomic_t stop_asked = 0;
void ask_to_stop(int) { stop_asked = 1; }

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

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

/// A run from its checked configuration to its end.
class Runner {
 public:
  Runner(Settings& settings, const RunConfig& run, const Problem& problem, ParticleArray start)
      : settings_(settings),
        run_(run),
        problem_(problem),
        particles_(std::move(start)),
        distances_(run, problem, particles_, settings),
        table_(settings.flag("w2-antipodal")),
        json_(settings.flag("json")),
        quiet_(settings.flag("quiet")) {}

  template <Backend B>
  int on(const B& backend) {
    const auto field = make_field(backend, run_, settings_, problem_);
    const auto test_field = make_test_field(backend, run_.model, problem_, particles_.m);
    GradientFlow<B> flow(backend, *field, run_.model.spec, particles_.m, particles_.d);
    auto state = backend.template allocate<double>(particles_.values.size());
    backend.copy(as_view(particles_.values), state.view());

    open(backend.describe());
    const Clock::time_point start = Clock::now();
    ProgressLine progress(!quiet_ && !json_, field->interactions(particles_.m));
    IntegrateCallbacks callbacks;
    callbacks.on_step = [&](const Progress& reached) {
      progress.update(reached);
      return stop_asked == 0;
    };
    // A closed form without a risk of its own to compare with is its own test.
    const bool is_law = !problem_.data && !run_.online;
    callbacks.on_record = [&](Record& record, const FetchParticles& fetch) {
      const double before = distances_.seconds();
      fill(record, fetch, [&](const ParticleArray& particles) -> std::optional<double> {
        if (is_law || (run_.online && problem_.kernel)) return record.risk;
        if (!test_field) return {};
        auto copy = backend.template allocate<double>(particles.values.size());
        backend.copy(as_view(particles.values), copy.view());
        return test_field->risk({std::as_const(copy).view(), particles.m, particles.d});
      });
      progress.clear();
      progress.skip(distances_.seconds() - before);
      progress.remember(record);
      report(record, fetch);
    };
    const IntegrationResult result =
        integrate(flow, run_.integrator, flow.state(state.view()), run_.record_times, callbacks);
    progress.clear();
    backend.copy(std::as_const(state).view(),
                 HostView<double>(particles_.values.data(), particles_.values.size()));
    const double seconds = seconds_since(start) - distances_.seconds();
    close(result, backend.describe(), seconds,
          static_cast<double>(result.reached.evaluations) * field->interactions(particles_.m) /
              seconds);
    return exit_code(result.outcome);
  }

 private:
  template <class TestRisk>
  void fill(Record& record, const FetchParticles& fetch, const TestRisk& test_risk) {
    if (record.interrupted) return;
    const ParticleArray& particles = fetch();
    record.test_risk = test_risk(particles);
    const TargetDistances distances = distances_.at(particles);
    record.w2 = distances.w2;
    record.w2_lower = distances.lower;
    record.w2_upper = distances.upper;
    record.w2_antipodal = distances.w2_antipodal;
  }

  void open(const std::string& device) {
    if (!settings_.empty("out")) {
      folder_ = settings_.text("out");
      prepare_folder(*folder_);
      metrics_.emplace(*folder_, table_.csv_header());
    }
    if (json_) return;
    std::printf(
        "# mckean %s, seed %s, %s, %s: %s particles in dimension %s, %s samples, to t = %s by %s\n",
        MCKEAN_VERSION, settings_.text("seed").c_str(), device.c_str(),
        settings_.text("activation").c_str(), settings_.text("width").c_str(),
        settings_.text("dim").c_str(), run_.online ? "fresh" : settings_.text("samples").c_str(),
        settings_.text("t-end").c_str(), settings_.text("integrator").c_str());
    std::fputs(table_.text_header().c_str(), stdout);
    std::fflush(stdout);
  }

  void report(const Record& record, const FetchParticles& fetch) {
    records_.push_back(table_.json(record));
    if (!json_) {
      std::fputs(table_.text_row(record).c_str(), stdout);
      std::fflush(stdout);
    }
    if (!folder_) return;
    metrics_->append(table_.csv_row(record));
    write_npy(*folder_ / "particles.npy", to_rows(fetch().view()));
  }

  void close(const IntegrationResult& result, const std::string& device, double seconds,
             double rate) {
    ordered_json summary;
    summary["version"] = MCKEAN_VERSION;
    summary["command"] = "run";
    summary["config"] = configuration(settings_);
    summary["seed"] = run_.model.seed;
    summary["device"] = device;
    summary["outcome"] = outcome_name(result.outcome);
    summary["message"] =
        result.message.empty() ? ordered_json(nullptr) : ordered_json(result.message);
    summary["t"] = result.reached.t;
    summary["steps"] = result.reached.step;
    summary["rejected"] = result.reached.rejected;
    summary["evaluations"] = result.reached.evaluations;
    if (run_.integrator.method == IntegratorSpec::Method::proximal) {
      summary["proximal_residual"] = result.solver_residual;
    }
    summary["energy_residual"] =
        result.energy_residual ? ordered_json(*result.energy_residual) : ordered_json(nullptr);
    summary["at_rest_from"] =
        result.at_rest_from ? ordered_json(*result.at_rest_from) : ordered_json(nullptr);
    summary["sliding"] = result.sliding;
    if (problem_.linear_regression_risk)
      summary["linear_regression_test_risk"] = *problem_.linear_regression_risk;
    summary["w2_method"] =
        distances_.method().empty() ? ordered_json(nullptr) : ordered_json(distances_.method());
    summary["w2_unconverged"] = distances_.unconverged();
    summary["seconds"] = {
        {"integration", seconds}, {"w2", distances_.seconds()}, {"total", seconds_since(begin_)}};
    summary["interactions_per_second"] = rate;
    summary["records"] = records_;
    if (json_) {
      std::printf("%s\n", json_text(summary).c_str());
    } else if (problem_.linear_regression_risk) {
      std::printf("# linear regression: test risk %.6g\n", *problem_.linear_regression_risk);
    }
    if (folder_) {
      if (result.outcome != Outcome::finished)
        write_npy(*folder_ / "particles.npy", to_rows(particles_.view()));
      write_text(*folder_ / "summary.json", json_text(summary) + "\n");
    }
    if (!quiet_) print_notes(result);
    if (exit_code(result.outcome) == exit_done) return;
    std::fprintf(stderr, "mckean: %s at t = %.6g: %s%s\n", outcome_name(result.outcome),
                 result.reached.t, result.message.c_str(),
                 folder_ ? " (the last finite state is in particles.npy)" : "");
  }

  void print_notes(const IntegrationResult& result) const {
    if (result.at_rest_from) {
      std::fprintf(stderr,
                   "mckean: note: at rest from t = %.6g on: the velocity there is nothing but "
                   "rounding\n",
                   *result.at_rest_from);
    }
    if (result.outcome == Outcome::converged)
      std::fprintf(stderr, "mckean: converged at t = %.6g: %s\n", result.reached.t,
                   result.message.c_str());
    if (distances_.unconverged() > 0) {
      std::fprintf(stderr,
                   "mckean: note: at %llu of %zu records the bracket of W2 is wider than --w2-rtol "
                   "%s; w2_lower and w2_upper show what is proved\n",
                   static_cast<unsigned long long>(distances_.unconverged()), records_.size(),
                   settings_.text("w2-rtol").c_str());
    }
  }

  Settings& settings_;
  const RunConfig& run_;
  const Problem& problem_;
  ParticleArray particles_;
  MeasureDistances distances_;
  RecordTable table_;
  bool json_;
  bool quiet_;
  Clock::time_point begin_ = Clock::now();
  std::optional<fs::path> folder_;
  std::optional<MetricsFile> metrics_;
  ordered_json records_ = ordered_json::array();
};

}  // namespace

int run_command(Settings& settings) {
  RunConfig run = resolve_run(settings);
  const Problem problem = make_problem(run.model, settings);
  ParticleArray start = make_start(run, problem, settings);
  resolve_time(run, settings, problem.data ? problem.data->y.size() : 0, start.m);
  Runner runner(settings, run, problem, std::move(start));
  std::signal(SIGINT, ask_to_stop);
  std::signal(SIGTERM, ask_to_stop);
  return with_backend(run.model.device, run.model.precision, run.model.threads,
                      [&](const auto& backend) { return runner.on(backend); });
}

}  // namespace mckean::cli
