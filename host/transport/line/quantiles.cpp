// Sorted atoms and their cumulative weights rounded to integers.
#include "host/transport/line/quantiles.hpp"


#include <cmath>
#include <iterator>
#include <numeric>

#include "host/data/interruptible.hpp"
#include "kernels/cpu/angle_order.hpp"
#include "kernels/cpu/tiles.hpp"
#include "mckean/formula/compensated_sum.hpp"

namespace mckean {
namespace {

constexpr std::size_t worth_a_radix_sort = 1024;
constexpr std::size_t worth_threads = 262144;
constexpr std::size_t steps_between_checks = 1 << 16;
constexpr double seconds_of_sort = 3e-8;  // a value of many, by a few threads

template <class Body>
void for_each_index(std::size_t count, int threads, const Body& body) {
  cpu::for_each_long_tile(count, cpu::element_tile, threads,
                          [&](std::size_t begin, std::size_t end, cpu::EarlyEnd&) {
                            for (std::size_t j = begin; j < end; ++j) body(j);
                          });
}

/// The order of the values; equal ones in that of their indices.
std::vector<std::uint32_t> sorted_index(std::span<const double> value, int threads) {
  std::vector<std::uint32_t> index = make_indices<std::uint32_t>(value.size());
  if (value.size() < worth_a_radix_sort) {
    std::sort(index.begin(), index.end(), [&](std::uint32_t i, std::uint32_t j) {
      return value[i] != value[j] ? value[i] < value[j] : i < j;
    });
    return index;
  }
  const cpu::ValueOrder order(value, threads);
  for_each_index(index.size(), threads,
                 [&](std::size_t j) { index[j] = static_cast<std::uint32_t>(order[j]); });
  return index;
}

/// j total/n for j = 1..n, rounded down.
std::vector<std::int64_t> equal_ends(std::size_t n, std::int64_t total) {
  const auto count = static_cast<std::int64_t>(n);
  std::vector<std::int64_t> ends;
  ends.reserve(n);
  std::int64_t end = 0;
  std::int64_t remainder = 0;
  for_each_range(n, [&](std::size_t first, std::size_t last) {
    for (std::size_t j = first; j < last; ++j) {
      end += total / count;
      remainder += total % count;
      if (remainder >= count) {
        remainder -= count;
        ++end;
      }
      ends.push_back(end);
    }
  });
  return ends;
}

/// total S_j/S_n for the cumulative weights S_j. S_n = 1 + excess, so that S_j/S_n = S_j - S_j
/// excess/S_n. What sums lose is kept: the order of atoms of one value does not show in the end of
/// the last of them.
std::vector<std::int64_t> weighted_ends(const std::vector<double>& weights, std::int64_t total) {
  CompensatedSum all;
  for_each_range(weights.size(), [&](std::size_t first, std::size_t last) {
    for (std::size_t j = first; j < last; ++j) all.add(weights[j]);
  });
  const double excess = (all.high() - 1) + all.low();
  const double relative = excess / (1 + excess);
  const auto scale = static_cast<double>(total);
  std::vector<std::int64_t> ends = make_filled(weights.size(), std::int64_t{0});
  CompensatedSum sum;
  std::int64_t before = 0;
  for (std::size_t j = 0; j < weights.size(); ++j) {
    if (j % steps_between_checks == 0) check_interruption();
    sum.add(weights[j]);
    const double whole = std::floor(sum.high() * scale);
    const double rest = (sum.high() * scale - whole) + (sum.low() - sum.high() * relative) * scale;
    const std::int64_t end = static_cast<std::int64_t>(whole) + std::llround(rest);
    before = std::clamp(end, before, total);
    ends[j] = before;
  }
  ends.back() = total;
  return ends;
}

void drop_empty_steps(QuantileSteps& steps) {
  std::size_t kept = 0;
  std::int64_t before = 0;
  for (std::size_t j = 0; j < steps.size(); ++j) {
    if (j % steps_between_checks == 0) check_interruption();
    const std::int64_t end = steps.end[j];
    if (end == before) continue;
    steps.value[kept] = steps.value[j];
    steps.index[kept] = steps.index[j];
    steps.end[kept++] = before = end;
  }
  steps.value.resize(kept);
  steps.index.resize(kept);
  steps.end.resize(kept);
}

}  // namespace

std::int64_t common_total(const LineAtoms& a, const LineAtoms& b) {
  if (!a.weight.empty() || !b.weight.empty()) return largest_total;
  const auto na = static_cast<std::int64_t>(a.value.size());
  const auto nb = static_cast<std::int64_t>(b.value.size());
  const std::int64_t common = std::gcd(na, nb);
  return na / common <= largest_total / nb ? na / common * nb : largest_total;
}

double rounding_of_ends(const LineAtoms& atoms, std::int64_t total) {
  const auto n = static_cast<std::int64_t>(atoms.value.size());
  if (atoms.weight.empty()) return total % n == 0 ? 0 : 1 / static_cast<double>(total);
  // A unit, and n^2 w^2 of the total that a long sum loses.
  const auto count = static_cast<double>(n);
  return 2 / static_cast<double>(total) + count * count * 0x1p-106;
}

QuantileSteps quantile_steps(const LineAtoms& atoms, std::int64_t total, int threads,
                             const Deadline& deadline) {
  const std::size_t n = atoms.value.size();
  deadline.expect_left(seconds_of_sort * static_cast<double>(n));
  const int workers = n < worth_threads ? 1 : cpu::thread_count(threads);
  QuantileSteps steps;
  steps.index = sorted_index(atoms.value, workers);
  steps.value = make_zeros(n);
  deadline.expect_left();
  for_each_index(n, workers, [&](std::size_t j) { steps.value[j] = atoms.value[steps.index[j]]; });
  if (atoms.weight.empty()) {
    steps.end = equal_ends(n, total);
  } else {
    std::vector<double> weights = make_zeros(n);
    for_each_index(n, workers, [&](std::size_t j) { weights[j] = atoms.weight[steps.index[j]]; });
    steps.end = weighted_ends(weights, total);
  }
  drop_empty_steps(steps);
  return steps;
}

std::size_t terms_in_order(std::size_t steps) {
  return std::min(steps, 2 * steps_a_chunk) + 2 * (steps / steps_a_chunk) + 8;
}

std::vector<std::int64_t> chunk_cuts(const CoupledMasses& masses) {
  const auto& [a, b, shift, from, to] = masses;
  std::vector<std::int64_t> of_a, of_b, cuts;
  const auto keep = [from = from, to = to](std::int64_t mass, std::vector<std::int64_t>& list) {
    if (from < mass && mass < to) list.push_back(mass);
  };
  for (std::size_t i = steps_a_chunk; i < a.size(); i += steps_a_chunk) keep(a.end[i], of_a);
  for (std::size_t j = steps_a_chunk; j < b.size(); j += steps_a_chunk)
    keep(b.end[j] - shift, of_b);
  cuts.push_back(from);
  std::merge(of_a.begin(), of_a.end(), of_b.begin(), of_b.end(), std::back_inserter(cuts));
  cuts.push_back(to);
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  return cuts;
}

}  // namespace mckean
