// The cost of monotone couplings on the circle as a function of their shift, and its minimum.
#pragma once

#include <cstdint>
#include <numbers>

#include "host/transport/line/quantiles.hpp"

namespace mckean {

/// V(s) = integral over the masses u in (0, total) of (a(u) - b(u + s))^2, b lifted by b(u + total)
/// = b(u) + 2 pi: convex, and linear between neighbouring integers s. a and b have values in
/// [-pi, pi] and the same total.
class CircularCoupling {
 public:
  static constexpr double turn = 2 * std::numbers::pi;
  /// What a difference of angles, lifted by up to two turns, may be off: the angles 2^-51 each,
  /// turns 2^-51 and the subtraction half a unit of 16.
  static constexpr double rounding_of_lifted = 0x1p-48;

  CircularCoupling(const QuantileSteps& a, const QuantileSteps& b, int threads,
                   const Deadline& deadline = {})
      : a_(a), b_(b), threads_(threads), deadline_(deadline) {}

  struct Tangents {
    std::int64_t shift = 0;
    double value = 0;
    double left = 0;  // slopes
    double right = 0;
    double slope_error = 0;  // slopes are right to this
  };
  Tangents at(std::int64_t shift) const;

  /// V/total at the best shift found, from the shift `guess` on in steps of `step` units at first,
  /// and what min V/total cannot be below: tangents enclose it, with the rounding of their slopes.
  struct Minimum {
    std::int64_t shift = 0;
    double mean = 0;
    double floor = 0;
    int evaluations = 0;
  };
  Minimum minimum(std::int64_t guess, std::int64_t step) const;
  /// use(i, j, mass, lift) for the pieces of the masses of a in their order, coupled with b
  /// at this shift: a_i - lift stands opposite b_j.
  template <class Use>
  void for_each_coupled(std::int64_t shift, const Use& use) const {
    const std::int64_t total = a_.total();
    const std::int64_t turns = shift / total - (shift % total < 0);
    const std::int64_t within = shift - turns * total;
    const double lift = turn * static_cast<double>(turns);
    const auto part = [&](std::int64_t offset, double by, std::int64_t from, std::int64_t to) {
      for_each_piece({a_, b_, offset, from, to},
                     [&](std::size_t i, std::size_t j, std::int64_t begin, std::int64_t end) {
                       use(i, j, static_cast<double>(end - begin) / static_cast<double>(total), by);
                     });
    };
    // Masses of b from `within` to the total, and on from 0 in the next turn.
    part(within, lift, 0, total - within);
    part(within - total, lift + turn, total - within, total);
  }

 private:
  const QuantileSteps& a_;
  const QuantileSteps& b_;
  int threads_;
  Deadline deadline_;
};

/// min V/total, from a start that is the minimum for a few thousand quantiles of each. OutOfTime
/// where the deadline comes first.
CircularCoupling::Minimum least_coupling_cost(const QuantileSteps& a, const QuantileSteps& b,
                                              int threads, const Deadline& deadline = {});

}  // namespace mckean
