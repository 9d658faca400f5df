// Random flows at the default tolerance against references: none may end as finished with J more
// than 1% above the reference, and J may never rise between records.
//   MCKEAN_STUDY_PROBLEMS  how many problems (40)
//   MCKEAN_STUDY_FIRST     the number of the first (1)
//   MCKEAN_STUDY_SECONDS   what one integration may take (20)
//   MCKEAN_STUDY_METHOD    rkc or dopri5 in place of the default
//   MCKEAN_STUDY_RTOL      a tolerance in place of the default
//   MCKEAN_STUDY_VERBOSE   set: a line for each problem, and the records where there is but one
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <map>

#include "host/flow/integrate.hpp"
#include "host/flow/sampled_data.hpp"
#include "kernels/cpu/cpu_backend.hpp"
#include "naive_flow.hpp"

namespace mckean::study {
namespace {

using Cpu = CpuBackend<double>;
using Clock = std::chrono::steady_clock;

constexpr double accuracy = 0.01;  // of J, at the default tolerance

double number_from(const char* name, double otherwise) {
  const char* text = std::getenv(name);
  return text ? std::atof(text) : otherwise;
}

/// For %llu.
unsigned long long whole(std::uint64_t number) { return number; }

struct Ending {
  IntegrationResult result;
  double objective = 0;
  double rounding = 0;  // of J at the end
  double rise = 0;      // the largest of J between records, beyond rounding, relative to J
  double rise_at = 0;
  double seconds = 0;
  bool timed_out() const { return result.outcome == Outcome::interrupted; }
  bool finished() const { return result.outcome == Outcome::finished; }
};

Ending solve(const RandomProblem& p, const IntegratorSpec& spec, double seconds,
             const ParticleArray& start, bool trace = false) {
  static const Cpu backend{1};
  const SampledData<Cpu> field(backend, p.sigma, p.spec.scaling, {p.x.data(), p.x.size()},
                               {p.y.data(), p.y.size()}, p.d);
  GradientFlow<Cpu> flow(backend, field, p.spec, start.m, p.d);
  Ending out;
  std::vector<double> times{0};
  for (int i = 11; i >= 0; --i) times.push_back(p.t_end * std::pow(10., -i / 2.75));
  ParticleArray w = start;
  auto scalars = backend.allocate<double>(StateScalars::count);
  const auto begin = Clock::now();
  IntegrateCallbacks callbacks;
  double last = INFINITY, last_rounding = 0;
  callbacks.on_record = [&](Record& record, const FetchParticles& fetch) {
    if (record.interrupted) return;
    const auto state = flow.state(fetch().view().values);
    flow.measure(state, state, scalars.view());
    StateScalars at = flow.read(std::as_const(scalars).view());
    at.risk = record.risk;
    const double rounding = flow.formula().rounding(at).objective;
    const double rise = (record.objective - last - rounding - last_rounding) / last;
    if (rise > out.rise) {
      out.rise = rise;
      out.rise_at = record.t;
    }
    if (trace) {
      std::printf(
          "    t=%-10.4g J=%-12.8g steps=%llu rejected=%llu evaluations=%llu residual=%.3g "
          "decay=%.3g\n",
          record.t, record.objective, whole(record.step), whole(record.rejected),
          whole(record.evaluations), record.energy_residual.value_or(NAN), record.dissipation);
    }
    last = out.objective = record.objective;
    last_rounding = out.rounding = rounding;
  };
  callbacks.on_step = [&](const Progress&) {
    return std::chrono::duration<double>(Clock::now() - begin).count() < seconds;
  };
  out.result = integrate(flow, spec, w.view(), times, callbacks);
  out.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  return out;
}

IntegratorSpec tight(double rtol, IntegratorSpec::Method method = IntegratorSpec::Method::rkc) {
  IntegratorSpec spec;
  spec.method = method;
  spec.rtol = rtol;
  return spec;
}

/// What is under study: the defaults.
IntegratorSpec default_spec() {
  IntegratorSpec spec;
  const char* method = std::getenv("MCKEAN_STUDY_METHOD");
  if (method && std::string(method) == "rkc") spec.method = IntegratorSpec::Method::rkc;
  if (method && std::string(method) == "dopri5") spec.method = IntegratorSpec::Method::dopri5;
  if (std::getenv("MCKEAN_STUDY_RTOL")) spec.rtol = number_from("MCKEAN_STUDY_RTOL", 0);
  return spec;
}

struct Reference {
  std::optional<double> objective;
  double rounding = 0;
  double spread = 0;  // relative, between the two references where there are two
  std::string origin = "none";
};

double relative(double left, double right, double rounding) {
  return std::max(0., std::abs(left - right) - rounding) / std::max(std::abs(right), 1e-300);
}

/// Naive loops where they are done in time, and the library at a tight tolerance.
Reference find_reference(const RandomProblem& p, double seconds) {
  std::optional<double> naive, library;
  std::string naive_origin, library_origin;
  Reference out;
  const auto tolerances = p.kinked() ? std::vector{1e-4, 1e-5, 1e-6} : std::vector{1e-9};
  const NaiveMethod method = p.kinked() ? NaiveMethod::heun : NaiveMethod::cash_karp;
  for (const double rtol : tolerances) {
    if (const auto j = naive_objective(p, method, rtol, seconds / 6)) {
      if (naive) out.spread = relative(*naive, *j, 0);
      naive = j;
      naive_origin = "naive " + std::to_string(static_cast<int>(-std::log10(rtol) + .5));
    } else {
      break;
    }
  }
  for (const double rtol : {1e-7, 1e-6}) {
    const Ending end = solve(p, tight(rtol), seconds / 2, p.particles);
    library_origin = "rkc " + std::to_string(static_cast<int>(-std::log10(rtol) + .5));
    // One that says at its end that it is not as good as its tolerance is still far better than 1%.
    const bool nearly = end.result.outcome == Outcome::not_converged &&
                        end.result.reached.t == p.t_end &&
                        std::abs(end.result.energy_residual.value_or(1)) < 1e-4;
    if (!end.finished() && !nearly) continue;
    if (nearly) library_origin += "!";
    library = end.objective;
    out.rounding = end.rounding;
    break;
  }
  if (naive && library) {
    out.spread = relative(*naive, *library, 2 * out.rounding);
    // Chattering at a loose tolerance says less than the library at a tight one.
    out.objective = p.kinked() ? library : naive;
    out.origin = naive_origin + ", " + library_origin;
  } else if (naive || library) {
    out.objective = naive ? naive : library;
    out.origin = naive ? naive_origin : library_origin;
  }
  return out;
}

/// How much J(t_end) answers to a start that is moved by rtol |w|: the condition of the problem.
double sensitivity(const RandomProblem& p, double j, double seconds) {
  double largest = 0;
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    Draws draws(seed);
    ParticleArray moved = p.particles;
    double square = 0, size = 0;
    std::vector<double> direction(moved.values.size());
    for (std::size_t c = 0; c < direction.size(); ++c) {
      const bool is_a = c < moved.m;
      if (is_a ? p.spec.rate_a() > 0 : p.spec.rate_b() > 0) direction[c] = draws.normal();
      square += direction[c] * direction[c];
      size += moved.values[c] * moved.values[c];
    }
    for (std::size_t c = 0; c < direction.size(); ++c)
      moved.values[c] += 1e-3 * std::sqrt(size / square) * direction[c];
    const Ending end = solve(p, tight(1e-5), seconds, moved);
    if (end.finished()) largest = std::max(largest, std::abs(end.objective / j - 1));
  }
  return largest;
}

template <class T>
T quantile(std::vector<T> values, double q) {
  if (values.empty()) return T{};
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1) + .5)];
}

