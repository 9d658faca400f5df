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

  bool given() const { return seconds_ < std::numeric_limits<double>::infinity(); }
  bool passed() const { return left() <= 0; }
  /// Seconds from now on.
  double left() const {
    if (!given()) return seconds_;
    return seconds_ - std::chrono::duration<double>(Clock::now() - start_).count();
  }
  Deadline earlier_by(double seconds) const {
    Deadline earlier = *this;
    earlier.seconds_ -= seconds;
    return earlier;
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
  double seconds_ = std::numeric_limits<double>::infinity();
};

}  // namespace mckean
