// Work against precision: evaluations, and the errors in J and W2, of each method and tolerance
// against fixed steps of rk4 in fp64, and the evaluations that J within 1% costs. Markdown tables
// on stdout: work_precision [NAME] [--points FILE] [--write FOLDER] [--limit SECONDS]
//   NAME      only the problems whose name contains it
//   --points  also writes every number as tab-separated text, for work_precision.gp and
//             peers/ode_solvers.py
//   --write   writes the problems for peers/ode_solvers.py instead of measuring
//   --limit   what one run may take (10)
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "flow_problems.hpp"
#include "host/flow/integrate.hpp"
#include "host/transport/distance.hpp"

namespace mckean::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Method = IntegratorSpec::Method;

constexpr double accuracy = .01;          // of J, in the last table
constexpr double reference_limit = 1200;  // seconds

struct End {
  IntegrationResult result;
  ParticleArray particles;
  double objective = 0;
  double seconds = 0;
  bool reached_end = false;
};

End run(const FlowProblem& problem, IntegratorSpec spec, double limit) {
  const auto field = problem.field();
  GradientFlow<Cpu> flow(cpu(), *field, problem.spec, problem.start.m, problem.start.d);
  End end{{}, problem.start};
  const auto begin = Clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(Clock::now() - begin).count(); };
  IntegrateCallbacks callbacks;
  callbacks.on_record = [&](Record& record, const FetchParticles&) {
    end.objective = record.objective;
  };
  callbacks.on_step = [&](const Progress&) { return seconds() < limit; };
  spec.audit = spec.adaptive();
  end.result = integrate(flow, spec, end.particles.view(), {0, problem.t_end}, callbacks);
  end.seconds = seconds();
  end.reached_end =
      end.result.reached.t >= problem.t_end * (1 - 1e-9) && end.result.outcome != Outcome::diverged;
  return end;
}

IntegratorSpec fixed(Method method, double dt) {
  IntegratorSpec spec;
  spec.method = method;
  spec.dt = dt;
  return spec;
}
IntegratorSpec adaptive(Method method, double rtol) {
  IntegratorSpec spec;
  spec.method = method;
  spec.rtol = rtol;
  return spec;
}

/// The largest step up to `step` of which a whole number ends at t_end.
double divisor(double t_end, double step) { return t_end / std::ceil(t_end / step); }

const char* describe(const IntegrationResult& result) {
  switch (result.outcome) {
    case Outcome::finished:
    case Outcome::converged:
      return "finished";
    case Outcome::diverged:
      return "diverged";
    case Outcome::not_converged:
      return "not converged";
    case Outcome::interrupted:
      return "given up";
  }
  return "finished";
}

const char* name_of(Method method) {
  switch (method) {
    case Method::automatic:
      return "auto";
    case Method::rkc:
      return "rkc";
    case Method::dopri5:
      return "dopri5";
    case Method::rk4:
      return "rk4";
    default:
      return "euler";
  }
}

DiscreteMeasure measure_of(const ParticleArray& particles) {
  return make_measure(to_rows(particles.view()), {}, "particles");
}

/// What a run that reached the end is off its reference.
struct Errors {
  double objective = 0;  // relative
  double particles = 0;  // root mean square distance
  double w2 = 0;         // the same particles may lie elsewhere in the measure
};

Errors compare(const End& end, const End& reference) {
  Errors errors;
  if (!end.reached_end) return errors;
  errors.objective = std::abs(end.objective / reference.objective - 1);
  double sum = 0;
  for (std::size_t i = 0; i < end.particles.values.size(); ++i)
    sum += std::pow(end.particles.values[i] - reference.particles.values[i], 2);
  errors.particles = std::sqrt(sum / static_cast<double>(end.particles.m));
  DistanceOptions options;
  options.rtol = 1e-3;
  options.threads = 1;
  options.time_limit = 10;
  const Distance found =
      compute_w2(measure_of(end.particles), measure_of(reference.particles), options);
  // Particles that are paired as they are couple the measures, too.
  errors.w2 = std::min(found.converged ? found.value : found.upper, errors.particles);
  return errors;
}

