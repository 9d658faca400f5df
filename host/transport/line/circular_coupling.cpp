// Minimisation of a convex function over integers by tangents, with the rounding of their slopes.
#include "host/transport/line/circular_coupling.hpp"

#include <cmath>
#include <functional>
#include <limits>
#include <optional>

#include "host/transport/discrete_measure.hpp"

namespace mckean {
namespace {

using Tangents = CircularCoupling::Tangents;

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

Tangents CircularCoupling::at(std::int64_t shift) const {
  const std::int64_t total = a_.total();
  const std::int64_t turns = shift / total - (shift % total < 0);
  const std::int64_t within = shift - turns * total;
  const std::size_t last = b_.size() - 1;
  std::array<double, 5> sums{};
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
        const double slope = (next - of_b) * ((next - of_a) - difference);
        sum[2] += slope;
        sum[3] += std::abs(slope);
        if (lift != 0) sum[4] += next - of_b;
      }
      if (begin + offset == b_.begin(j)) {
        const double before = j == 0 ? b_.value[last] - turn : b_.value[j - 1];
        const double slope = (of_b - before) * ((before - of_a) - difference);
        sum[1] += slope;
        sum[3] += std::abs(slope);
        if (lift != 0) sum[4] += of_b - before;
      }
    };
    const auto part = fold_pieces<5>({a_, b_, offset, from, to}, threads_, fold, std::plus<>());
    for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += part[k];
  };
  const double lift = turn * static_cast<double>(turns);
  add(within, lift, 0, total - within);
  add(within - total, lift + turn, total - within, total);
  // Terms lose a few roundings, and their sum one for each that is added in order; of lifted angles
  // the gaps between atoms stand beside differences that have lost more.
  const double lost =
      unit_roundoff * (static_cast<double>(terms_in_order(a_.size() + b_.size())) + 16);
  return {shift, sums[0], sums[1], sums[2], lost * sums[3] + 2 * rounding_of_lifted * sums[4]};
}

namespace {

bool is_below(const Tangents& at) { return at.right < -at.slope_error; }
bool is_above(const Tangents& at) { return at.left > at.slope_error; }

/// The search of a minimum: the best shift so far and how the cost is evaluated.
class Search {
 public:
  Search(const CircularCoupling& cost, std::int64_t guess, std::int64_t total)
      : cost_(cost), total_(total), best_{guess, std::numeric_limits<double>::infinity(), 0, 0} {}

  const CircularCoupling::Minimum& best() const { return best_; }
  double best_value() const { return best_.mean * static_cast<double>(total_); }

  Tangents evaluate(std::int64_t shift) {
    const Tangents tangents = cost_.at(shift);
    ++best_.evaluations;
    const double mean = tangents.value / static_cast<double>(total_);
    if (mean < best_.mean) {
      best_.mean = mean;
      best_.shift = shift;
    }
    return tangents;
  }

  /// V(s) >= `value` less what slopes, known to `slope_error`, may have lost so far away.
  CircularCoupling::Minimum finish(double value, double slope_error, std::int64_t reach) {
    best_.floor = std::max(
        0., (value - slope_error * static_cast<double>(reach)) / static_cast<double>(total_));
    best_.floor = std::min(best_.floor, best_.mean);
    return best_;
  }

  /// `flat` has slopes of either sign as far as they are known.
  CircularCoupling::Minimum finish_at(const Tangents& flat, std::int64_t low, std::int64_t high) {
    // Kinks are minima whatever rounding did.
    if (flat.left <= -flat.slope_error && flat.right >= flat.slope_error)
      return finish(flat.value, 0, 0);
    // Elsewhere those beside it tell how far another minimum may be.
    const std::int64_t from = end_of_flat(flat.shift, low, is_below);
    const std::int64_t to = end_of_flat(flat.shift, high, is_above);
    // A slope that was computed to be above -slope_error may be -2 slope_error.
    return finish(flat.value, 2 * flat.slope_error, std::max(flat.shift - from, to - flat.shift));
  }

