// Checks, the choice of a method, and the cheap bounds around all of them.
#include "host/transport/distance.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <limits>
#include <numbers>
#include <optional>
#include <stdexcept>

#include "host/data/interruptible.hpp"
#include "host/transport/bounds/bounds.hpp"
#include "host/transport/bounds/couplings.hpp"
#include "host/transport/bounds/sampling_error.hpp"
#include "host/transport/bounds/sliced.hpp"
#include "host/transport/certificate/certified_distance.hpp"
#include "host/transport/choose_method.hpp"
#include "host/transport/entropic/sinkhorn.hpp"
#include "host/transport/equal_measures.hpp"
#include "host/transport/exact/exact.hpp"
#include "host/transport/line/circle.hpp"
#include "host/transport/line/line.hpp"
#include "host/transport/merged_points.hpp"
#include "host/transport/normalization.hpp"
#include "host/transport/semidiscrete/semidiscrete.hpp"
#include "mckean/error.hpp"

namespace mckean {
namespace {

constexpr double least_distance = 0x1p-511;  // whose square is a normal number
constexpr double useful_gap = .1;            // with which potentials tell a variance
constexpr double most_dimensions = 400;      // of matrices that are decomposed for a bound
constexpr double cheap_steps = 5e9;          // of a bound beside what any method takes

/// Angles, of dimension 1, are on the circle whatever their cost is called.
bool are_angles(const DiscreteMeasure& a, const W2Options& options) {
  return a.d == 1 && options.method == W2Method::circle;
}

bool are_on_sphere(const DiscreteMeasure& a, const W2Options& options) {
  return options.cost == GroundCost::geodesic && !are_angles(a, options);
}

void check_norms(const DiscreteMeasure& measure, const char* name) {
  for (std::size_t i = 0; i < measure.n; ++i) {
    if (i % points_between_checks(measure.d) == 0) check_interruption();
    if (std::abs(measure.squared_norm(i) - 1) < 1e-9) continue;
    throw InputError("w2: point " + std::to_string(i + 1) + " of the " + name +
                     " cloud is not on the unit sphere: the geodesic cost needs unit vectors");
  }
}

void check(const DiscreteMeasure& a, const DiscreteMeasure& b, const W2Options& options) {
  if (a.d != b.d) {
    throw InputError("w2: clouds of dimension " + std::to_string(a.d) + " and " +
                     std::to_string(b.d) + " have no distance: give the same columns");
  }
  if (options.method == W2Method::line && options.cost == GroundCost::geodesic)
    throw InputError("w2: line takes euclidean cost: choose circle for angles");
  if (options.method == W2Method::line && a.d != 1) {
    throw InputError("w2: line takes points in dimension 1, not in dimension " +
                     std::to_string(a.d) + ": choose another method");
  }
  if (options.method == W2Method::circle && a.d != 1 &&
      (a.d != 2 || options.cost != GroundCost::geodesic)) {
    throw InputError(
        "w2: circle takes angles, or points of the plane at geodesic cost: choose the geodesic "
        "cost, or the method exact for chords");
  }
  if (!are_on_sphere(a, options)) return;
  check_norms(a, "first");
  check_norms(b, "second");
}

bool is_narrow(const Distance& result, double rtol) {
  return std::isfinite(result.upper) && result.upper - result.lower <= rtol * result.upper;
}

/// The result of a closed form.
Distance to_result(const CertifiedDistance& distance, W2Method method,
                   const DistanceOptions& options) {
  Distance result;
  result.value = distance.w2;
  result.lower = distance.lower;
  result.upper = distance.upper;
  result.method = method;
  result.converged = is_narrow(result, options.rtol);
  result.sampling_error = sampling_error(distance.w2, distance.variance, options.sampled);
  return result;
}

/// What holds for all measures: no angle exceeds pi.
Distance nothing_known(const W2Options& options, GroundCost cost) {
  Distance result;
  result.method = options.method;
  result.upper = cost == GroundCost::geodesic ? std::nextafter(std::numbers::pi, 4.)
                                              : std::numeric_limits<double>::infinity();
  return result;
}

/// Whether a method is given each place once; the others do not mind equal points.
bool merges_points(W2Method method) {
  return method == W2Method::automatic || method == W2Method::exact ||
         method == W2Method::semidiscrete || method == W2Method::sinkhorn;
}

bool tells_more_than_a_bracket(W2Method method) {
  return method == W2Method::sinkhorn || method == W2Method::sliced;
}

/// One computation from its checked input to its result.
class Computation {
 public:
  Computation(const DiscreteMeasure& a, const DiscreteMeasure& b, const W2Options& options,
              const Deadline& deadline)
      : a_(a), b_(b), options_(options), deadline_(deadline) {
    result_ = nothing_known(options, options.cost);
  }

