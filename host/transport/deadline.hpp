// When a computation has to end.
#pragma once

#include <chrono>
#include <limits>

namespace mckean {

/// A moment that many steps of one computation share; never, unless it is given.
class Deadline {
 public:
  Deadline() = default;
  /// So many seconds from now on; infinity: never.
  explicit Deadline(double seconds) : seconds_(seconds) {}

  bool passed() const { return seconds_left() <= 0; }
  double seconds_left() const {
    if (seconds_ == std::numeric_limits<double>::infinity()) return seconds_;
    return seconds_ - std::chrono::duration<double>(Clock::now() - start_).count();
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
  double seconds_ = std::numeric_limits<double>::infinity();
};

}  // namespace mckean