/// What the study counts of its problems, one after the other.
class Study {
 public:
  Study(double seconds, bool verbose) : seconds_(seconds), verbose_(verbose) {}

  void add(const RandomProblem& p, bool trace) {
    const Ending end = solve(p, default_spec(), seconds_, p.particles, trace);
    times_.push_back(end.seconds);
    evaluations_.push_back(static_cast<double>(end.result.reached.evaluations));
    if (end.rise > 0) {
      ++counts_["J rose between records"];
      ADD_FAILURE() << p.describe() << "\n  J rises by " << end.rise
                    << " J before t = " << end.rise_at;
    }
    if (end.timed_out()) {
      ++counts_["timed out"];
      std::printf("TIMEOUT %s\n  reached t=%.4g %s sliding=%zu\n", p.describe().c_str(),
                  end.result.reached.t, work_of(end).c_str(), end.result.sliding);
    } else if (!end.finished()) {
      ++counts_[end.result.outcome == Outcome::diverged ? "diverged" : "not converged"];
      tell_unfinished(p, end);
    } else {
      ++counts_["finished"];
      compare(p, end);
    }
    std::fflush(stdout);
  }

  void print(std::uint64_t problems, std::uint64_t first) const {
    std::printf("\n| %llu problems from #%llu | |\n|---|---|\n", whole(problems), whole(first));
    for (const auto& [what, count] : counts_) std::printf("| %s | %d |\n", what.c_str(), count);
    std::printf("| J/reference - 1: least, median, 90%%, largest | %.2g, %.2g, %.2g, %.2g |\n",
                quantile(above_, 0), quantile(above_, .5), quantile(above_, .9),
                quantile(above_, 1));
    std::printf("| evaluations: median, 90%%, largest | %.0f, %.0f, %.0f |\n",
                quantile(evaluations_, .5), quantile(evaluations_, .9), quantile(evaluations_, 1));
    std::printf("| seconds: median, 90%%, largest | %.2g, %.2g, %.2g |\n", quantile(times_, .5),
                quantile(times_, .9), quantile(times_, 1));
  }

