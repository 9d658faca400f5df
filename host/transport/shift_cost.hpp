// The cost of coupling two lifted quantile functions of the circle, as a function of their shift.
#pragma once

#include <cstdint>
#include <numbers>

#include "host/transport/quantiles.hpp"

namespace mckean {

/// V(s) = integral over the masses u in (0, total) of (a(u) - b(u + s))^2, b lifted by b(u + total)
/// = b(u) + 2 pi: convex, and linear between neighbouring integers s. a and b have values in
/// [-pi, pi] and the same total.
class ShiftCost {
 public:
  static constexpr double turn = 2 * std::numbers::pi;

  ShiftCost(const QuantileSteps& a, const QuantileSteps& b, int threads)
      : a_(a), b_(b), threads_(threads) {}

  struct Tangents {
    std::int64_t shift = 0;
    double value = 0;
    double left = 0;  // slopes
    double right = 0;
  };
  Tangents at(std::int64_t shift) const;

  /// min V/total within rounding, searched for from the shift `guess` in steps of `step` units at
  /// first.
  struct Minimum {
    std::int64_t shift = 0;
    double mean = 0;
    int evaluations = 0;
  };
  Minimum minimum(std::int64_t guess, std::int64_t step) const;

 private:
  const QuantileSteps& a_;
  const QuantileSteps& b_;
  int threads_;
};

/// min V/total, from a start that is the minimum for a few thousand quantiles of each.
ShiftCost::Minimum least_shift_cost(const QuantileSteps& a, const QuantileSteps& b, int threads);

}  // namespace mckean
