// W2 on the circle: optimal shifts of lifted quantile functions.
#include "host/transport/circle.hpp"

#include <cmath>
#include <string>

#include "host/transport/check_points.hpp"
#include "host/transport/shift_cost.hpp"
#include "kernels/cpu/tiles.hpp"

namespace mckean {
namespace {

constexpr const char* kName = "w2 on the circle";
constexpr double kTurn = ShiftCost::turn;

/// Angles in [-pi, pi]; no weights where all are the same.
struct Angles {
  std::vector<double> angle;
  std::vector<double> weight;

  LineAtoms atoms() const { return {angle, weight}; }

  void wrap(int threads) {
    check_points(kName, angle);
    cpu::for_each_tile(angle.size(), cpu::element_tile, thread_count(threads),
                       [&](std::size_t begin, std::size_t end) {
                         for (std::size_t j = begin; j < end; ++j) {
                           if (std::abs(angle[j]) > kTurn / 2)
                             angle[j] = std::remainder(angle[j], kTurn);
                         }
                       });
  }
};

Angles wrapped(std::vector<double> angles, int threads) {
  Angles result{std::move(angles), {}};
  result.wrap(threads);
  return result;
}

Angles angles_of(const DiscreteMeasure& measure, int threads) {
  Angles result;
  if (!measure.uniform) result.weight = measure.weights;
  if (measure.d == 1) {
    result.angle = measure.planes;
  } else if (measure.d == 2) {
    result.angle.resize(measure.n);
    for (std::size_t i = 0; i < measure.n; ++i) {
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

double to_uniform_law(const Angles& angles, int threads) {
  const bool equal = angles.weight.empty();
  const auto atoms = static_cast<std::int64_t>(angles.angle.size());
  const QuantileSteps steps =
      quantile_steps(angles.atoms(), equal ? atoms : largest_total, threads);
  const auto total = static_cast<double>(steps.total());
  const auto mass = [&](std::size_t j) {
    return static_cast<double>(steps.end[j] - steps.begin(j)) / total;
  };
  const auto residual = [&](std::size_t j) {
    return steps.value[j] - kTurn * ((static_cast<double>(steps.begin(j)) / 2 +
                                      static_cast<double>(steps.end[j]) / 2) /
                                     total);
  };
  const int workers = thread_count(threads);
  const double mean = cpu::sum_elements(steps.size(), workers,
                                        [&](std::size_t j) { return mass(j) * residual(j); });
  const auto sums = cpu::sum_tiles<3>(steps.size(), cpu::element_tile, workers,
                                      [&](std::size_t begin, std::size_t end) {
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
  return std::sqrt(variance + kTurn * kTurn * sums[2] / 12);
}

/// theta -> 2 theta folds theta and theta + pi onto one point and doubles every distance.
double to_uniform_law_folded(Angles angles, int threads) {
  for (double& angle : angles.angle) angle *= 2;
  angles.wrap(threads);
  return to_uniform_law(angles, threads) / 2;
}

double between(const Angles& a, const Angles& b, int threads) {
  const std::int64_t total = common_total(a.atoms(), b.atoms());
  const QuantileSteps of_a = quantile_steps(a.atoms(), total, threads);
  const QuantileSteps of_b = quantile_steps(b.atoms(), total, threads);
  return std::sqrt(least_shift_cost(of_a, of_b, threads).mean);
}

}  // namespace

double w2_circle_uniform(std::vector<double> angles, int threads) {
  return to_uniform_law(wrapped(std::move(angles), threads), threads);
}

double w2_circle_uniform(const DiscreteMeasure& measure, int threads) {
  return to_uniform_law(angles_of(measure, threads), threads);
}

double w2_circle_uniform_antipodal(std::vector<double> angles, int threads) {
  return to_uniform_law_folded(wrapped(std::move(angles), threads), threads);
}

double w2_circle_uniform_antipodal(const DiscreteMeasure& measure, int threads) {
  return to_uniform_law_folded(angles_of(measure, threads), threads);
}

double w2_circle(std::vector<double> a, std::vector<double> b, int threads) {
  return between(wrapped(std::move(a), threads), wrapped(std::move(b), threads), threads);
}

double w2_circle(const DiscreteMeasure& a, const DiscreteMeasure& b, int threads) {
  return between(angles_of(a, threads), angles_of(b, threads), threads);
}

}  // namespace mckean
