// The threads of the process's loops: started once, asleep between loops but for some microseconds,
// so that a busy machine loses nothing to threads that wait.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace mckean::cpu {

/// Processors that the process may use.
int processors();
/// `threads`, or one for each processor where it is 0.
int thread_count(int threads);

/// Starts what threads are missing for loops of so many, the calling one among them;
/// std::system_error where the system gives fewer. Loops then start none.
void start_threads(int threads);

/// Those that loops have had so far, the calling one among them.
int started_threads();

/// Whether this is inside a loop: one inside another runs on the thread that it is on.
bool in_parallel();

/// A call of body(thread), without owning it.
struct ThreadBody {
  void (*call)(const void* body, int thread);
  const void* body;
};

/// body(0), ..., body(threads - 1), each on a thread of its own and 0 on this one, or fewer of them
/// where the system gives fewer, this is inside a loop, or another thread of the process has one
/// running. Throws what one of them threw, once all have ended.
void on_threads(int threads, ThreadBody body);

/// body(i, thread) for i < count on at most so many threads, which take them in order as they come.
template <class Body>
void for_each_index(std::size_t count, int threads, const Body& body) {
  if (count <= 1 || threads <= 1) {
    for (std::size_t i = 0; i < count; ++i) body(i, std::size_t{0});
    return;
  }
  struct Loop {
    const Body& body;
    std::size_t count;
    mutable std::atomic<std::size_t> next{0};
  } const loop{body, count};
  const auto most = static_cast<std::size_t>(threads);
  on_threads(static_cast<int>(most < count ? most : count),
             {[](const void* data, int thread) {
                const Loop& l = *static_cast<const Loop*>(data);
                for (std::size_t i; (i = l.next.fetch_add(1, std::memory_order_relaxed)) < l.count;)
                  l.body(i, static_cast<std::size_t>(thread));
              },
              &loop});
}

}  // namespace mckean::cpu
