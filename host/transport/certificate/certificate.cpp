// Compensated sums, less bounds of what their terms have lost.
#include "host/transport/certificate/certificate.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "host/data/interruptible.hpp"
#include "mckean/config.hpp"
#include "mckean/formula/compensated_sum.hpp"

namespace mckean {
namespace {

/// The mean of values under the weights, divided by what these really add up to.
double mean_of(const DiscreteMeasure& measure, const std::vector<double>& values) {
  CompensatedSum sum;
  CompensatedSum mass;
  for_each_range(measure.n, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      sum.add(measure.weights[i] * values[i]);
      mass.add(measure.weights[i]);
    }
  });
  return sum.value() / mass.value();
}

}  // namespace

// A computed cost may be off by cost_roundings w, w = 2^-53, and c <= |phi| + |psi|; the difference
// from psi loses w, as do the products with weights, the compensated sums of these and of the
// weights 2 w and n^2 w^2 each, their quotient and the difference of both sides w. Weights that are
// off are so by themselves and by the sum that they are divided by.
double dual_lower(GroundCost cost, const DiscreteMeasure& a, const DiscreteMeasure& b,
                  const std::vector<double>& phi, const std::vector<double>& psi) {
  MCKEAN_EXPECT(phi.size() == a.n && psi.size() == b.n);
  double size = 0;
  double largest_psi = 0;
  for (std::size_t i = 0; i < a.n; ++i) size += a.weights[i] * std::abs(phi[i]);
  for (std::size_t j = 0; j < b.n; ++j) {
    size += b.weights[j] * std::abs(psi[j]);
    largest_psi = std::max(largest_psi, std::abs(psi[j]));
  }
  const auto n = static_cast<double>(std::max(a.n, b.n));
  const double of_weights = 2 * std::max(a.off, b.off) / unit_roundoff;
  const double roundings = cost_roundings(cost, a.d) + 12 + of_weights + 2 * n * n * unit_roundoff;
  return mean_of(a, phi) + mean_of(b, psi) - unit_roundoff * roundings * (size + largest_psi);
}

double plan_upper(GroundCost cost, const DiscreteMeasure& a, const DiscreteMeasure& b,
                  const IntegerMasses& units, double sum, double roundings) {
  const auto n = static_cast<double>(a.n + b.n);  // a plan has fewer entries, and sums lose n^2 w^2
  const double all = cost_roundings(cost, a.d) + roundings + 2 + n * n * unit_roundoff;
  const double rounded = sum * (1 + unit_roundoff * all);
  if (units.discrepancy == 0) return rounded;
  return rounded + units.discrepancy / 2 * bound_of_costs(a, b, cost);
}

// The squared diagonal of the box around both clouds; an angle is at most pi/2 times its chord.
double bound_of_costs(const DiscreteMeasure& a, const DiscreteMeasure& b, GroundCost cost) {
  double sum = 0;
  for (std::size_t k = 0; k < a.d; ++k) {
    const Extent of_a = extent(a, k);
    const Extent of_b = extent(b, k);
    const double width = std::max(of_a.high, of_b.high) - std::min(of_a.low, of_b.low);
    sum += width * width;
  }
  sum *= 1 + unit_roundoff * (static_cast<double>(a.d) + 8);
  constexpr double square = std::numbers::pi * std::numbers::pi * (1 + 0x1p-50);
  return cost == GroundCost::geodesic ? std::min(square, square / 4 * sum) : sum;
}

}  // namespace mckean
