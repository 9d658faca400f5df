#include "kernels/cpu/thread_pool.hpp"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace mckean::cpu {
namespace {

thread_local bool inside = false;

void pause() {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Waits until `value` is another one: some 20 microseconds awake where processors are to spare.
template <class T>
T await_change(const std::atomic<T>& value, T before, bool awake) {
  constexpr int rounds = 1000;
  for (int round = 0; awake && round < rounds; ++round) {
    const T now = value.load(std::memory_order_acquire);
    if (now != before) return now;
    pause();
  }
  for (;;) {
    const T now = value.load(std::memory_order_acquire);
    if (now != before) return now;
    value.wait(before, std::memory_order_acquire);
  }
}

class Pool {
 public:
  /// How many there are then, fewer where the system gives no more.
  int start(int workers) {
    const std::lock_guard lock(mutex_);
    return start_locked(workers);
  }
  /// False where a loop is running.
  bool run(int threads, ThreadBody body) {
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock.owns_lock()) return false;
    const int others = std::min(start_locked(threads - 1), threads - 1);
    body_ = body;
    error_ = nullptr;
    running_.store(others, std::memory_order_relaxed);
    awake_.store(others < processors(), std::memory_order_relaxed);
    // The participants are part of what changes: a worker that is none of them reads nothing else.
    const std::uint64_t state = state_.load(std::memory_order_relaxed);
    state_.store(((state >> 16) + 1) << 16 | static_cast<std::uint64_t>(others),
                 std::memory_order_release);
    state_.notify_all();
    take_part(0);
    for (int left; (left = running_.load(std::memory_order_acquire)) > 0;) {
      await_change(running_, left, awake_.load(std::memory_order_relaxed));
    }
    if (error_ != nullptr) std::rethrow_exception(std::exchange(error_, nullptr));
    return true;
  }

 private:
  struct Start {
    Pool* pool;
    int thread;
    std::uint64_t state;
  };
  static constexpr int most_workers = (1 << 16) - 1;

  int start_locked(int workers) {
    for (workers = std::min(workers, most_workers); workers_ < workers; ++workers_) {
      if (!start_one()) break;
    }
    return workers_;
  }
  bool start_one() {
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) return false;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    auto* const start = new Start{this, workers_ + 1, state_.load(std::memory_order_relaxed)};
    // Signals are for the threads of the program.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    const int failed = pthread_create(&thread, &attributes, &Pool::work, start);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    pthread_attr_destroy(&attributes);
    if (failed != 0) delete start;
    return failed == 0;
  }
  static void* work(void* data) {
    const Start start = *static_cast<Start*>(data);
    delete static_cast<Start*>(data);
    Pool& pool = *start.pool;
    std::uint64_t state = start.state;
    for (;;) {
      state = await_change(pool.state_, state, pool.awake_.load(std::memory_order_relaxed));
      if (start.thread > static_cast<int>(state & most_workers)) continue;
      pool.take_part(start.thread);
      if (pool.running_.fetch_sub(1, std::memory_order_acq_rel) == 1) pool.running_.notify_one();
    }
    return nullptr;
  }
  void take_part(int thread) {
    inside = true;
    try {
      body_.call(body_.body, thread);
    } catch (...) {
      const std::lock_guard lock(error_mutex_);
      if (error_ == nullptr) error_ = std::current_exception();
    }
    inside = false;
  }

  std::mutex mutex_;  // held while a loop runs
  int workers_ = 0;
  ThreadBody body_{};
  std::atomic<std::uint64_t> state_{0};  // loops so far, and the workers of the last one
  std::atomic<int> running_{0};
  std::atomic<bool> awake_{false};
  std::mutex error_mutex_;
  std::exception_ptr error_;
};

Pool* the_pool = nullptr;

/// Never ended: its threads may be asleep in it when the process ends. A child process begins
/// without threads, and with a new one.
Pool& pool() {
  static const bool once = [] {
    the_pool = new Pool;
    pthread_atfork(nullptr, nullptr, [] { the_pool = new Pool; });
    return true;
  }();
  static_cast<void>(once);
  return *the_pool;
}

}  // namespace

int processors() {
  static const int count = [] {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(CPU_COUNT(&set), 1);
    return std::max(static_cast<int>(std::thread::hardware_concurrency()), 1);
  }();
  return count;
}

int thread_count(int threads) { return threads > 0 ? threads : processors(); }

void start_threads(int threads) {
  const int started = pool().start(threads - 1);
  if (started < threads - 1) {
    throw std::system_error(EAGAIN, std::generic_category(), "threads");
  }
}

int started_threads() { return pool().start(0) + 1; }

bool in_parallel() { return inside; }

void on_threads(int threads, ThreadBody body) {
  if (threads > 1 && !inside && pool().run(threads, body)) return;
  const bool before = std::exchange(inside, true);
  try {
    body.call(body.body, 0);
  } catch (...) {
    inside = before;
    throw;
  }
  inside = before;
}

}  // namespace mckean::cpu
