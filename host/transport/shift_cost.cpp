// Tangents of the shift cost, and their use to enclose its least value.
#include "host/transport/shift_cost.hpp"

#include <cmath>
#include <functional>

namespace mckean {
namespace {

using Tangents = ShiftCost::Tangents;

/// Where tangents of both ends meet, from the lower end on; between them V is above it.
double meeting_place(const Tangents& low, const Tangents& high) {
  const auto width = static_cast<double>(high.shift - low.shift);
  return (high.value - low.value - high.left * width) / (low.right - high.left);
}

QuantileSteps coarse_quantiles(const QuantileSteps& fine, std::int64_t count) {
  const std::int64_t cell = fine.total() / count;
  QuantileSteps coarse;
  for (std::int64_t k = 0; k < count; ++k) {
    coarse.value.push_back(fine.value[fine.at(k * cell + cell / 2)]);
    coarse.end.push_back(k + 1);
  }
  return coarse;
}

}  // namespace

Tangents ShiftCost::at(std::int64_t shift) const {
  const std::int64_t total = a_.total();
  const std::int64_t turns = shift / total - (shift % total < 0);
  const std::int64_t within = shift - turns * total;
  const std::size_t last = b_.size() - 1;
  std::array<double, 3> sums{};
  // Masses of b from `within` to the total, and on from 0 in the next turn.
  const auto add = [&](std::int64_t offset, double lift, std::int64_t from, std::int64_t to) {
    const auto fold = [&](auto& sum, std::size_t i, std::size_t j, std::int64_t begin,
                          std::int64_t end) {
      const double of_a = a_.value[i] - lift;
      const double of_b = b_.value[j];
      const double difference = of_a - of_b;
      sum[0] += static_cast<double>(end - begin) * difference * difference;
      // A greater shift puts the next step of b in front of a step's end, a smaller one the one
      // before behind its beginning.
      if (end + offset == b_.end[j]) {
        const double next = j == last ? b_.value[0] + turn : b_.value[j + 1];
        sum[2] += (next - of_b) * ((next - of_a) - difference);
      }
      if (begin + offset == b_.begin(j)) {
        const double before = j == 0 ? b_.value[last] - turn : b_.value[j - 1];
        sum[1] += (of_b - before) * ((before - of_a) - difference);
      }
    };
    const auto part = fold_pieces<3>(a_, b_, offset, from, to, threads_, fold, std::plus<>());
    for (std::size_t k = 0; k < 3; ++k) sums[k] += part[k];
  };
  const double lift = turn * static_cast<double>(turns);
  add(within, lift, 0, total - within);
  add(within - total, lift + turn, total - within, total);
  return {shift, sums[0], sums[1], sums[2]};
}

ShiftCost::Minimum ShiftCost::minimum(std::int64_t guess, std::int64_t step) const {
  // Shifted by -2 turns or by one, b is on one side of a.
  const std::int64_t total = a_.total();
  const std::int64_t lowest = -2 * total;
  const std::int64_t highest = total;
  constexpr double tolerance = 0x1p-50;
  Tangents low, high;
  bool has_low = false, has_high = false;
  Minimum best{guess, std::numeric_limits<double>::infinity(), 0};
  double width_before = 0;
  // Slopes for the secant; that of an end that stays is halved (Illinois), so that both move.
  double slope_low = 0, slope_high = 0;
  std::int64_t shift = std::clamp(guess, lowest, highest);
  for (;;) {
    const Tangents here = at(shift);
    ++best.evaluations;
    if (const double mean = here.value / static_cast<double>(total); mean < best.mean) {
      best.mean = mean;
      best.shift = shift;
    }
    if (here.left <= 0 && here.right >= 0) return best;
    const bool below = here.right < 0;
    if (below) {
      low = here;
      if (has_low) slope_high /= 2;
      has_low = true;
      slope_low = here.right;
    } else {
      high = here;
      if (has_high) slope_low /= 2;
      has_high = true;
      slope_high = here.left;
    }
    if (!has_low || !has_high) {
      // At both outer ends only rounding can leave the sign wrong.
      if (shift == (below ? highest : lowest)) return best;
      shift = below ? (highest - shift > step ? shift + step : highest)
                    : (shift - lowest > step ? shift - step : lowest);
      step = step > total / 8 ? total : 8 * step;
      continue;
    }
    if (high.shift - low.shift <= 1) return best;
    const auto width = static_cast<double>(high.shift - low.shift);
    const double meeting = meeting_place(low, high);
    const double floor_value = low.value + low.right * meeting;
    const double best_value = best.mean * static_cast<double>(total);
    if (best_value - floor_value <= tolerance * best_value) return best;
    double place = 0;
    switch (best.evaluations % 4) {
      case 0:
        place = width > width_before / 8 ? width / 2 : meeting;
        width_before = width;
        break;
      case 1:
        place = meeting;
        break;
      default:
        place = width * slope_low / (slope_low - slope_high);
    }
    const std::int64_t gap = high.shift - low.shift;
    shift = low.shift + std::clamp(std::llround(place), 1LL, static_cast<long long>(gap - 1));
  }
}

ShiftCost::Minimum least_shift_cost(const QuantileSteps& a, const QuantileSteps& b, int threads) {
  constexpr std::int64_t coarse = 4096;
  const std::int64_t total = a.total();
  const ShiftCost cost(a, b, threads);
  if (static_cast<std::int64_t>(a.size() + b.size()) < 16 * coarse) {
    return cost.minimum(0, std::max<std::int64_t>(1, total / 64));
  }
  const QuantileSteps few_a = coarse_quantiles(a, coarse);
  const QuantileSteps few_b = coarse_quantiles(b, coarse);
  const auto start = ShiftCost(few_a, few_b, 1).minimum(0, coarse / 64);
  const std::int64_t cell = total / coarse;
  return cost.minimum(start.shift * cell, std::max<std::int64_t>(1, cell));
}

}  // namespace mckean
