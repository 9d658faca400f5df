// Checks, the choice of a method, and the cheap bounds around all of them.
#include "host/transport/distance.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "host/data/error.hpp"
#include "host/transport/bounds.hpp"
#include "host/transport/certificate.hpp"
#include "host/transport/circle.hpp"
#include "host/transport/couplings.hpp"
#include "host/transport/exact.hpp"
#include "host/transport/line.hpp"
#include "host/transport/semidiscrete.hpp"
#include "host/transport/sinkhorn.hpp"

namespace mckean {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::pair<const char*, W2Method> names[] = {
    {"auto", W2Method::automatic},    {"line", W2Method::line},
    {"circle", W2Method::circle},     {"exact", W2Method::exact},
    {"sinkhorn", W2Method::sinkhorn}, {"semidiscrete", W2Method::semidiscrete},
    {"sliced", W2Method::sliced},     {"bounds", W2Method::bounds}};

/// Points in lexicographic order, equal ones merged.
std::vector<std::pair<std::size_t, double>> merged(const DiscreteMeasure& measure) {
  const auto compare = [&](std::size_t i, std::size_t j) {
    for (std::size_t k = 0; k < measure.d; ++k) {
      const double x = measure.planes[k * measure.n + i];
      const double y = measure.planes[k * measure.n + j];
      if (x != y) return x < y ? -1 : 1;
    }
    return 0;
  };
  std::vector<std::size_t> order(measure.n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t i, std::size_t j) { return compare(i, j) < 0; });
  std::vector<std::pair<std::size_t, double>> out;
  for (const std::size_t i : order) {
    if (!out.empty() && compare(out.back().first, i) == 0) {
      out.back().second += measure.weights[i];
    } else {
      out.emplace_back(i, measure.weights[i]);
    }
  }
  return out;
}

/// Most clouds that differ do so in their extremes already.
bool boxes_differ(const DiscreteMeasure& a, const DiscreteMeasure& b) {
  for (std::size_t k = 0; k < a.d; ++k) {
    const auto extremes = [k](const DiscreteMeasure& cloud) {
      const auto plane = cloud.planes.begin() + static_cast<std::ptrdiff_t>(k * cloud.n);
      const auto [low, high] =
          std::minmax_element(plane, plane + static_cast<std::ptrdiff_t>(cloud.n));
      return std::pair{*low, *high};
    };
    if (extremes(a) != extremes(b)) return true;
  }
  return false;
}

/// Whether both are the same measure, in whatever order their points come.
bool same_measure(const DiscreteMeasure& a, const DiscreteMeasure& b) {
  if (boxes_differ(a, b)) return false;
  const auto left = merged(a);
  const auto right = merged(b);
  if (left.size() != right.size()) return false;
  for (std::size_t k = 0; k < left.size(); ++k) {
    for (std::size_t c = 0; c < a.d; ++c) {
      if (a.planes[c * a.n + left[k].first] != b.planes[c * b.n + right[k].first]) return false;
    }
    // A mass in one piece or in several: the sum of n parts is right to n w.
    const double pieces = static_cast<double>(a.n + b.n);
    if (std::abs(left[k].second - right[k].second) > 0x1p-53 * pieces * left[k].second)
      return false;
  }
  return true;
}

void check(const DiscreteMeasure& a, const DiscreteMeasure& b, const W2Options& options) {
  if (a.d != b.d) {
    throw InputError("w2: clouds of dimension " + std::to_string(a.d) + " and " +
                     std::to_string(b.d) + " have no distance: give the same columns");
  }
  const bool angles = a.d == 1 && options.method == W2Method::circle;
  if (options.method == W2Method::line && (a.d != 1 || options.cost == GroundCost::geodesic)) {
    throw InputError("w2: line takes points in dimension 1 at euclidean cost, not in dimension " +
                     std::to_string(a.d) + ": choose another method");
  }
  if (options.method == W2Method::circle && !angles &&
      (a.d != 2 || options.cost != GroundCost::geodesic)) {
    throw InputError(
        "w2: circle takes angles, or points of the plane at geodesic cost: choose --cost geodesic, "
        "or --method exact for chords");
  }
  if (options.cost == GroundCost::geodesic && !angles) {
    for (const DiscreteMeasure* cloud : {&a, &b}) {
      for (std::size_t i = 0; i < cloud->n; ++i) {
        double square = 0;
        for (std::size_t k = 0; k < cloud->d; ++k) {
          const double x = cloud->planes[k * cloud->n + i];
          square += x * x;
        }
        if (!(std::abs(square - 1) < 1e-9)) {
          throw InputError(
              "w2: point " + std::to_string(i + 1) + " of the " +
              (cloud == &a ? "first" : "second") +
              " cloud is not on the unit sphere: the geodesic cost needs unit vectors");
        }
      }
    }
  }
}

