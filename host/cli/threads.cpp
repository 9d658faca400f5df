// Threads started, and ended again, to see that there are enough.
#include "threads.hpp"

#include <omp.h>

#include <exception>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "host/data/error.hpp"

namespace mckean::cli {

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
}

}  // namespace mckean::cli
