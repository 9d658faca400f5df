// W2 on a line: the coupling of quantiles.
#include "host/transport/line/line.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

#include "host/transport/check_points.hpp"
#include "host/transport/line/monotone_potentials.hpp"

namespace mckean {
namespace {

constexpr const char* kName = "w2";

/// Of W2^2 in units of the squared diameter, so that nothing overflows.
SamplingVariance sampling_variance(const QuantileSteps& a, const QuantileSteps& b,
                                   double diameter) {
  MonotonePotentials potentials;
  const auto total = static_cast<double>(a.total());
  for_each_piece({a, b, 0, 0, a.total()},
                 [&](std::size_t i, std::size_t j, std::int64_t begin, std::int64_t end) {
                   // Relative to the largest, so that no square overflows.
                   potentials.visit(i, j, static_cast<double>(end - begin) / total,
                                    [&](std::size_t k, std::size_t l) {
                                      const double ratio = (a.value[k] - b.value[l]) / diameter;
                                      return ratio * ratio;
                                    });
                 });
  const double unit = diameter * diameter * diameter * diameter;
  SamplingVariance variance{potentials.variance_of_u(squared_masses(a)),
                            potentials.variance_of_p(squared_masses(b))};
  variance.first.value *= unit;
  variance.second.value *= unit;
  return variance;
}

CertifiedDistance distance(const LineAtoms& a, const LineAtoms& b, int threads,
                           const Deadline& deadline) {
  const std::int64_t total = common_total(a, b);
  const QuantileSteps of_a = quantile_steps(a, total, threads, deadline);
  const QuantileSteps of_b = quantile_steps(b, total, threads, deadline);
  deadline.expect_left();
  // Of all atoms, also those whose mass is less than a unit and has gone to a neighbour.
  const Extent extent_a = extent(a.value);
  const Extent extent_b = extent(b.value);
  const double diameter =
      std::max(extent_a.high, extent_b.high) - std::min(extent_a.low, extent_b.low);
  CertifiedDistance result;
  if (diameter == 0) return result;
  result.w2 = w2_of_steps(of_a, of_b, threads);
  // A boundary between atoms that is off by a mass delta moves it by the gap g between them, and
  // changes W2^2 by at most 2 D g delta; the gaps add up to the diameter D.
  const double mass_rounding =
      std::sqrt(2 * (rounding_of_ends(a, total) + rounding_of_ends(b, total))) * diameter;
  const DistanceRounding rounding{rounding_of_steps(of_a.size() + of_b.size()), 0, mass_rounding};
  deadline.expect_left();
  result.lower = rounding.below(result.w2);
  result.upper = rounding.above(result.w2);
  result.variance = sampling_variance(of_a, of_b, diameter);
  return result;
}

LineAtoms atoms_of(const DiscreteMeasure& measure) {
  if (measure.d != 1) {
    throw InputError(std::string(kName) +
                     ": points on a line have one coordinate, and these have " +
                     std::to_string(measure.d));
  }
  check_points(kName, measure.planes);
  if (measure.uniform) return {measure.planes, {}};
  return {measure.planes, measure.weights};
}

}  // namespace

double w2_of_steps(const QuantileSteps& a, const QuantileSteps& b, int threads) {
  const auto difference = [&](std::size_t i, std::size_t j) { return a.value[i] - b.value[j]; };
  const double largest = fold_pieces<1>(
      {a, b, 0, 0, a.total()}, threads,
      [&](auto& fold, std::size_t i, std::size_t j, std::int64_t, std::int64_t) {
        fold[0] = std::max(fold[0], std::abs(difference(i, j)));
      },
      [](double x, double y) { return std::max(x, y); })[0];
  if (largest == 0) return 0;
  // Squares relative to the largest, so that none overflows.
  const double sum = fold_pieces<1>(
      {a, b, 0, 0, a.total()}, threads,
      [&](auto& fold, std::size_t i, std::size_t j, std::int64_t begin, std::int64_t end) {
        const double ratio = difference(i, j) / largest;
        fold[0] += static_cast<double>(end - begin) * ratio * ratio;
      },
      std::plus<>())[0];
  return largest * std::sqrt(sum / static_cast<double>(a.total()));
}

// A term of the sum loses eight roundings w and the terms of a sum of k in order k w; W2 is half as
// far off as its square, and its root and product lose two more.
double rounding_of_steps(std::size_t steps) {
  return unit_roundoff * (static_cast<double>(terms_in_order(steps)) / 2 + 8);
}

CertifiedDistance w2_line(std::vector<double> a, std::vector<double> b, int threads) {
  check_points(kName, a);
  check_points(kName, b);
  return distance({a, {}}, {b, {}}, threads, {});
}

CertifiedDistance w2_line(const DiscreteMeasure& a, const DiscreteMeasure& b, int threads,
                          const Deadline& deadline) {
  return distance(atoms_of(a), atoms_of(b), threads, deadline);
}

}  // namespace mckean
