// Threads started, and ended again, to see that there are enough; then those of OpenMP itself.
#include "threads.hpp"

#include <omp.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "exit_code.hpp"
#include "mckean/error.hpp"
#include "message.hpp"

namespace mckean::cli {
namespace {

bool ends_by_itself = false;
std::terminate_handler terminate_before = nullptr;

void end_for_openmp() {
  if (ends_by_itself) return;
  // What OpenMP has said is in a buffer that _exit leaves alone.
  say("--threads: the system gives too few threads, or too little memory for them: give fewer, "
      "or raise the limits (ulimit -u, -v)");
  ::_exit(exit_io);
}

/// OpenMP keeps the threads of a team for the next one, as far as that is no smaller.
void start_team(int threads) {
  std::atomic<int> started{0};
#pragma omp parallel num_threads(threads)
  started.fetch_add(1);
}

}  // namespace

void guard_against_openmp() {
  std::setvbuf(stderr, nullptr, _IOFBF, BUFSIZ);
  terminate_before = std::set_terminate([] {
    std::setvbuf(stderr, nullptr, _IONBF, 0);
    terminate_before();
  });
  std::atexit(end_for_openmp);
}

int end_program(int code) {
  ends_by_itself = true;
  return code;
}

void reserve_threads(int threads) {
  const int wanted = threads > 0 ? threads : omp_get_num_procs();
  omp_set_num_threads(wanted);
  std::latch end(1);
  std::vector<std::thread> others;
  others.reserve(static_cast<std::size_t>(wanted));
  std::string reason;
  try {
    while (others.size() + 1 < static_cast<std::size_t>(wanted))
      others.emplace_back([&end] { end.wait(); });
  } catch (const std::exception& error) {
    reason = error.what();
  }
  const std::size_t started = others.size() + 1;
  end.count_down();
  for (std::thread& thread : others) thread.join();
  if (!reason.empty()) {
    throw IoError("--threads: of " + std::to_string(wanted) + " threads the system gives only " +
                  std::to_string(started) + ": " + reason +
                  ": give fewer, or raise the limits (ulimit -u, -v)");
  }
  start_team(wanted);
}

}  // namespace mckean::cli