std::string sizes(const DiscreteMeasure& a, const DiscreteMeasure& b) {
  return std::to_string(a.n) + " x " + std::to_string(b.n) + " points in dimension " +
         std::to_string(a.d);
}

/// The method for these clouds, where the cheap bounds do not do.
W2Method choose(const DiscreteMeasure& a, const DiscreteMeasure& b, const W2Options& options,
                std::string& reason) {
  if (a.d == 1 && options.cost == GroundCost::euclidean) {
    reason = "points of a line are coupled in their order";
    return W2Method::line;
  }
  if (a.d == 2 && options.cost == GroundCost::geodesic) {
    reason = "points of the circle are coupled in their cyclic order";
    return W2Method::circle;
  }
  const std::size_t fewer = std::min(a.n, b.n);
  const std::size_t more = std::max(a.n, b.n);
  if (fewer <= 4000 && more >= 20000 && more >= 16 * fewer) {
    reason = sizes(a, b) + ": many points to few atoms";
    return W2Method::semidiscrete;
  }
  reason = sizes(a, b) + ": the transport problem itself can be solved";
  return W2Method::exact;
}

/// sqrt(Var(u)/n + Var(p)/M)/(2 W2), n and M effective sizes.
std::optional<double> sampling_error(const DiscreteMeasure& a, const DiscreteMeasure& b,
                                     const TransportBracket& bracket, double w2) {
  if (bracket.u.size() != a.n || bracket.p.size() != b.n || !(w2 > 0)) return {};
  const auto part = [](const DiscreteMeasure& measure, const std::vector<double>& potential) {
    double mean = 0;
    double squares = 0;
    for (std::size_t i = 0; i < measure.n; ++i) {
      mean += measure.weights[i] * potential[i];
      squares += measure.weights[i] * measure.weights[i];
    }
    double variance = 0;
    for (std::size_t i = 0; i < measure.n; ++i)
      variance += measure.weights[i] * (potential[i] - mean) * (potential[i] - mean);
    return variance * squares;
  };
  return std::sqrt(part(a, bracket.u) + part(b, bracket.p)) / (2 * w2);
}

/// The bracket of exact formulas: sums that lose 1e-12 at most, and cumulative weights in units of
/// 2^-60, which move 4 D^2 2^-60 of W2^2 where no two points are farther apart than D.
TransportBracket around(double w2, double largest_cost) {
  const double moved = 0x1p-58 * largest_cost;
  TransportBracket bracket;
  bracket.set_squares(w2 * w2 * (1 - 2e-12) - moved, w2 * w2 * (1 + 2e-12) + moved);
  return bracket;
}

DiscreteMeasure as_angles(const DiscreteMeasure& measure) {
  if (measure.d == 1) return measure;
  DiscreteMeasure angles{measure.n, 1, std::vector<double>(measure.n), measure.weights,
                         measure.uniform};
  for (std::size_t i = 0; i < measure.n; ++i)
    angles.planes[i] = std::atan2(measure.planes[measure.n + i], measure.planes[i]);
  return angles;
}

/// One computation from its checked input to its result.
class Computation {
 public:
  Computation(const DiscreteMeasure& a, const DiscreteMeasure& b, const W2Options& options)
      : a_(a), b_(b), options_(options) {
    result_.method = options.method;
  }

  W2Result run() {
    if (same_measure(a_, b_)) {
      if (result_.method == W2Method::automatic) {
        result_.method = W2Method::bounds;
        result_.reason = "both measures are the same";
      }
      result_.converged = true;
      result_.seconds = seconds();
      return result_;
    }
    if (options_.method == W2Method::automatic) {
      result_.method = choose(a_, b_, options_, result_.reason);
    }
    const bool closed_form = result_.method == W2Method::line || result_.method == W2Method::circle;
    if (!closed_form) find_bounds();
    if (options_.method == W2Method::automatic && !closed_form && good_enough()) {
      result_.method = W2Method::bounds;
      result_.reason = "the cheap bounds are as narrow as asked for";
    } else {
      solve();
    }
    if (!closed_form) {
      result_.w2 = std::isfinite(result_.upper)
                       ? result_.lower + (result_.upper - result_.lower) / 2
                       : result_.lower;
    }
    result_.converged = good_enough();
    result_.sampling_error = sampling_error(a_, b_, bracket_, result_.w2);
    result_.prices = std::move(bracket_.p);
    result_.iterations = bracket_.iterations;
    result_.seconds = seconds();
    return result_;
  }