  Distance run() {
    attempt([&] { find(); });
    if (finished_) return result_;
    if (result_.method == W2Method::automatic) result_.method = W2Method::bounds;
    // The measures differ, and squares below the least normal number are lost.
    result_.upper = std::hypot(result_.upper, least_distance * std::sqrt(dimension() + 2));
    result_.value = std::isfinite(result_.upper)
                        ? result_.lower + (result_.upper - result_.lower) / 2
                        : result_.lower;
    result_.converged = is_narrow(result_, options_.rtol);
    attempt([&] {
      if (const auto variance = sampling_variances())
        result_.sampling_error = sampling_error(result_.value, *variance, options_.sampled);
    });
    result_.psi = merged_b_ && !bracket_.psi.empty() ? merged_b_->expanded(bracket_.psi)
                                                     : std::move(bracket_.psi);
    result_.iterations = bracket_.iterations;
    return result_;
  }

 private:
  /// All that there is time for.
  void find() {
    if (!are_angles(a_, options_)) {
      const MeanBounds means = mean_bounds(a_, b_, options_.cost);
      take(means.lower, means.upper);
      take(0, synchronous_upper(a_, b_, options_.cost, options_.threads)
                  .value_or(std::numeric_limits<double>::infinity()));
    }
    if (merges_points(options_.method)) {
      merged_a_ = merge_equal_points(a_);
      merged_b_ = merge_equal_points(b_);
    }
    const bool automatic = options_.method == W2Method::automatic;
    if (automatic)
      result_.method =
          choose_w2_method(places_of_a(), places_of_b(), options_.cost, result_.reason);
    if (result_.method == W2Method::line || result_.method == W2Method::circle)
      return find_closed_form();
    find_bounds();
    const bool answered = is_narrow(result_, options_.rtol);
    if (automatic && answered) {
      result_.method = W2Method::bounds;
      result_.reason = "the cheap bounds are as narrow as asked for";
    } else if (!answered || tells_more_than_a_bracket(result_.method)) {
      if (automatic) tell_gap_of_bounds();
      solve();
      if (automatic && result_.method == W2Method::semidiscrete &&
          !is_narrow(result_, options_.rtol) && !deadline_.passed()) {
        result_.method = W2Method::exact;
        result_.reason += "; semidiscrete left a gap";
        solve();
      }
    }
  }

  const DiscreteMeasure& places_of_a() const { return merged_a_ ? merged_a_->measure : a_; }
  const DiscreteMeasure& places_of_b() const { return merged_b_ ? merged_b_->measure : b_; }

  void find_closed_form() {
    const CertifiedDistance distance = result_.method == W2Method::line
                                           ? w2_line(a_, b_, options_.threads, deadline_)
                                           : w2_circle(a_, b_, options_.threads, deadline_);
    Distance result = to_result(distance, result_.method, options_);
    result.reason = std::move(result_.reason);
    result_ = std::move(result);
    finished_ = true;
  }

  /// A step that may end with nothing where time is short.
  template <class Step>
  static void attempt(const Step& step) {
    try {
      step();
    } catch (const OutOfTime&) {
    }
  }

  void tell_gap_of_bounds() {
    char text[80];
    std::snprintf(text, sizeof text, "; the cheap bounds leave a gap of %.2g",
                  1 - result_.lower / result_.upper);
    result_.reason += text;
  }

  void take(double lower, double upper) {
    result_.lower = std::max(result_.lower, lower);
    result_.upper = std::min(result_.upper, upper);
    if (result_.lower <= result_.upper) return;
    throw std::logic_error("w2: a lower bound of " + std::to_string(result_.lower) +
                           " is above an upper bound by " +
                           std::to_string(result_.lower - result_.upper) +
                           ": this is a defect of the program, please report it");
  }

