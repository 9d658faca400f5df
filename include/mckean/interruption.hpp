// How a caller, a signal handler or a limit of time ends whatever long loop of the library is
// running.
#pragma once

#include <atomic>
#include <chrono>
#include <stdexcept>

namespace mckean {

/// Thrown by a long loop of the library once an interruption was asked for. What the loop was
/// writing is then undefined; whatever it was only reading is as before.
struct Interrupted : std::runtime_error {
  Interrupted() : std::runtime_error("interrupted") {}
};

/// Thrown in the same places once the TimeLimit of the thread is over.
struct OutOfTime : std::runtime_error {
  OutOfTime() : std::runtime_error("out of time") {}
};

class TimeLimit;
namespace detail {
inline constinit thread_local int interruptions_held = 0;
inline std::atomic<bool> interruption_asked{false};
static_assert(std::atomic<bool>::is_always_lock_free);
inline constinit thread_local const TimeLimit* limit_of_thread = nullptr;
}  // namespace detail

/// While it lives, loops of this thread, and the loops on threads that it starts, end at that time
/// with OutOfTime, or at that of a limit around this one, as they do where an interruption was
/// asked for.
class TimeLimit {
 public:
  /// So many seconds from now on; infinity: never.
  explicit TimeLimit(double seconds) : seconds_(seconds) { detail::limit_of_thread = this; }
  ~TimeLimit() { detail::limit_of_thread = outer_; }
  TimeLimit(const TimeLimit&) = delete;
  TimeLimit& operator=(const TimeLimit&) = delete;

  static const TimeLimit* of_thread() noexcept { return detail::limit_of_thread; }
  /// Reads the clock.
  bool over() const noexcept {
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start_;
    return passed.count() >= seconds_ || (outer_ != nullptr && outer_->over());
  }

 private:
  const TimeLimit* const outer_ = detail::limit_of_thread;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  double seconds_;
};

/// Asks all loops of this process to end; may be called from a signal handler.
inline void request_interruption() noexcept { detail::interruption_asked.store(true); }
/// Takes the request back, so that the library can be used again: all that may last throws
/// Interrupted until then.
inline void clear_interruption() noexcept { detail::interruption_asked.store(false); }
/// Whether one was, and this thread does not hold it off.
inline bool interruption_requested() noexcept {
  return detail::interruption_asked.load(std::memory_order_relaxed) &&
         detail::interruptions_held == 0;
}
/// While it lives, this thread and the loops on threads that it starts see no interruption: for what
/// is done after one and takes no time.
class HeldInterruptions {
 public:
  HeldInterruptions() noexcept { ++detail::interruptions_held; }
  ~HeldInterruptions() { --detail::interruptions_held; }
  HeldInterruptions(const HeldInterruptions&) = delete;
  HeldInterruptions& operator=(const HeldInterruptions&) = delete;
};
/// Throws Interrupted where an interruption was asked for, OutOfTime where the thread's limit is
/// over.
inline void check_interruption() {
  if (interruption_requested()) throw Interrupted();
  if (const TimeLimit* const limit = TimeLimit::of_thread(); limit != nullptr && limit->over())
    throw OutOfTime();
}

}  // namespace mckean