 private:
  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }
  bool good_enough() const {
    return std::isfinite(result_.upper) &&
           result_.upper - result_.lower <= options_.rtol * result_.upper;
  }

  void take(double lower, double upper) {
    result_.lower = std::max(result_.lower, lower);
    result_.upper = std::min(result_.upper, upper);
    // Two proofs cannot contradict each other but by rounding.
    result_.lower = std::min(result_.lower, result_.upper);
  }

  /// The angle of unit vectors exceeds their chord: lower bounds of the chordal distance hold.
  void find_bounds() {
    result_.upper = std::numeric_limits<double>::infinity();
    take(std::max(gelbrich_lower(a_, b_, options_.threads),
                  projection_lower(a_, b_, options_.threads)),
         std::min(synchronous_upper(a_, b_, options_.cost, options_.threads)
                      .value_or(std::numeric_limits<double>::infinity()),
                  ordered_upper(a_, b_, options_.cost)));
    // A pass over all pairs is cheap beside what any method would take.
    if (static_cast<double>(a_.n) * static_cast<double>(b_.n) * static_cast<double>(a_.d) < 1e10) {
      const NearestBounds nearest = nearest_bounds(a_, b_, options_.cost, options_.threads);
      take(nearest.lower, nearest.upper);
    }
  }

  template <class Options>
  Options solver_options() const {
    Options options;
    options.cost = options_.cost;
    options.rtol = options_.rtol;
    options.threads = options_.threads;
    options.deadline = deadline_;
    if (options_.prices.size() == b_.n) options.prices = options_.prices;
    return options;
  }

  void solve() {
    switch (result_.method) {
      case W2Method::line:
        return take_exact(w2_line(a_, b_, options_.threads),
                          bound_of_costs(a_, b_, GroundCost::euclidean));
      case W2Method::circle:
        return take_exact(w2_circle(as_angles(a_), as_angles(b_), options_.threads),
                          bound_of_costs(a_, b_, GroundCost::geodesic));
      case W2Method::exact:
        bracket_ = solve_exact(a_, b_, solver_options<ExactOptions>());
        break;
      case W2Method::semidiscrete:
        bracket_ = solve_semidiscrete(a_, b_, solver_options<SemidiscreteOptions>());
        break;
      case W2Method::sinkhorn: {
        SinkhornOptions sinkhorn = solver_options<SinkhornOptions>();
        sinkhorn.divergence = options_.divergence;
        SinkhornResult found = solve_sinkhorn(a_, b_, sinkhorn);
        result_.divergence = found.divergence;
        result_.epsilon = found.epsilon;
        bracket_ = std::move(found);
        break;
      }
      case W2Method::sliced:
        result_.sliced = sliced_distances(
            a_, b_, {.projections = 100, .seed = options_.seed, .threads = options_.threads});
        bracket_.lower = result_.sliced->lower;
        break;
      case W2Method::bounds:
      case W2Method::automatic:
        break;
    }
    take(bracket_.lower, bracket_.upper);
  }

  void take_exact(double w2, double largest_cost) {
    result_.w2 = w2;
    bracket_ = around(w2, largest_cost);
    result_.lower = bracket_.lower;
    result_.upper = bracket_.upper;
  }

  const DiscreteMeasure& a_;
  const DiscreteMeasure& b_;
  const W2Options& options_;
  Clock::time_point start_ = Clock::now();
  Deadline deadline_{options_.time_limit};
  W2Result result_;
  TransportBracket bracket_;
};

}  // namespace

std::optional<W2Method> find_w2_method(std::string_view name) {
  for (const auto& [known, method] : names) {
    if (name == known) return method;
  }
  return {};
}

const char* name_of(W2Method method) {
  for (const auto& [name, known] : names) {
    if (method == known) return name;
  }
  return "";
}

W2Result compute_w2(const DiscreteMeasure& a, const DiscreteMeasure& b, const W2Options& options) {
  check(a, b, options);
  return Computation(a, b, options).run();
}

}  // namespace mckean
