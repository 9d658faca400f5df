// Largest remainders.
#include "host/transport/mass_units.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "mckean/compensated_sum.hpp"

namespace mckean {
namespace {

/// Weights divided by their sum, in units; adds to `moved` the units by which the result differs.
std::vector<Mass> round_to_units(const std::vector<double>& weights, Mass total, double& moved) {
  std::vector<Mass> units(weights.size());
  std::vector<std::size_t> order(weights.size());
  std::vector<double> remainder(weights.size());
  CompensatedSum sum;
  for (const double weight : weights) sum.add(weight);
  const long double scale = static_cast<long double>(total) / sum.precise();
  Mass left = total;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const long double exact = weights[i] * scale;
    // What has mass has at least a unit.
    units[i] = std::max<Mass>(1, static_cast<Mass>(std::floor(exact)));
    remainder[i] = static_cast<double>(exact - static_cast<long double>(units[i]));
    left -= units[i];
  }
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t i, std::size_t j) { return remainder[i] > remainder[j]; });
  const std::vector<Mass> floors = units;
  // What the sum of the weights misses of 1 is shared out, the odd units by largest remainders.
  const auto count = static_cast<Mass>(weights.size());
  const Mass share = left / count;
  for (Mass& unit : units) {
    const Mass change = std::max(share, 1 - unit);
    unit += change;
    left -= change;
  }
  for (std::size_t k = 0; left != 0; k = (k + 1) % order.size()) {
    Mass& unit = units[order[k]];
    if (left > 0) {
      ++unit;
      --left;
    } else if (unit > 1) {
      --unit;
      ++left;
    }
  }
  double difference = 0;
  for (std::size_t i = 0; i < weights.size(); ++i)
    difference += std::abs(static_cast<double>(units[i] - floors[i]) - remainder[i]);
  // Shares of the total lose a few roundings, unless all come out whole.
  if (difference > 0 || sum.precise() != 1)
    difference += static_cast<double>(4 * std::numeric_limits<long double>::epsilon() *
                                      static_cast<long double>(total));
  moved += difference;
  return units;
}

}  // namespace

MassUnits to_units(const DiscreteMeasure& a, const DiscreteMeasure& b) {
  MassUnits units;
  const auto na = static_cast<Mass>(a.n);
  const auto nb = static_cast<Mass>(b.n);
  const Mass common = std::gcd(na, nb);
  if (a.uniform && b.uniform && na / common < (Mass{1} << 53) / nb) {
    units.total = na / common * nb;
    units.a.assign(a.n, nb / common);
    units.b.assign(b.n, na / common);
    return units;
  }
  // Whole where one of them is uniform.
  units.total = Mass{1} << 62;
  if (a.uniform != b.uniform) units.total -= units.total % (a.uniform ? na : nb);
  const auto units_of = [&](const DiscreteMeasure& measure) {
    const auto n = static_cast<Mass>(measure.n);
    if (measure.uniform && units.total % n == 0)
      return std::vector<Mass>(measure.n, units.total / n);
    return round_to_units(measure.weights, units.total, units.moved);
  };
  units.a = units_of(a);
  units.b = units_of(b);
  units.moved /= static_cast<double>(units.total);
  return units;
}

}  // namespace mckean
