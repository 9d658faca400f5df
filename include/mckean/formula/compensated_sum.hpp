// Sums of many terms that lose no digits.
#pragma once

#include <cmath>
#include <vector>

#include "mckean/config.hpp"

namespace mckean {

/// Neumaier's sum: for n terms within 2 w |sum| + n^2 w^2 sum |terms| of the exact one, w = 2^-53
/// (ZAMM 54, 1974).
class CompensatedSum {
 public:
  CompensatedSum() = default;
  /// Goes on from high() and low() of another one.
  MCKEAN_HD CompensatedSum(double high, double low) : sum_(high), lost_(low) {}
  MCKEAN_HD void add(double x) {
    const double sum = sum_ + x;
    lost_ += std::abs(sum_) >= std::abs(x) ? (sum_ - sum) + x : (x - sum) + sum_;
    sum_ = sum;
  }
  MCKEAN_HD double value() const { return sum_ + lost_; }
  /// The sum and what it has lost.
  MCKEAN_HD double high() const { return sum_; }
  MCKEAN_HD double low() const { return lost_; }
  /// Both together: without the last rounding, where long double is longer.
  long double precise() const { return static_cast<long double>(sum_) + lost_; }

 private:
  double sum_ = 0;
  double lost_ = 0;
};

inline double compensated_sum(const std::vector<double>& values) {
  CompensatedSum sum;
  for (const double value : values) sum.add(value);
  return sum.value();
}

}  // namespace mckean
