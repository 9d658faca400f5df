// The kernel that gathers a mini-batch, against the rows that batch_index names.
#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <numeric>
#include <typeindex>
#include <vector>

#include "emulation/emulated_executor.hpp"
#include "emulation/sync_audit.hpp"
#include "kernels/cuda/gather_batch_kernels.cuh"

namespace mckean::emulation {
namespace {

template <class Real>
bool gathers(const BatchDraw& draw, std::size_t n, std::size_t d, std::size_t batch, Order order) {
  // Row -1 is there for a kernel that lacks its barrier: it may read index -1 out of fresh shared
  // memory.
  std::vector<Real> x((1 + n) * d), x_out(batch * d, Real(-1));
  std::vector<double> y(n), y_out(batch, -1);
  std::iota(x.begin(), x.end(), Real(1));  // no two values alike
  std::iota(y.begin(), y.end(), .5);
  EmulatedExecutor(order).run(static_cast<unsigned>((batch + 255) / 256), 1,
                              cuda::GatherArgs<Real>{draw, x.data() + d, y.data(), n, d, batch,
                                                     x_out.data(), y_out.data()});
  for (std::size_t i = 0; i < batch; ++i) {
    const std::size_t row = batch_index(draw, i, batch, n);
    if (y_out[i] != y[row]) return false;
    for (std::size_t k = 0; k < d; ++k) {
      if (x_out[i * d + k] != x[(1 + row) * d + k]) return false;
    }
  }
  return true;
}

TEST(EmulatedGatherBatch, TakesTheRowsOfTheBatch) {
  std::size_t next = 0;
  for (const std::size_t n : {1, 31, 257, 1000}) {
    for (const std::size_t batch : {1, 31, 256, 257, 600}) {
      for (const std::size_t d : {1, 2, 33}) {
        for (const bool replacement : {false, true}) {
          if (!replacement && batch > n) continue;
          const BatchDraw draw{7, 3 + next, replacement};
          const Order order = orders[next++ % orders.size()];
          EXPECT_TRUE(gathers<float>(draw, n, d, batch, order)) << n << " " << batch << " " << d;
          EXPECT_TRUE(gathers<double>(draw, n, d, batch, order)) << n << " " << batch << " " << d;
        }
      }
    }
  }
}

TEST(EmulatedGatherBatch, EveryBarrierIsNeeded) {
  const SyncAudit found = audit_barriers([](Order order) {
    return gathers<float>({1, 2, true}, 900, 3, 300, order);
  });
  EXPECT_TRUE(found.right());
  EXPECT_EQ(found.sites.size(), 1u);
  EXPECT_TRUE(found.unnoticed.empty());
}

}  // namespace
}  // namespace mckean::emulation
