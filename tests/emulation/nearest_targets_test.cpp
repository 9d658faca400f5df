// The kernels of the search for nearest targets over the block emulator against its definition and
// the CPU.
#include <gtest/gtest.h>

#include "emulation/pair_kernels.hpp"
#include "kernels/cpu/cpu_backend.hpp"
#include "kernels/cuda/nearest_targets_operation.cuh"
#include "reference/nearest_targets.hpp"

namespace mckean::emulation {
namespace {

using reference::NearestRows;
using reference::PointSet;

Points<Space::host> on_host(const PointSet& points) {
  return {{points.planes.data(), points.planes.size()}, points.n, points.d};
}

template <GroundCost Cost>
struct Problem {
  PointSet sources, targets;
  std::vector<double> potential;

  Problem(std::size_t n, std::size_t m, std::size_t d)
      : sources(reference::random_points(Cost, n, d, 1)),
        targets(reference::random_points(Cost, m, d, 2)),
        potential(reference::wide_potential(m, 3)) {}
  Problem(const PointSet& x, const PointSet& y, const std::vector<double>& p)
      : sources(x), targets(y), potential(p) {}

  NearestRows run(std::size_t k, std::size_t blocks, EmulatedExecutor executor) const {
    NearestRows rows(sources.n, k);
    cuda::nearest_targets<Cost>(executor, {planes(sources), planes(targets), potential.data()},
                                {rows.value.data(), rows.index.data(), k}, blocks);
    return rows;
  }
  NearestRows on_cpu(std::size_t k) const {
    NearestRows rows(sources.n, k);
    CpuBackend<double>(1).nearest_targets(
        {Cost, on_host(sources), on_host(targets), {potential.data(), potential.size()}}, k,
        {rows.value.data(), rows.value.size()}, {rows.index.data(), rows.index.size()});
    return rows;
  }
  std::string wrong(const NearestRows& rows) const {
    return reference::first_wrong(Cost, sources, targets, potential, rows);
  }
};

/// A row with its indices in order.
std::vector<std::uint32_t> sorted_row(const NearestRows& rows, std::size_t i) {
  const auto begin = rows.index.begin() + static_cast<std::ptrdiff_t>(i * rows.k);
  std::vector<std::uint32_t> row(begin, begin + static_cast<std::ptrdiff_t>(rows.k));
  std::sort(row.begin(), row.end());
  return row;
}

template <GroundCost Cost>
void check_sizes() {
  std::size_t next = 0;
  const auto check = [&](std::size_t n, std::size_t m, std::size_t d) {
    const Problem<Cost> problem(n, m, d);
    for (const std::size_t k : {std::size_t{1}, std::size_t{5}, std::size_t{16}, m}) {
      if (k > m) continue;
      const std::size_t blocks = splits[next / orders.size() % 3];
      const NearestRows rows =
          problem.run(k, blocks, EmulatedExecutor(orders[next++ % orders.size()]));
      EXPECT_EQ(problem.wrong(rows), "") << "blocks " << blocks;
      const NearestRows cpu = problem.on_cpu(k);
      for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(sorted_row(rows, i), sorted_row(cpu, i));
    }
  };
  for (const std::size_t n : {1, 31, 129, 257}) {
    for (const std::size_t m : {1, 7, 9, 65}) {
      for (const std::size_t d : {1, 3}) check(n, m, d);
    }
  }
  for (const std::size_t d : {2, 15, 16, 17, 65}) check(33, 70, d);
  for (const std::size_t d : {2, 17}) check(3, 450, d);
}

TEST(EmulatedNearestTargets, Euclidean) { check_sizes<GroundCost::euclidean>(); }
TEST(EmulatedNearestTargets, Geodesic) { check_sizes<GroundCost::geodesic>(); }

// All whole numbers, so that values are exact and most are equal.
TEST(EmulatedNearestTargets, OfEqualValuesTheFirstInEveryOrderAndSplit) {
  constexpr std::size_t m = 300;
  PointSet targets(m, 2);
  std::vector<double> potential(m);
  for (std::size_t j = 0; j < m; ++j) {
    targets.at(j, 0) = static_cast<double>(j * 7 % 3);
    potential[j] = static_cast<double>(j * 5 % 4);
  }
  const Problem<GroundCost::euclidean> problem(PointSet(2, 2), targets, potential);
  std::vector<std::pair<double, std::uint32_t>> ranked;
  for (std::uint32_t j = 0; j < m; ++j)
    ranked.emplace_back(targets.at(j, 0) * targets.at(j, 0) + potential[j], j);
  std::sort(ranked.begin(), ranked.end());
  for (const std::size_t k : {1, 4, 20, 80, 299}) {
    std::vector<std::uint32_t> expected;
    for (std::size_t r = 0; r < k; ++r) expected.push_back(ranked[r].second);
    std::sort(expected.begin(), expected.end());
    for (const std::size_t blocks : splits) {
      for (const Order order : orders) {
        const NearestRows rows = problem.run(k, blocks, EmulatedExecutor(order));
        EXPECT_EQ(problem.wrong(rows), "");
        for (const std::size_t i : {0, 1})
          EXPECT_EQ(sorted_row(rows, i), expected) << "k " << k << ", blocks " << blocks;
      }
    }
  }
}

template <unsigned Targets>
void check_barriers_of_tile(std::size_t d) {
  constexpr auto cost = GroundCost::euclidean;
  check_barriers<Problem<cost>, cuda::PartialNearestArgs<cost, Targets>>(
      Targets, d, [](const Problem<cost>& problem, const EmulatedExecutor& executor) {
        return problem.wrong(problem.run(4, 1, executor)).empty();
      });
}

TEST(EmulatedNearestTargets, EveryBarrierIsNeeded) {
  check_barriers_of_tile<cuda::wide_tile>(3);
  check_barriers_of_tile<cuda::transform_group>(20);
}

}  // namespace
}  // namespace mckean::emulation
