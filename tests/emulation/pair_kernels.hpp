// What the tests of kernels over all pairs of points share.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <typeindex>
#include <vector>

#include "emulation/emulated_executor.hpp"
#include "emulation/sync_audit.hpp"
#include "kernels/cuda/target_tile.cuh"
#include "reference/c_transform.hpp"

namespace mckean::emulation {

inline cuda::PointPlanes planes(const reference::PointSet& points) {
  return {points.planes.data(), points.n, points.d};
}

/// One block for all targets, ranges of several tiles, and one tile for each block.
inline constexpr std::size_t splits[] = {1, 3, 1024};

/// Of a kernel in which one block goes through three tiles. is_right(problem, executor) runs it on
/// a Problem of euclidean cost.
template <class Problem, class Args, class IsRight>
void check_barriers(unsigned tile, std::size_t d, const IsRight& is_right) {
  constexpr auto cost = GroundCost::euclidean;
  const std::size_t m = 2 * tile + 1;
  const Problem problem(reference::random_points(cost, 65, d, 1),
                        reference::random_points(cost, m, d, 2), std::vector<double>(m));
  const SyncAudit found = audit_barriers(
      [&](Order order) { return is_right(problem, EmulatedExecutor(order, typeid(Args))); });
  EXPECT_TRUE(found.right());
  EXPECT_EQ(found.sites.size(), 2u);
  EXPECT_EQ(found.unnoticed, std::vector<std::string>{});
}

}  // namespace mckean::emulation
