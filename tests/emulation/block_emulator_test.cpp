// The block emulator itself: what runs on it correctly, and which mistakes of a kernel it notices.
#include "emulation/block_emulator.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "emulation/sync_audit.hpp"

namespace mckean::emulation {
namespace {

constexpr unsigned threads = 96;

struct Numbers {
  int value[threads];
};

// out[block * threads + t] = sum over the other threads' t' of the block, by a rotation in shared
// memory.
void rotate_body(const EmulatedBlock& block, Numbers& shared, const std::vector<int>& in,
                 std::vector<int>& out) {
  const unsigned t = block.thread();
  const std::size_t base = std::size_t{block.y()} * block.grid_x() * threads + block.x() * threads;
  int sum = 0;
  for (int round = 1; round <= 3; ++round) {
    shared.value[t] = round * in[base + t];
    block.sync();
    sum += shared.value[(t + 1) % threads] - shared.value[(t + threads - 1) % threads];
    block.sync();
  }
  out[base + t] = sum;
}

bool rotates(Order order) {
  std::vector<int> in(6 * threads), out(6 * threads, -1);
  for (std::size_t i = 0; i < in.size(); ++i) in[i] = static_cast<int>(i * i % 101);
  emulate<Numbers>(3, 2, threads, order, [&](const EmulatedBlock& block, Numbers& shared) {
    rotate_body(block, shared, in, out);
  });
  for (std::size_t i = 0; i < in.size(); ++i) {
    const std::size_t base = i / threads * threads, t = i % threads;
    const int next = in[base + (t + 1) % threads];
    const int before = in[base + (t + threads - 1) % threads];
    if (out[i] != 6 * (next - before)) return false;
  }
  return true;
}

TEST(BlockEmulator, RunsEveryThreadOfEveryBlockOnce) {
  for (const Order order : orders) {
    std::vector<int> visits(5 * 3 * threads);
    emulate(5, 3, threads, order, [&](const EmulatedBlock& block) {
      EXPECT_EQ(block.grid_x(), 5u);
      EXPECT_EQ(block.grid_y(), 3u);
      EXPECT_EQ(block.threads(), threads);
      ++visits[(block.y() * 5 + block.x()) * threads + block.thread()];
    });
    EXPECT_EQ(std::count(visits.begin(), visits.end(), 1), std::ssize(visits));
  }
}

TEST(BlockEmulator, OrdersDiffer) {
  std::vector<std::vector<unsigned>> seen;
  for (const Order order : orders) {
    auto& threads_seen = seen.emplace_back();
    emulate(1, 1, threads, order,
            [&](const EmulatedBlock& block) { threads_seen.push_back(block.thread()); });
  }
  EXPECT_TRUE(std::is_sorted(seen[0].begin(), seen[0].end()));
  EXPECT_TRUE(std::is_sorted(seen[1].rbegin(), seen[1].rend()));
  EXPECT_FALSE(std::is_sorted(seen[2].begin(), seen[2].end()));
  EXPECT_TRUE(std::is_permutation(seen[2].begin(), seen[2].end(), seen[0].begin()));
}

TEST(BlockEmulator, BarrierOrdersSharedMemory) {
  for (const Order order : orders) EXPECT_TRUE(rotates(order));
}

TEST(BlockEmulator, AuditNoticesEveryMissingBarrier) {
  const SyncAudit audit = audit_barriers(rotates);
  EXPECT_TRUE(audit.right());
  EXPECT_EQ(audit.sites.size(), 2u);
  EXPECT_TRUE(audit.unnoticed.empty());
}

TEST(BlockEmulator, AuditFindsABarrierThatNothingNeeds) {
  const SyncAudit audit = audit_barriers([](Order order) {
    std::vector<unsigned> out(threads);
    emulate(1, 1, threads, order, [&](const EmulatedBlock& block) {
      out[block.thread()] = block.thread();
      block.sync();
    });
    return std::is_sorted(out.begin(), out.end());
  });
  EXPECT_TRUE(audit.right());
  EXPECT_EQ(audit.unnoticed, audit.sites);
  EXPECT_EQ(audit.sites.size(), 1u);
}

TEST(BlockEmulator, AuditSeesAKernelThatIsWrongAsWritten) {
  EXPECT_FALSE(audit_barriers([](Order order) {
                 emulate(1, 1, 32, order, [](const EmulatedBlock& block) { block.sync(); });
                 return order != Order::descending;
               }).right());
}

TEST(BlockEmulator, SharedMemoryStartsAsNaN) {
  struct Shared {
    double number;
    int integer;
  };
  emulate<Shared>(2, 1, 32, Order::ascending, [](const EmulatedBlock& block, Shared& shared) {
    if (block.thread() != 0) return;
    EXPECT_NE(shared.number, shared.number);
    EXPECT_EQ(shared.integer, -1);
    shared = {1, 1};
  });
}

TEST(BlockEmulator, BarriersAtDifferentPlacesAreAnError) {
  const auto diverge = [](const EmulatedBlock& block) {
    if (block.thread() < 40) {
      block.sync();
    } else {
      block.sync();
    }
  };
  for (const Order order : orders) {
    EXPECT_THROW(emulate(1, 1, threads, order, diverge), EmulationError);
  }
}

TEST(BlockEmulator, AThreadThatLeavesBeforeABarrierIsAnError) {
  const auto leave = [](const EmulatedBlock& block) {
    if (block.thread() == 70) return;
    block.sync();
  };
  for (const Order order : orders) {
    EXPECT_THROW(emulate(1, 1, threads, order, leave), EmulationError);
  }
}

TEST(BlockEmulator, ALaneMissingFromACollectiveIsAnError) {
  const auto leave = [](const EmulatedBlock& block) {
    if (block.thread() != 33) block.ballot(true);
  };
  for (const Order order : orders) {
    EXPECT_THROW(emulate(1, 1, threads, order, leave), EmulationError);
  }
}

TEST(BlockEmulator, AWarpAtACollectiveWhileAnotherWaitsAtABarrierIsNoError) {
  for (const Order order : orders) {
    std::vector<unsigned> bits(threads);
    emulate(1, 1, threads, order, [&](const EmulatedBlock& block) {
      if (block.thread() < 32) bits[block.thread()] = block.ballot(block.thread() % 2 == 0);
      block.sync();
    });
    EXPECT_EQ(bits[7], 0x55555555u);
  }
}

TEST(BlockEmulator, ErrorsOfABodyComeOutAndTheNextBlockRuns) {
  for (const Order order : orders) {
    const auto throws = [](const EmulatedBlock& block) {
      std::vector<int> owned(100, 1);  // to be freed as the stack unwinds
      block.sync();
      if (block.thread() == 5) throw std::out_of_range("five");
      block.sync();
    };
    EXPECT_THROW(emulate(1, 1, threads, order, throws), std::out_of_range);
    const auto throws_at_once = [](const EmulatedBlock&) { throw std::out_of_range("all"); };
    EXPECT_THROW(emulate(1, 1, threads, order, throws_at_once), std::out_of_range);
    EXPECT_TRUE(rotates(order));
  }
}

TEST(BlockEmulator, ABodyThatNeverBeganDoesNotBeginAfterAFailure) {
  int begun = 0;
  const auto throws = [&](const EmulatedBlock&) {
    ++begun;
    throw std::out_of_range("first");
  };
  EXPECT_THROW(emulate(1, 1, threads, Order::ascending, throws), std::out_of_range);
  EXPECT_EQ(begun, 1);
}

TEST(BlockEmulator, WholeWarpsOnly) {
  EXPECT_THROW(emulate(1, 1, 33, Order::ascending, [](const EmulatedBlock&) {}), EmulationError);
}

TEST(BlockEmulator, Shuffles) {
  for (const Order order : orders) {
    emulate(1, 1, threads, order, [](const EmulatedBlock& block) {
      const unsigned t = block.thread(), lane = t % 32;
      // Two in a row without a barrier between, in both precisions.
      const double beside = block.shuffle_xor(double(t) / 3, 5);
      const float across = block.shuffle_xor(float(t) / 7, 9);
      EXPECT_EQ(beside, double(t / 32 * 32 + (lane ^ 5)) / 3);
      EXPECT_EQ(across, float(t / 32 * 32 + (lane ^ 9)) / 7);
      int sum = int(t);
      for (unsigned mask = 16; mask > 0; mask /= 2) sum += block.shuffle_xor(sum, mask);
      EXPECT_EQ(sum, int(t / 32 * 32 * 32 + 496));
    });
  }
}

TEST(BlockEmulator, Ballot) {
  for (const Order order : orders) {
    emulate(1, 1, threads, order, [](const EmulatedBlock& block) {
      const unsigned warp = block.thread() / 32;
      EXPECT_EQ(block.ballot(block.thread() % 32 == 3 * warp), 1u << 3 * warp);
      EXPECT_EQ(block.ballot(true), 0xffffffffu);
      EXPECT_EQ(block.ballot(false), 0u);
    });
  }
}

TEST(BlockEmulatorDeathTest, AddressSanitizerSeesAnOverrunOfSharedMemory) {
#if defined(__SANITIZE_ADDRESS__)
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto overrun = [](const EmulatedBlock& block, Numbers& shared) {
    volatile int* value = shared.value;
    value[block.thread() + 1] = 0;
  };
  EXPECT_DEATH(emulate<Numbers>(1, 1, threads, Order::ascending, overrun), "heap-buffer-overflow");
#else
  GTEST_SKIP() << "built without AddressSanitizer";
#endif
}

}  // namespace
}  // namespace mckean::emulation
