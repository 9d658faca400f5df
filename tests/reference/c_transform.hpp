// The c-transform and the soft-min from their definitions, in long double and one pair at a time.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "mckean/formula/ground_cost.hpp"

namespace mckean::reference {

/// n points of R^d as planes.
struct PointSet {
  std::size_t n = 0;
  std::size_t d = 0;
  std::vector<double> planes;

  PointSet(std::size_t points, std::size_t dim) : n(points), d(dim), planes(n * d) {}
  double& at(std::size_t i, std::size_t k) { return planes[k * n + i]; }
  double at(std::size_t i, std::size_t k) const { return planes[k * n + i]; }
};

/// Points of [-2, 2]^d; for the geodesic cost projected to the unit sphere.
inline PointSet random_points(GroundCost cost, std::size_t n, std::size_t d, unsigned seed) {
  std::mt19937_64 engine(seed);
  std::uniform_real_distribution<double> value(-2, 2);
  PointSet points(n, d);
  for (double& x : points.planes) x = value(engine);
  for (std::size_t i = 0; i < n && cost == GroundCost::geodesic; ++i) {
    double square = 0;
    for (std::size_t k = 0; k < d; ++k) square += points.at(i, k) * points.at(i, k);
    for (std::size_t k = 0; k < d; ++k) points.at(i, k) /= std::sqrt(square);
  }
  return points;
}

/// Each point twice, and then its opposite twice.
inline PointSet with_duplicates(const PointSet& points) {
  PointSet all(4 * points.n, points.d);
  for (std::size_t i = 0; i < all.n; ++i) {
    for (std::size_t k = 0; k < all.d; ++k)
      all.at(i, k) = (i % 4 < 2 ? 1 : -1) * points.at(i / 4, k);
  }
  return all;
}

/// Of both signs and sizes from 1e-3 to 1e3.
inline std::vector<double> wide_potential(std::size_t n, unsigned seed) {
  std::mt19937_64 engine(seed);
  std::uniform_real_distribution<double> exponent(-3, 3);
  std::vector<double> potential(n);
  for (double& p : potential) p = (engine() % 2 == 0 ? 1 : -1) * std::pow(10, exponent(engine));
  return potential;
}

/// Targets of which two, seen from the origin, tie at the least value 4: one at the distance
/// `nearest`, 1 or 2, and one at 3 - nearest. Whole numbers, so that the tie is exact.
struct Tie {
  PointSet targets;
  std::vector<double> potential;

  Tie(std::size_t m, std::size_t first, std::size_t second, double nearest)
      : targets(m, 2), potential(m) {
    for (std::size_t j = 0; j < m; ++j) targets.at(j, 0) = 9;
    targets.at(first, 0) = nearest;
    targets.at(second, 0) = 3 - nearest;
    for (const std::size_t j : {first, second})
      potential[j] = 4 - targets.at(j, 0) * targets.at(j, 0);
  }
};

/// Potentials of which one is 0 and the others are such that a soft minimum sees them at 27
/// epsilon: small, but together more than a rounding error.
inline std::vector<double> tail_potential(std::size_t n, double epsilon) {
  std::vector<double> potential(n, 27 * epsilon);
  potential[n / 2] = 0;
  return potential;
}

inline long double pair_cost(GroundCost cost, const PointSet& sources, std::size_t i,
                             const PointSet& targets, std::size_t j) {
  long double minus = 0, plus = 0;
  for (std::size_t k = 0; k < sources.d; ++k) {
    const long double x = sources.at(i, k), y = targets.at(j, k);
    minus += (x - y) * (x - y);
    plus += (x + y) * (x + y);
  }
  if (cost == GroundCost::euclidean) return minus;
  const long double angle = 2 * std::atan2(std::sqrt(minus), std::sqrt(plus));
  return angle * angle;
}

/// Rounding of c + p that the concept Backend allows.
inline long double transform_error(std::size_t d, long double c, long double p) {
  return std::numeric_limits<double>::epsilon() * static_cast<long double>(2 * d + 24) *
         (c + std::abs(p));
}

/// The costs of one source, and what the back ends make of it.
class TransformRow {
 public:
  TransformRow(GroundCost cost, const PointSet& sources, std::size_t i, const PointSet& targets,
               const std::vector<double>& potential)
      : unit_(transform_error(sources.d, 1, 0)) {
    for (std::size_t j = 0; j < targets.n; ++j) {
      const long double c = pair_cost(cost, sources, i, targets, j);
      costs_.push_back(c);
      values_.push_back(c + potential[j]);
      errors_.push_back(transform_error(sources.d, c, potential[j]));
    }
  }

