// How a caller, or a signal handler, ends whatever long loop of the library is running.
#pragma once

#include <atomic>
#include <stdexcept>

namespace mckean {

/// Thrown by a long loop of the library once an interruption was asked for. What the loop was
/// writing is then undefined; whatever it was only reading is as before.
struct Interrupted : std::runtime_error {
  Interrupted() : std::runtime_error("interrupted") {}
};

namespace detail {
inline std::atomic<bool> interruption_asked{false};
static_assert(std::atomic<bool>::is_always_lock_free);
}  // namespace detail

/// Asks all loops of this process to end; may be called from a signal handler.
inline void request_interruption() noexcept { detail::interruption_asked.store(true); }
/// Takes the request back, so that the library can be used again.
inline void clear_interruption() noexcept { detail::interruption_asked.store(false); }
inline bool interruption_requested() noexcept {
  return detail::interruption_asked.load(std::memory_order_relaxed);
}
/// Throws Interrupted where an interruption was asked for. Not to be called inside an OpenMP
/// region: no exception may leave one.
inline void check_interruption() {
  if (interruption_requested()) throw Interrupted();
}

}  // namespace mckean