  /// By the potentials of the solver, or by those of normal laws where these are far from the best.
  /// Points of one place are as many draws.
  std::optional<SamplingVariance> sampling_variances() const {
    if (bracket_.phi.size() == places_of_a().n && bracket_.psi.size() == places_of_b().n &&
        bracket_.lower >= (1 - useful_gap) * result_.upper) {
      return SamplingVariance{
          sampling_variance(a_, merged_a_ ? merged_a_->expanded(bracket_.phi) : bracket_.phi),
          sampling_variance(b_, merged_b_ ? merged_b_->expanded(bracket_.psi) : bracket_.psi)};
    }
    std::optional<SamplingVariance> variance;
    if (matrices_are_cheap(dimension()) && !deadline_.passed())
      attempt([&] { variance = gelbrich_variance(a_, b_, options_.threads, deadline_); });
    return variance;
  }

  double points() const { return static_cast<double>(std::max(a_.n, b_.n)); }
  double dimension() const { return static_cast<double>(a_.d); }
  /// Whether matrices of this rank, made of the points, may be decomposed for a bound.
  bool matrices_are_cheap(double rank) const {
    return rank <= most_dimensions && points() * dimension() * rank < cheap_steps;
  }

  /// The angle of unit vectors exceeds their chord: lower bounds of the chordal distance hold.
  void find_bounds() {
    // The deadline may leave a solver no time: what follows takes a part of it.
    const Deadline early = deadline_.earlier_by(
        deadline_.given() && result_.method != W2Method::bounds ? deadline_.left() / 2 : 0);
    attempt([&] { take(0, ordered_upper(a_, b_, options_.cost, early)); });
    attempt([&] {
      if (matrices_are_cheap(std::min(points(), dimension())))
        take(gelbrich_lower(a_, b_, options_.threads, early), result_.upper);
    });
    attempt([&] {
      if (matrices_are_cheap(dimension()))
        take(projection_lower(a_, b_, options_.threads, early), result_.upper);
    });
    // Two passes over all pairs are cheap beside what any method would take, unless time is short.
    const double steps =
        static_cast<double>(a_.n) * static_cast<double>(b_.n) * static_cast<double>(a_.d);
    const bool asked = result_.method == W2Method::bounds;
    attempt([&] {
      if (!asked && steps >= 2 * cheap_steps) return;
      early.expect_left();
      const NearestBounds nearest = nearest_bounds(a_, b_, options_.cost, *options_.passes, early);
      take(nearest.lower, nearest.upper);
    });
  }

  template <class Options>
  Options solver_options() const {
    Options options;
    options.cost = options_.cost;
    options.rtol = options_.rtol;
    options.threads = options_.threads;
    options.passes = options_.passes;
    options.deadline = deadline_;
    if (options_.psi.size() == b_.n)
      options.psi = merged_b_ ? merged_b_->largest_potentials(options_.psi) : options_.psi;
    return options;
  }

  void solve() {
    const DiscreteMeasure& a = places_of_a();
    const DiscreteMeasure& b = places_of_b();
    switch (result_.method) {
      case W2Method::exact:
        bracket_ = solve_exact(a, b, solver_options<ExactOptions>());
        break;
      case W2Method::semidiscrete:
        bracket_ = solve_semidiscrete(a, b, solver_options<SemidiscreteOptions>());
        break;
      case W2Method::sinkhorn: {
        SinkhornOptions sinkhorn = solver_options<SinkhornOptions>();
        sinkhorn.divergence = options_.divergence;
        SinkhornResult found = solve_sinkhorn(a, b, sinkhorn);
        result_.divergence = found.divergence;
        result_.epsilon = found.epsilon;
        bracket_ = std::move(found);
        break;
      }
      case W2Method::sliced:
        attempt([&] {
          const SlicedDistances found = sliced_distances(a_, b_,
                                                         {.projections = 100,
                                                          .seed = options_.seed,
                                                          .threads = options_.threads,
                                                          .deadline = deadline_});
          result_.sliced = found;
          bracket_.lower = found.lower;
        });
        break;
      default:  // the bounds are known, and line and circle need none
        break;
    }
    take(bracket_.lower, bracket_.upper);
  }

