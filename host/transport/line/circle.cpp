// W2 on the circle: optimal shifts of lifted quantile functions.
#include "host/transport/line/circle.hpp"

#include <cmath>
#include <string>

#include "host/data/interruptible.hpp"
#include "host/transport/check_points.hpp"
#include "host/transport/line/circular_coupling.hpp"
#include "host/transport/line/line.hpp"
#include "host/transport/line/monotone_potentials.hpp"
#include "kernels/cpu/tiles.hpp"

namespace mckean {
namespace {

constexpr const char* kName = "w2 on the circle";
constexpr double kTurn = CircularCoupling::turn;
constexpr std::size_t points_between_readings = 1 << 14;  // of the clock

/// In [-pi, pi] to 2^-51, by the turn that 2 pi is and not by its double.
double reduced(double angle) {
  constexpr double beyond_double = 2.4492935982947064e-16;  // of 2 pi
  if (std::abs(angle) <= kTurn / 2) return angle;
  if (std::abs(angle) > 1e6) return std::atan2(std::sin(angle), std::cos(angle));
  const double rest = std::remainder(angle, kTurn);
  const double reduced = rest - std::nearbyint((angle - rest) / kTurn) * beyond_double;
  return std::abs(reduced) > kTurn / 2 ? reduced - std::copysign(kTurn, reduced) : reduced;
}

/// Angles in [-pi, pi]; no weights where all are the same.
struct Angles {
  std::vector<double> angle;
  std::vector<double> weight;

  LineAtoms atoms() const { return {angle, weight}; }