/// The tables on stdout and the points in a file.
class Report {
 public:
  explicit Report(const std::string& path) {
    if (path.empty()) return;
    file_.reset(std::fopen(path.c_str(), "w"));
    if (!file_) throw IoError(path + ": cannot be written");
    std::fputs(
        "number\tproblem\tkind\tmethod\tparameter\tevaluations\trejected\tJ\terror_J\t"
        "error_particles\terror_W2\tseconds\toutcome\n",
        file_.get());
  }

  void begin(const FlowProblem& problem, std::size_t number, const End& reference, double step,
             const Errors& coarser) {
    number_ = number;
    name_ = problem.name;
    std::printf(
        "\n### %s\n\nd = %zu, n = %zu, m = %zu, t = %g, J from %.6g to %.8g. Reference: rk4, dt = "
        "%.3g, %llu evaluations%s; twice the step differs by %.1e in J, %.1e in the particles and "
        "%.1e in W2.\n\n"
        "| method | rtol or dt | evaluations | rejected | error of J, relative | rms error of "
        "particles | W2 | s | |\n"
        "|---|---|---|---|---|---|---|---|---|\n",
        problem.name.c_str(), problem.data.d, problem.n(), problem.start.m, problem.t_end,
        problem.initial_objective(), reference.objective, step, evaluations(reference),
        reference.reached_end ? "" : " (not ended)", coarser.objective, coarser.particles,
        coarser.w2);
    add_point("reference", "rk4", step, reference, coarser);
  }

  void add_row(const char* method, double parameter, const End& end, const Errors& errors) {
    std::printf("| %s | %.2g | %llu | %llu |", method, parameter, evaluations(end),
                static_cast<unsigned long long>(end.result.reached.rejected));
    if (end.reached_end)
      std::printf(" %.1e | %.1e | %.1e |", errors.objective, errors.particles, errors.w2);
    else
      std::printf(" | | |");
    std::printf(" %.3g | %s |\n", end.seconds,
                end.result.outcome == Outcome::finished ? "" : describe(end.result));
    std::fflush(stdout);
    add_point("curve", method, parameter, end, errors);
  }

  void add_point(const char* kind, const char* method, double parameter, const End& end,
                 const Errors& errors) {
    if (!file_) return;
    std::fprintf(file_.get(), "%zu\t%s\t%s\t%s\t%.3g\t%llu\t%llu\t", number_, name_.c_str(), kind,
                 method, parameter, evaluations(end),
                 static_cast<unsigned long long>(end.result.reached.rejected));
    if (end.reached_end)
      std::fprintf(file_.get(), "%.17g\t%.3e\t%.3e\t%.3e", end.objective, errors.objective,
                   errors.particles, errors.w2);
    else
      std::fputs("nan\tnan\tnan\tnan", file_.get());
    std::fprintf(file_.get(), "\t%.3g\t%s\n", end.seconds, describe(end.result));
    std::fflush(file_.get());
  }

  /// After the last point; throws where not all were written.
  void close() {
    if (!file_) return;
    std::FILE* file = file_.release();
    const bool failed = std::ferror(file) != 0;
    if (std::fclose(file) != 0 || failed) throw IoError("not all points could be written");
  }

 private:
  static unsigned long long evaluations(const End& end) { return end.result.reached.evaluations; }

  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, Close> file_;
  std::size_t number_ = 0;
  std::string name_;
};

constexpr Method adaptive_methods[] = {Method::automatic, Method::rkc, Method::dopri5};