  /// Whether both are what they should be up to the rounding that the concept Backend allows.
  bool admits(double epsilon, double value, double mean_cost) const {
    return epsilon > 0 ? admits_soft(epsilon, value, mean_cost) : admits_hard(value, mean_cost);
  }

 private:
  /// The minimum of perturbed values, and the cost of a target that can attain it.
  bool admits_hard(long double value, long double mean_cost) const {
    long double low = INFINITY, high = INFINITY;
    for (std::size_t j = 0; j < values_.size(); ++j) {
      low = std::min(low, values_[j] - errors_[j]);
      high = std::min(high, values_[j] + errors_[j]);
    }
    bool attained = false;
    for (std::size_t j = 0; j < values_.size(); ++j) {
      attained |= values_[j] - errors_[j] <= high && std::abs(mean_cost - costs_[j]) <= errors_[j];
    }
    return low <= value && value <= high && attained;
  }

  /// First order in the errors of c + p, doubled; a weight also has the roundings of its exponent,
  /// whose size is that of the values, and a sum one for each target and a few at each new minimum.
  bool admits_soft(long double epsilon, long double value, long double mean_cost) const {
    const auto count = static_cast<long double>(values_.size());
    const long double least = *std::min_element(values_.begin(), values_.end());
    long double weight = 0, cost = 0, error = 0;
    for (std::size_t j = 0; j < values_.size(); ++j) {
      const long double e = std::exp((least - values_[j]) / epsilon);
      weight += e;
      cost += e * costs_[j];
      error += e * errors_[j];
    }
    const long double mean = cost / weight;
    error = error / weight + unit_ * epsilon * (1 + std::log(count));
    long double spread = 0, largest = 0;
    for (std::size_t j = 0; j < values_.size(); ++j) {
      const long double e = std::exp((least - values_[j]) / epsilon);
      spread += e / weight * std::abs(costs_[j] - mean) * (errors_[j] + error) / epsilon;
      largest = std::max(largest, costs_[j]);
    }
    const long double sums = (count + 60) * std::numeric_limits<double>::epsilon();
    const long double left_out = count * std::exp(-50.L);
    const long double exact = least - epsilon * std::log(weight);
    return std::abs(value - exact) <= 2 * (error + (sums + left_out) * epsilon) &&
           std::abs(mean_cost - mean) <=
               2 * (error + spread + 2 * sums * mean) + left_out * largest;
  }

  long double unit_;
  std::vector<long double> costs_, values_, errors_;
};

/// The first source whose value or mean cost is wrong, or an empty string.
inline std::string first_wrong(const std::vector<TransformRow>& rows, double epsilon,
                               const std::vector<double>& value,
                               const std::vector<double>& mean_cost) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].admits(epsilon, value[i], mean_cost[i])) continue;
    std::ostringstream text;
    text.precision(17);
    text << "source " << i << ", epsilon " << epsilon << ": " << value[i] << ", " << mean_cost[i];
    return text.str();
  }
  return {};
}

inline std::vector<TransformRow> transform_rows(GroundCost cost, const PointSet& sources,
                                                const PointSet& targets,
                                                const std::vector<double>& potential) {
  std::vector<TransformRow> rows;
  for (std::size_t i = 0; i < sources.n; ++i)
    rows.emplace_back(cost, sources, i, targets, potential);
  return rows;
}

}  // namespace mckean::reference
