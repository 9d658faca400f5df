// Loops on threads: each index once, errors, loops inside loops and beside each other, forks.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include "kernels/cpu/thread_pool.hpp"

namespace mckean::cpu {
namespace {

/// How often each index was met on at most so many threads.
std::vector<int> visits(std::size_t count, int threads) {
  std::vector<std::atomic<int>> met(count);
  for_each_index(count, threads, [&](std::size_t i, std::size_t thread) {
    EXPECT_LT(thread, static_cast<std::size_t>(threads));
    ++met[i];
  });
  return {met.begin(), met.end()};
}

TEST(ThreadPool, MeetsEachIndexOnce) {
  for (int round = 0; round < 200; ++round) {
    for (const int threads : {1, 2, 3, 8}) {
      for (const std::size_t count : {0, 1, 2, 7, 100}) {
        ASSERT_EQ(visits(count, threads), std::vector<int>(count, 1));
      }
    }
  }
}

TEST(ThreadPool, UsesSeveralThreads) {
  // Two indices that wait for each other.
  std::atomic<int> here{0};
  for_each_index(2, 2, [&](std::size_t, std::size_t) {
    ++here;
    while (here < 2) std::this_thread::yield();
  });
  EXPECT_EQ(here, 2);
  EXPECT_GE(started_threads(), 2);
}

TEST(ThreadPool, ThrowsWhatALoopThrew) {
  for (int round = 0; round < 20; ++round) {
    for (const std::size_t wrong : {0, 57, 99}) {
      EXPECT_THROW(for_each_index(100, 4,
                                  [&](std::size_t i, std::size_t) {
                                    if (i == wrong) throw std::runtime_error("wrong");
                                  }),
                   std::runtime_error);
      EXPECT_FALSE(in_parallel());
    }
  }
  EXPECT_EQ(visits(50, 4), std::vector<int>(50, 1));
}

TEST(ThreadPool, LoopsInsideLoopsStayOnTheirThread) {
  std::atomic<int> sum{0};
  for_each_index(20, 4, [&](std::size_t, std::size_t) {
    EXPECT_TRUE(in_parallel());
    const auto own = std::this_thread::get_id();
    for_each_index(30, 4, [&](std::size_t, std::size_t thread) {
      EXPECT_EQ(std::this_thread::get_id(), own);
      EXPECT_EQ(thread, 0u);
      ++sum;
    });
    EXPECT_TRUE(in_parallel());
  });
  EXPECT_EQ(sum, 600);
  EXPECT_FALSE(in_parallel());
}

TEST(ThreadPool, ServesSeveralThreadsOfAProgram) {
  std::vector<std::thread> callers;
  for (int c = 0; c < 4; ++c) {
    callers.emplace_back([] {
      for (int round = 0; round < 300; ++round) ASSERT_EQ(visits(40, 3), std::vector<int>(40, 1));
    });
  }
  for (std::thread& caller : callers) caller.join();
}

TEST(ThreadPool, HasThreadsOfItsOwnInAChild) {
  ASSERT_EQ(visits(40, 3), std::vector<int>(40, 1));
  const pid_t child = fork();
  if (child == 0) _exit(visits(40, 3) == std::vector<int>(40, 1) && started_threads() == 3 ? 0 : 1);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

}  // namespace
}  // namespace mckean::cpu
