#include "threads.hpp"

#include <string>
#include <system_error>

#include "kernels/cpu/thread_pool.hpp"
#include "mckean/error.hpp"

namespace mckean::cli {

void reserve_threads(int threads) {
  const int wanted = cpu::thread_count(threads);
  try {
    cpu::start_threads(wanted);
  } catch (const std::system_error&) {
    throw IoError("--threads: of " + std::to_string(wanted) + " threads the system gives only " +
                  std::to_string(cpu::started_threads()) +
                  ": give fewer, or raise the limits (ulimit -u, -v)");
  }
}

}  // namespace mckean::cli