  const DiscreteMeasure& a_;
  const DiscreteMeasure& b_;
  const W2Options& options_;
  const Deadline& deadline_;
  std::optional<MergedPoints> merged_a_, merged_b_;  // where points are equal
  bool finished_ = false;                            // a formula
  Distance result_;
  TransportBracket bracket_;
};

/// Of the directions of the points. Normalised ones have norms that differ by a few roundings,
/// which a chord takes for a part of the angle, and directions that are as much off: each moves the
/// distance by no more than that (Minkowski).
Distance compute_on_sphere(const DiscreteMeasure& a, const DiscreteMeasure& b,
                           const W2Options& options, const Deadline& deadline) {
  const DiscreteMeasure of_a = on_unit_sphere(a);
  const DiscreteMeasure of_b = on_unit_sphere(b);
  Distance result = Computation(of_a, of_b, options, deadline).run();
  const double off = 0x1p-52 * (static_cast<double>(a.d) + 12);
  result.lower = std::max(0., result.lower * (1 - off) - off);
  result.upper = result.upper * (1 + off) + off;
  result.converged = is_narrow(result, options.rtol);
  return result;
}

/// In units of 1/scale, and back.
Distance compute_scaled(const DiscreteMeasure& a, const DiscreteMeasure& b, W2Options options,
                        const Deadline& deadline, double scale) {
  for (double& value : options.psi) value = value * scale * scale;
  if (!std::all_of(options.psi.begin(), options.psi.end(),
                   [](double value) { return std::isfinite(value); }))
    options.psi.clear();
  const DiscreteMeasure of_a = scaled(a, scale);
  const DiscreteMeasure of_b = scaled(b, scale);
  Distance result = Computation(of_a, of_b, options, deadline).run();
  const auto unscale = [scale](auto&... lengths) { ((lengths /= scale), ...); };
  unscale(result.value, result.lower, result.upper);
  if (result.upper < 0x1p-1021) {
    // Numbers with fewer digits round by more than both ends allow for.
    result.lower = std::nextafter(result.lower, 0.);
    result.upper = std::nextafter(result.upper, 1.);
    result.converged = is_narrow(result, options.rtol);
  }
  if (result.sampling_error) unscale(*result.sampling_error);
  if (result.sliced)
    unscale(result.sliced->sliced, result.sliced->standard_error, result.sliced->max_sliced);
  for (std::optional<double>* const square : {&result.divergence, &result.epsilon}) {
    if (*square) **square = **square / scale / scale;
  }
  for (double& value : result.psi) value = value / scale / scale;
  return result;
}

/// Within half of the time; where that is too little, the distance shows it.
bool are_equal(const DiscreteMeasure& a, const DiscreteMeasure& b, const Deadline& deadline) {
  try {
    return equal_measures(a, b, deadline.earlier_by(deadline.given() ? deadline.left() / 2 : 0));
  } catch (const OutOfTime&) {
    return false;
  }
}

Distance compute(const DiscreteMeasure& a, const DiscreteMeasure& b, const W2Options& options,
                 const Deadline& deadline) {
  if (are_equal(a, b, deadline)) {
    Distance result;
    result.method = options.method;
    if (result.method == W2Method::automatic) {
      result.method = W2Method::bounds;
      result.reason = "both measures are the same";
    }
    result.converged = true;
    result.sampling_error = 0;
    return result;
  }
  if (are_on_sphere(a, options)) return compute_on_sphere(a, b, options, deadline);
  const double scale = are_angles(a, options) ? 1 : power_of_two_scale(a, b);
  if (scale != 1) return compute_scaled(a, b, options, deadline, scale);
  return Computation(a, b, options, deadline).run();
}

}  // namespace

Distance compute_w2_to_uniform(const DiscreteMeasure& a, const DistanceOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  Distance result;
  try {
    const TimeLimit limit(latest_end(options.time_limit));
    const Deadline deadline(options.time_limit);
    const CertifiedDistance distance =
        options.antipodal ? w2_circle_uniform_antipodal(a, options.threads, deadline)
                          : w2_circle_uniform(a, options.threads, deadline);
    result = to_result(distance, W2Method::circle, options);
  } catch (const OutOfTime&) {
    // Independent of the other, an end is as far from any point in the mean: pi^2/3, squared.
    result.method = W2Method::circle;
    result.upper = std::numbers::pi / std::sqrt(3.) * (1 + 0x1p-50);
    result.value = result.upper / 2;
    result.converged = is_narrow(result, options.rtol);
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

Distance compute_w2(const DiscreteMeasure& a, const DiscreteMeasure& b, const W2Options& given) {
  const auto start = std::chrono::steady_clock::now();
  check(a, b, given);
  const GivenPasses passes(given.passes, given.threads);
  W2Options options = given;
  options.passes = passes.get();
  Distance result;
  try {
    const TimeLimit limit(latest_end(options.time_limit));
    result = compute(a, b, options, Deadline(options.time_limit));
  } catch (const OutOfTime&) {
    result = nothing_known(options, options.cost);
    if (result.method == W2Method::automatic) result.method = W2Method::bounds;
    if (std::isfinite(result.upper)) result.value = result.upper / 2;
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace mckean