 private:
  static std::string work_of(const Ending& end) {
    char text[120];
    const Progress& reached = end.result.reached;
    std::snprintf(text, sizeof text, "steps=%llu rejected=%llu evaluations=%llu",
                  whole(reached.step), whole(reached.rejected), whole(reached.evaluations));
    return text;
  }

  void tell_unfinished(const RandomProblem& p, const Ending& end) const {
    std::printf("UNFINISHED %s\n  t=%.4g J=%.6g: %s\n", p.describe().c_str(), end.result.reached.t,
                end.objective, end.result.message.c_str());
    if (end.result.reached.t != p.t_end) return;
    const Reference reference = find_reference(p, seconds_);
    if (!reference.objective) return;
    std::printf("  J/reference - 1 = %.3g (%s, spread %.2g) %s\n",
                end.objective / *reference.objective - 1, reference.origin.c_str(),
                reference.spread, work_of(end).c_str());
  }

  /// A finished run with its reference.
  void compare(const RandomProblem& p, const Ending& end) {
    const Reference reference = find_reference(p, seconds_);
    ++counts_["reference: " + reference.origin];
    if (!reference.objective) {
      ++counts_["finished, no reference"];
      std::printf("NO REFERENCE %s\n", p.describe().c_str());
      return;
    }
    const double j = *reference.objective;
    const double rounding = end.rounding + reference.rounding;
    const double ratio =
        (end.objective - j - std::clamp(end.objective - j, -rounding, rounding)) / j;
    const auto report = [&](const char* what) {
      std::printf(
          "%s %s\n  J=%.8g reference %.8g (%s, spread %.2g) ratio-1=%.3g sensitivity %.2g %s "
          "sliding=%zu residual=%.2g\n",
          what, p.describe().c_str(), end.objective, j, reference.origin.c_str(), reference.spread,
          ratio, sensitivity(p, j, seconds_ / 2), work_of(end).c_str(), end.result.sliding,
          end.result.energy_residual.value_or(NAN));
    };
    if (reference.spread > accuracy) {
      ++counts_["finished, references differ"];
      report("REFERENCES DIFFER");
      return;
    }
    above_.push_back(ratio);
    if (ratio > accuracy) {
      ++counts_["more than 1% above"];
      report("ABOVE");
      ADD_FAILURE() << p.describe() << ": J = " << end.objective << ", reference " << j;
    } else if (ratio < -accuracy) {
      ++counts_["more than 1% below"];
      report("BELOW");
    } else if (verbose_) {
      std::printf("ok %s\n  J=%.8g ratio-1=%.3g (%s, spread %.2g) evaluations=%.0f seconds=%.3g\n",
                  p.describe().c_str(), end.objective, ratio, reference.origin.c_str(),
                  reference.spread, evaluations_.back(), end.seconds);
    }
  }

  double seconds_;
  bool verbose_;
  std::map<std::string, int> counts_;
  std::vector<double> above_, times_, evaluations_;
};

TEST(RandomFlows, EndWithinOnePercentOrSayThatTheyDoNot) {
  const auto problems = static_cast<std::uint64_t>(number_from("MCKEAN_STUDY_PROBLEMS", 40));
  const auto first = static_cast<std::uint64_t>(number_from("MCKEAN_STUDY_FIRST", 1));
  const bool verbose = std::getenv("MCKEAN_STUDY_VERBOSE") != nullptr;
  Study study(number_from("MCKEAN_STUDY_SECONDS", 20), verbose);
  for (std::uint64_t number = first; number < first + problems; ++number)
    study.add(draw_problem(number), verbose && problems == 1);
  study.print(problems, first);
}

}  // namespace
}  // namespace mckean::study
