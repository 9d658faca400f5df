// The nearest targets of one source at a time against a sort of all of them.
#include "kernels/cpu/nearest_targets.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "reference/c_transform.hpp"

namespace mckean::cpu {
namespace {

using reference::PointSet;

Points<Space::host> view(const PointSet& points) {
  return {{points.planes.data(), points.planes.size()}, points.n, points.d};
}

// Potentials change one by one between searches, and limits leave all, some or none in sight.
TEST(NearestTargets, OneSourceAtATimeMatchesASort) {
  for (const GroundCost cost : {GroundCost::euclidean, GroundCost::geodesic}) {
    for (const auto& [m, d] : {std::pair{33, 1}, {1, 2}, {32, 2}, {131, 3}, {1000, 2}, {257, 11}}) {
      const auto count = static_cast<std::size_t>(m);
      const PointSet sources = reference::random_points(cost, 40, std::size_t(d), 1),
                     targets = reference::random_points(cost, count, std::size_t(d), 2);
      std::vector<double> potential(count);
      NearestTargets search(cost, view(sources), view(targets));
      std::mt19937_64 engine(3);
      std::uniform_real_distribution<double> change(-1, 3);
      for (int round = 0; round < 300; ++round) {
        for (int changes = 0; changes < 20; ++changes) {
          const std::size_t j = engine() % count;
          potential[j] += change(engine);
          search.set_potential(j, potential[j]);
        }
        const std::size_t i = engine() % sources.n;
        const std::size_t k = 1 + engine() % std::min<std::size_t>(count, 20);
        std::vector<double> sorted(count);
        for (std::size_t j = 0; j < count; ++j) {
          const auto c = static_cast<double>(reference::pair_cost(cost, sources, i, targets, j));
          sorted[j] = c + potential[j];
        }
        const std::vector<double> values = sorted;
        std::sort(sorted.begin(), sorted.end());
        const double error = 1e-13 * (20 + std::abs(sorted.front()) + std::abs(sorted.back()));
        // Between the ranks wanted - 1 and wanted, where no rounding decides.
        const std::size_t wanted = round % 3 == 0 ? k : engine() % (k + 1);
        double limit = 1e299;
        if (wanted < k)
          limit = wanted == 0 ? sorted[0] - 1 : (sorted[wanted - 1] + sorted[wanted]) / 2;
        if (wanted > 0 && wanted < k && sorted[wanted] - sorted[wanted - 1] < 4 * error) continue;

        std::vector<double> value(k, NAN);
        std::vector<std::uint32_t> index(k, 0);
        ASSERT_EQ(search.find(i, limit, value, index), wanted) << m << ", " << d << ", " << round;
        value.resize(wanted);
        index.resize(wanted);
        for (std::size_t r = 0; r < wanted; ++r) {
          ASSERT_LE(value[r], value[0]);
          ASSERT_NEAR(value[r], values[index[r]], error);
        }
        std::sort(value.begin(), value.end());
        for (std::size_t r = 0; r < wanted; ++r) ASSERT_NEAR(value[r], sorted[r], error);
        std::sort(index.begin(), index.end());
        ASSERT_EQ(std::unique(index.begin(), index.end()), index.end());
      }
    }
  }
}

// Far targets with potentials that undo their distance are as near as any: no box tells so.
TEST(NearestTargets, TailsWhosePotentialsFallWithTheirDistance) {
  constexpr std::size_t n = 600, d = 2, k = 5;
  const PointSet sources = reference::random_points(GroundCost::euclidean, 50, d, 1);
  PointSet targets = reference::random_points(GroundCost::euclidean, n, d, 2);
  std::mt19937_64 engine(3);
  std::normal_distribution<double> normal;
  std::vector<double> potential(n);
  for (double& coordinate : targets.planes) coordinate *= std::exp(2 * normal(engine));
  NearestTargets tails(GroundCost::euclidean, view(sources), view(targets));
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t c = 0; c < d; ++c)
      potential[j] -= targets.planes[c * n + j] * targets.planes[c * n + j];
    potential[j] += normal(engine);
    tails.set_potential(j, potential[j]);
  }
  for (std::size_t i = 0; i < sources.n; ++i) {
    std::vector<double> sorted(n);
    double size = 0;
    for (std::size_t j = 0; j < n; ++j) {
      const auto c =
          static_cast<double>(reference::pair_cost(GroundCost::euclidean, sources, i, targets, j));
      sorted[j] = c + potential[j];
      size = std::max(size, c);
    }
    std::sort(sorted.begin(), sorted.end());
    std::vector<double> value(k, NAN);
    std::vector<std::uint32_t> index(k);
    ASSERT_EQ(tails.find(i, value, index), k);
    std::sort(value.begin(), value.end());
    for (std::size_t r = 0; r < k; ++r) ASSERT_NEAR(value[r], sorted[r], 1e-14 * size);
  }
}

}  // namespace
}  // namespace mckean::cpu