 private:
  /// A shift where the slope has a sign for sure, towards `far`, which is the last resort.
  template <class IsBeyond>
  std::int64_t end_of_flat(std::int64_t shift, std::int64_t far, const IsBeyond& is_beyond) {
    const std::int64_t sign = far > shift ? 1 : -1;
    for (const int bits : {36, 24, 12}) {
      const std::int64_t near = shift + sign * std::max<std::int64_t>(1, total_ >> bits);
      if ((far - near) * sign <= 0) return far;
      if (is_beyond(evaluate(near))) return near;
    }
    return far;
  }

  const CircularCoupling& cost_;
  std::int64_t total_;
  CircularCoupling::Minimum best_;
};

}  // namespace

CircularCoupling::Minimum CircularCoupling::minimum(std::int64_t guess, std::int64_t step) const {
  // Shifted by -2 turns or by one, b is on one side of a.
  const std::int64_t total = a_.total();
  const std::int64_t lowest = -2 * total;
  const std::int64_t highest = total;
  constexpr double tolerance = 0x1p-50;
  std::optional<Tangents> low, high;
  Search search(*this, guess, total);
  double width_before = 0;
  // Slopes for the secant; that of an end that stays is halved (Illinois), so that both move.
  double slope_low = 0, slope_high = 0;
  std::int64_t shift = std::clamp(guess, lowest, highest);
  for (;;) {
    deadline_.expect_left();
    const Tangents here = search.evaluate(shift);
    const bool below = is_below(here);
    if (!below && !is_above(here))
      return search.finish_at(here, low ? low->shift : lowest, high ? high->shift : highest);
    if (below) {
      if (low) slope_high /= 2;
      low = here;
      slope_low = here.right;
    } else {
      if (high) slope_low /= 2;
      high = here;
      slope_high = here.left;
    }
    if (!low || !high) {
      // At both outer ends only rounding can leave the sign wrong.
      if (shift == (below ? highest : lowest)) return search.finish(0, 0, 0);
      shift = below ? (highest - shift > step ? shift + step : highest)
                    : (shift - lowest > step ? shift - step : lowest);
      step = step > total / 8 ? total : 8 * step;
      continue;
    }
    const std::int64_t gap = high->shift - low->shift;
    const double slope_error = std::max(low->slope_error, high->slope_error);
    if (gap <= 1) return search.finish(search.best_value(), slope_error, gap);
    const auto width = static_cast<double>(gap);
    const double meeting = meeting_place(*low, *high);
    const double floor_value = low->value + low->right * meeting;
    if (search.best_value() - floor_value <= tolerance * search.best_value())
      return search.finish(floor_value, slope_error, gap);
    double place = width * slope_low / (slope_low - slope_high);
    if (search.best().evaluations % 4 == 0) {
      place = width > width_before / 8 ? width / 2 : meeting;
      width_before = width;
    } else if (search.best().evaluations % 4 == 1) {
      place = meeting;
    }
    shift = low->shift + std::clamp(std::llround(place), 1LL, static_cast<long long>(gap - 1));
  }
}

CircularCoupling::Minimum least_coupling_cost(const QuantileSteps& a, const QuantileSteps& b,
                                              int threads, const Deadline& deadline) {
  constexpr std::int64_t coarse = 4096;
  const std::int64_t total = a.total();
  const CircularCoupling cost(a, b, threads, deadline);
  if (static_cast<std::int64_t>(a.size() + b.size()) < 16 * coarse) {
    return cost.minimum(0, std::max<std::int64_t>(1, total / 64));
  }
  const QuantileSteps few_a = coarse_quantiles(a, coarse);
  const QuantileSteps few_b = coarse_quantiles(b, coarse);
  const auto start = CircularCoupling(few_a, few_b, 1).minimum(0, coarse / 64);
  const std::int64_t cell = total / coarse;
  return cost.minimum(start.shift * cell, std::max<std::int64_t>(1, cell));
}

}  // namespace mckean
