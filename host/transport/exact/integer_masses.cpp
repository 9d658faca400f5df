// Rounding of weights to integers of a given total by largest remainders.
#include "host/transport/exact/integer_masses.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "host/data/interruptible.hpp"
#include "mckean/formula/compensated_sum.hpp"

namespace mckean {
namespace {

constexpr std::size_t comparisons_between_checks = 1 << 14;
constexpr std::size_t weights_between_checks = 1 << 16;

/// Weights divided by their sum, in units; adds to `discrepancy` the units by which the result
/// differs.
std::vector<Mass> round_to_units(const std::vector<double>& weights, Mass total,
                                 double& discrepancy) {
  std::vector<Mass> units = make_filled(weights.size(), Mass{0});
  std::vector<std::uint32_t> order = make_indices<std::uint32_t>(weights.size());
  std::vector<double> remainder = make_zeros(weights.size());
  CompensatedSum sum;
  for (const double weight : weights) sum.add(weight);
  const long double scale = static_cast<long double>(total) / sum.precise();
  Mass left = total;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (i % weights_between_checks == 0) check_interruption();
    const long double exact = weights[i] * scale;
    // What has mass has at least a unit.
    units[i] = std::max<Mass>(1, static_cast<Mass>(std::floor(exact)));
    remainder[i] = static_cast<double>(exact - static_cast<long double>(units[i]));
    left -= units[i];
  }
  std::size_t comparisons = 0;
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t i, std::uint32_t j) {
    if (++comparisons % comparisons_between_checks == 0) check_interruption();
    return remainder[i] > remainder[j];
  });
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
  discrepancy += difference;
  return units;
}

/// Weights that are whole multiples of 1/pieces, with so many units for each.
std::vector<Mass> whole_units(const DiscreteMeasure& measure, double pieces, Mass each) {
  std::vector<Mass> units = make_filled(measure.n, each);
  if (measure.uniform) return units;
  for_each_range(measure.n, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i)
      units[i] *= static_cast<Mass>(std::llround(measure.weights[i] * pieces));
  });
  return units;
}

}  // namespace

IntegerMasses to_integer_masses(const DiscreteMeasure& a, const DiscreteMeasure& b) {
  IntegerMasses units;
  const auto of_a = static_cast<Mass>(a.whole_pieces());
  const auto of_b = static_cast<Mass>(b.whole_pieces());
  // Whole where both, or one of them, are made of equal pieces.
  units.total = Mass{1} << 62;
  if (of_a > 0 && of_b > 0) {
    const Mass common = std::gcd(of_a, of_b);
    if (of_a / common < (Mass{1} << 53) / of_b) units.total = of_a / common * of_b;
  } else if (of_a > 0 || of_b > 0) {
    units.total -= units.total % std::max(of_a, of_b);
  }
  const auto units_of = [&](const DiscreteMeasure& measure, Mass pieces) {
    if (pieces > 0 && units.total % pieces == 0)
      return whole_units(measure, static_cast<double>(pieces), units.total / pieces);
    // A weight that is off by this much is so by itself and by the sum that all are divided by.
    units.discrepancy += 2 * measure.off * static_cast<double>(units.total);
    return round_to_units(measure.weights, units.total, units.discrepancy);
  };
  units.a = units_of(a, of_a);
  units.b = units_of(b, of_b);
  units.discrepancy /= static_cast<double>(units.total);
  return units;
}

}  // namespace mckean