  void wrap(int threads) {
    check_points(kName, angle);
    cpu::for_each_long_tile(angle.size(), cpu::element_tile, cpu::thread_count(threads),
                            [&](std::size_t begin, std::size_t end, cpu::EarlyEnd&) {
                              for (std::size_t j = begin; j < end; ++j)
                                angle[j] = reduced(angle[j]);
                            });
  }
};

Angles wrapped(std::vector<double> angles, int threads) {
  Angles result{std::move(angles), {}};
  result.wrap(threads);
  return result;
}

Angles angles_of(const DiscreteMeasure& measure, int threads, const Deadline& deadline) {
  Angles result;
  if (!measure.uniform) result.weight = copy_values(measure.weights.data(), measure.n);
  if (measure.d == 1) {
    result.angle = copy_values(measure.planes.data(), measure.n);
  } else if (measure.d == 2) {
    result.angle = make_zeros(measure.n);
    for (std::size_t i = 0; i < measure.n; ++i) {
      if (i % points_between_readings == 0) deadline.expect_left();
      const double x = measure.planes[i];
      const double y = measure.planes[measure.n + i];
      if (x == 0 && y == 0) {
        throw InputError(std::string(kName) + ": point " + std::to_string(i + 1) +
                         " (counted from 1) is 0, which has no angle: remove it");
      }
      result.angle[i] = std::atan2(y, x);
    }
  } else {
    throw InputError(std::string(kName) + ": takes angles or points of the plane, not points of " +
                     std::to_string(measure.d) + " coordinates");
  }
  result.wrap(threads);
  return result;
}

/// Of steps against the uniform law whose quantiles are turned by `turned`: for each atom the
/// potential of the one before and (theta - y)^2 at the boundary y between their cells.
MeanVariance potential_variance(const QuantileSteps& steps, double turned) {
  const auto total = static_cast<double>(steps.total());
  double u = 0, mean = 0, squares = 0, cubes = 0, fourths = 0;
  for (std::size_t j = 0; j < steps.size(); ++j) {
    if (j % points_between_readings == 0) check_interruption();
    if (j > 0) {
      const double y = kTurn * (static_cast<double>(steps.begin(j)) / total) + turned;
      const double here = steps.value[j] - y;
      const double before = steps.value[j - 1] - y;
      u += (here - before) * (here + before);
    }
    const double mass = static_cast<double>(steps.end[j] - steps.begin(j)) / total;
    mean += mass * u;
    squares += mass * u * u;
    cubes += mass * u * u * u;
    fourths += mass * u * u * u * u;
  }
  const double square = mean * mean;
  return mean_variance(
      std::max(0., squares - square),
      std::max(0., fourths - 4 * mean * cubes + 6 * square * squares - 3 * square * square),
      squared_masses(steps));
}

CertifiedDistance to_uniform_law(const Angles& angles, int threads, const Deadline& deadline) {
  const bool equal = angles.weight.empty();
  const auto atoms = static_cast<std::int64_t>(angles.angle.size());
  const QuantileSteps steps =
      quantile_steps(angles.atoms(), equal ? atoms : largest_total, threads, deadline);
  deadline.expect_left();
  const auto total = static_cast<double>(steps.total());
  const auto mass = [&](std::size_t j) {
    return static_cast<double>(steps.end[j] - steps.begin(j)) / total;
  };
  const auto residual = [&](std::size_t j) {
    return steps.value[j] - kTurn * ((static_cast<double>(steps.begin(j)) / 2 +
                                      static_cast<double>(steps.end[j]) / 2) /
                                     total);
  };
  const int workers = cpu::thread_count(threads);
  const double mean = cpu::sum_long_elements(steps.size(), workers,
                                             [&](std::size_t j) { return mass(j) * residual(j); });
  const auto sums = cpu::sum_long_tiles<3>(steps.size(), cpu::element_tile, workers,
                                           [&](std::size_t begin, std::size_t end, cpu::EarlyEnd&) {
                                             std::array<double, 3> sum{};
                                             for (std::size_t j = begin; j < end; ++j) {
                                               const double difference = residual(j) - mean;
                                               sum[0] += mass(j) * difference;
                                               sum[1] += mass(j) * difference * difference;
                                               sum[2] += mass(j) * mass(j) * mass(j);
                                             }
                                             return sum;
                                           });
  const double variance = std::max(0., sums[1] - sums[0] * sums[0]);
  CertifiedDistance result;
  result.w2 = std::sqrt(variance + kTurn * kTurn * sums[2] / 12);
  // Sums of a tile in order and of tiles in pairs, and a few roundings of each term.
  constexpr double relative = unit_roundoff * (cpu::element_tile / 2 + 64);
  const DistanceRounding rounding{
      relative, CircularCoupling::rounding_of_lifted,
      kTurn * std::sqrt(rounding_of_ends(angles.atoms(), steps.total()))};
  result.lower = rounding.below(result.w2);
  result.upper = rounding.above(result.w2);
  deadline.expect_left();
  result.variance.first = potential_variance(steps, mean);
  return result;
}

/// theta -> 2 theta folds theta and theta + pi onto one point and doubles every distance.
CertifiedDistance to_uniform_law_folded(Angles angles, int threads, const Deadline& deadline) {
  for_each_range(angles.angle.size(), [&](std::size_t begin, std::size_t end) {
    for (std::size_t j = begin; j < end; ++j) angles.angle[j] *= 2;
  });
  angles.wrap(threads);
  CertifiedDistance result = to_uniform_law(angles, threads, deadline);
  for (double* const distance : {&result.w2, &result.lower, &result.upper}) *distance /= 2;
  result.variance.first.value /= 16;
  return result;
}

CertifiedDistance between(const Angles& a, const Angles& b, int threads, const Deadline& deadline) {
  const std::int64_t total = common_total(a.atoms(), b.atoms());
  const QuantileSteps of_a = quantile_steps(a.atoms(), total, threads, deadline);
  const QuantileSteps of_b = quantile_steps(b.atoms(), total, threads, deadline);
  const CircularCoupling::Minimum found = least_coupling_cost(of_a, of_b, threads, deadline);
  // A boundary between atoms that is off by a mass delta moves it by the gap between them, at a
  // distance of at most half a turn; the gaps add up to a turn.
  const double mass_rounding =
      kTurn * std::sqrt(rounding_of_ends(a.atoms(), total) + rounding_of_ends(b.atoms(), total));
  const DistanceRounding rounding{rounding_of_steps(of_a.size() + of_b.size()),
                                  CircularCoupling::rounding_of_lifted, mass_rounding};
  CertifiedDistance result;
  result.w2 = std::sqrt(found.mean);
  result.lower = rounding.below(std::sqrt(found.floor));
  result.upper = rounding.above(result.w2);
  deadline.expect_left();
  MonotonePotentials potentials;
  CircularCoupling(of_a, of_b, threads)
      .for_each_coupled(found.shift, [&](std::size_t i, std::size_t j, double mass, double lift) {
        potentials.visit(i, j, mass, [&](std::size_t k, std::size_t l) {
          // The short way round: the next atom may stand in the next turn.
          double difference = of_a.value[k] - lift - of_b.value[l];
          if (std::abs(difference) > kTurn / 2) difference -= std::copysign(kTurn, difference);
          return difference * difference;
        });
      });
  result.variance = {potentials.variance_of_u(squared_masses(of_a)),
                     potentials.variance_of_p(squared_masses(of_b))};
  return result;
}

}  // namespace

CertifiedDistance w2_circle_uniform(std::vector<double> angles, int threads) {
  return to_uniform_law(wrapped(std::move(angles), threads), threads, {});
}

CertifiedDistance w2_circle_uniform(const DiscreteMeasure& measure, int threads,
                                    const Deadline& deadline) {
  return to_uniform_law(angles_of(measure, threads, deadline), threads, deadline);
}

CertifiedDistance w2_circle_uniform_antipodal(std::vector<double> angles, int threads) {
  return to_uniform_law_folded(wrapped(std::move(angles), threads), threads, {});
}

CertifiedDistance w2_circle_uniform_antipodal(const DiscreteMeasure& measure, int threads,
                                              const Deadline& deadline) {
  return to_uniform_law_folded(angles_of(measure, threads, deadline), threads, deadline);
}

CertifiedDistance w2_circle(std::vector<double> a, std::vector<double> b, int threads) {
  return between(wrapped(std::move(a), threads), wrapped(std::move(b), threads), threads, {});
}

CertifiedDistance w2_circle(const DiscreteMeasure& a, const DiscreteMeasure& b, int threads,
                            const Deadline& deadline) {
  return between(angles_of(a, threads, deadline), angles_of(b, threads, deadline), threads,
                 deadline);
}

}  // namespace mckean
