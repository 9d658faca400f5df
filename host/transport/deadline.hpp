// The time limit that the steps of one computation share.
#pragma once

#include <chrono>
#include <limits>

#include "mckean/interruption.hpp"

namespace mckean {

/// When a step that does not look at a deadline in so many seconds is ended: a little later, since
/// what ends by itself has more to show.
constexpr double latest_end(double seconds) { return 1.05 * seconds + .02; }

/// A moment that many steps of one computation share; never, unless it is given. Steps plan by it,
/// throw OutOfTime where it leaves them no time and nothing in its place, and learn here of a
/// request to interrupt too. What does not look at it ends at the TimeLimit of the thread, which
/// compute_w2 sets a little later.
class Deadline {
 public:
  Deadline() = default;
  /// So many seconds from now on; infinity: never.
  explicit Deadline(double seconds) : seconds_(seconds) {}

  bool given() const { return seconds_ < std::numeric_limits<double>::infinity(); }
  /// Throws Interrupted where that was asked for, as does left().
  bool passed() const { return left() <= 0; }
  /// Seconds from now on.
  double left() const {
    check_interruption();
    return seconds_left();
  }
  /// OutOfTime where no more than so many seconds are left.
  void expect_left(double seconds = 0) const {
    if (left() <= seconds) throw OutOfTime();
  }
  /// Whether the time is over or an interruption was asked for.
  bool over() const noexcept { return interruption_requested() || seconds_left() <= 0; }
  Deadline earlier_by(double seconds) const {
    Deadline earlier = *this;
    earlier.seconds_ -= seconds;
    return earlier;
  }

 private:
  using Clock = std::chrono::steady_clock;
  double seconds_left() const noexcept {
    if (!given()) return seconds_;
    return seconds_ - std::chrono::duration<double>(Clock::now() - start_).count();
  }

  Clock::time_point start_ = Clock::now();
  double seconds_ = std::numeric_limits<double>::infinity();
};

}  // namespace mckean