/// "evaluations (rtol)" of the cheapest tolerance that keeps J within the accuracy, as the next
/// tighter one does unless it takes too long.
std::string find_cheapest(const FlowProblem& problem, Method method, const End& reference,
                          double limit, Report& report) {
  struct Run {
    double rtol = 0;
    bool accurate = false;
    End end;
    std::uint64_t cost() const { return end.result.reached.evaluations; }
  };
  std::vector<Run> runs;
  std::optional<std::size_t> best;
  for (int i = 0; i <= 18; ++i) {
    const double rtol = (i % 2 == 0 ? 1 : .3) * std::pow(10., -1 - i / 2);
    End end = run(problem, adaptive(method, rtol), limit);
    if (end.result.outcome == Outcome::interrupted) break;
    const bool accurate = end.result.outcome == Outcome::finished &&
                          std::abs(end.objective / reference.objective - 1) <= accuracy;
    if (accurate && i > 0 && runs.back().accurate &&
        (!best || runs.back().cost() < runs[*best].cost()))
      best = runs.size() - 1;
    runs.push_back({rtol, accurate, std::move(end)});
    if (best && runs.back().cost() > 2 * runs[*best].cost()) break;
  }
  if (!best && !runs.empty() && runs.back().accurate) best = runs.size() - 1;
  if (!best) return "none";
  const Run& found = runs[*best];
  report.add_point("accuracy", name_of(method), found.rtol, found.end,
                   compare(found.end, reference));
  char text[60];
  std::snprintf(text, sizeof text, "%llu (%.0e)", static_cast<unsigned long long>(found.cost()),
                found.rtol);
  return text;
}

/// A row of the last table.
std::string measure(const FlowProblem& problem, std::size_t number, double limit, Report& report) {
  const Resolution& resolution = problem.resolution;
  const double step = divisor(problem.t_end, resolution.reference_step);
  const End reference = run(problem, fixed(Method::rk4, step), reference_limit);
  const End coarser = run(problem, fixed(Method::rk4, 2 * step), reference_limit);
  report.begin(problem, number, reference, step, compare(coarser, reference));
  for (const Method method : adaptive_methods) {
    for (double rtol = 1e-2; rtol > .5 * resolution.tightest; rtol /= 10) {
      const End end = run(problem, adaptive(method, rtol), limit);
      report.add_row(name_of(method), rtol, end, compare(end, reference));
      if (end.result.outcome == Outcome::interrupted) break;
    }
  }
  for (const Method method : {Method::euler, Method::rk4}) {
    for (double dt = divisor(problem.t_end, resolution.fixed_step);
         dt > .2 * resolution.fixed_step && dt > 1.5 * step; dt /= 2) {
      const End end = run(problem, fixed(method, dt), limit);
      report.add_row(name_of(method), dt, end, compare(end, reference));
    }
  }
  std::string row = "| ";
  for (const char letter : problem.name) row += letter == '|' ? "\\|" : std::string(1, letter);
  row += " |";
  for (const Method method : adaptive_methods)
    row += " " + find_cheapest(problem, method, reference, limit, report) + " |";
  return row;
}

struct Arguments {
  std::string name, points, folder;
  double limit = 10;
};

std::optional<Arguments> parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.rfind("--", 0) != 0) {
      arguments.name = word;
      continue;
    }
    if (++i == argc) return {};
    if (word == "--points")
      arguments.points = argv[i];
    else if (word == "--write")
      arguments.folder = argv[i];
    else if (word == "--limit")
      arguments.limit = std::atof(argv[i]);
    else
      return {};
  }
  if (!(arguments.limit > 0)) return {};
  return arguments;
}

void run_all(const Arguments& arguments) {
  const std::vector<FlowProblem> problems = flow_problems();
  if (!arguments.folder.empty()) {
    for (std::size_t i = 0; i < problems.size(); ++i) write(problems[i], arguments.folder, i);
    return;
  }
  Report report(arguments.points);
  std::vector<std::string> rows;
  for (std::size_t i = 0; i < problems.size(); ++i) {
    if (problems[i].name.find(arguments.name) != std::string::npos)
      rows.push_back(measure(problems[i], i, arguments.limit, report));
  }
  report.close();
  std::printf("\n### Evaluations (rtol) for J within %g%%\n\n| problem |", 100 * accuracy);
  for (const Method method : adaptive_methods) std::printf(" %s |", name_of(method));
  std::printf("\n|---|---|---|---|\n");
  for (const std::string& row : rows) std::printf("%s\n", row.c_str());
}

}  // namespace
}  // namespace mckean::bench

int main(int argc, char** argv) {
  const auto arguments = mckean::bench::parse(argc, argv);
  if (!arguments) {
    std::fputs("work_precision [NAME] [--points FILE] [--write FOLDER] [--limit SECONDS]\n",
               stderr);
    return 2;
  }
  try {
    mckean::bench::run_all(*arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "work_precision: %s\n", error.what());
    return 4;
  }
}
