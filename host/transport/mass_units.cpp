// Largest remainders.
#include "host/transport/mass_units.hpp"

#include <algorithm>
#include <cmath>
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
  Mass left = total;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double exact = weights[i] / sum.value() * static_cast<double>(total);
    units[i] = static_cast<Mass>(std::floor(exact));
    remainder[i] = exact - std::floor(exact);
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
    const Mass change = std::max(share, -unit);
    unit += change;
    left -= change;
  }
  for (std::size_t k = 0; left != 0; k = (k + 1) % order.size()) {
    Mass& unit = units[order[k]];
    if (left > 0) {
      ++unit;
      --left;
    } else if (unit > 0) {
      --unit;
      ++left;
    }
  }
  for (std::size_t i = 0; i < weights.size(); ++i)
    moved += std::abs(static_cast<double>(units[i] - floors[i]) - remainder[i]);
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
  units.total = Mass{1} << 62;
  units.a = round_to_units(a.weights, units.total, units.moved);
  units.b = round_to_units(b.weights, units.total, units.moved);
  units.moved /= static_cast<double>(units.total);
  return units;
}

}  // namespace mckean
