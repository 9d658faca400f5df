// The length of the next step from the errors of the last ones.
#pragma once

#include <algorithm>
#include <cmath>

namespace mckean {

/// A predictive controller for errors that fall like h^order: Gustafsson (1994), as used by
/// Sommeijer, Shampine and Verwer, "RKC: an explicit solver for parabolic PDEs", J. Comput. Appl.
/// Math. 88 (1998). Errors are in units of the tolerance.
class StepController {
 public:
  explicit StepController(double order) : power_(1 / order) {}

  /// The factor for the step after one of size h whose error was at most 1.
  double accepted(double h, double error) {
    const double bounded = std::max(error, smallest_error);
    double factor = safety * std::pow(bounded, -power_);
    if (last_size_ > 0) {
      const double trend = safety * h / last_size_ * std::pow(last_error_ / bounded, power_) *
                           std::pow(bounded, -power_);
      factor = std::min(factor, trend);
    }
    factor = std::clamp(factor, 0.1, after_rejection_ ? 1.0 : 10.0);
    last_size_ = h;
    last_error_ = bounded;
    after_rejection_ = false;
    return factor;
  }
  /// The factor for another try; `error` is above 1 or not finite.
  double rejected(double error) {
    after_rejection_ = true;
    if (!std::isfinite(error)) return 0.1;
    return std::clamp(safety * std::pow(error, -power_), 0.1, safety);
  }

  /// What it remembers, to or from an archive.
  template <class Archive>
  void exchange(Archive& archive) {
    archive(last_size_, last_error_, after_rejection_);
  }

 private:
  static constexpr double safety = 0.8;
  static constexpr double smallest_error = 1e-6;

  double power_;
  double last_size_ = 0;
  double last_error_ = 1;
  bool after_rejection_ = false;
};

}  // namespace mckean
