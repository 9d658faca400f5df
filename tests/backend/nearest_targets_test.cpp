// The k nearest targets of each source against a sort of all of them.
#include <gtest/gtest.h>

#include "backend/on_backend.hpp"
#include "backend/test_backend.hpp"
#include "reference/nearest_targets.hpp"

namespace mckean {
namespace {

using reference::NearestRows;
using reference::PointSet;
using test::OnBackend;

constexpr GroundCost costs[] = {GroundCost::euclidean, GroundCost::geodesic};

template <class B>
NearestRows nearest(const B& backend, GroundCost cost, const PointSet& sources,
                    const PointSet& targets, const std::vector<double>& potential, std::size_t k) {
  const OnBackend<B> x(backend, sources.planes), y(backend, targets.planes), p(backend, potential);
  NearestRows rows(sources.n, k);
  OnBackend<B> value(backend, rows.value);
  auto index = backend.template allocate<std::uint32_t>(sources.n * k);
  backend.nearest_targets(
      {cost, {x.vector(), sources.n, sources.d}, {y.vector(), targets.n, targets.d}, p.vector()}, k,
      value.vector(), index.view());
  rows.value = value.fetch();
  backend.template copy<std::uint32_t>(
      std::as_const(index).view(), HostView<std::uint32_t>(rows.index.data(), rows.index.size()));
  return rows;
}

template <class Real>
class NearestTargets : public ::testing::Test {
 protected:
  void check(GroundCost cost, const PointSet& sources, const PointSet& targets,
             const std::vector<double>& potential, std::size_t k) const {
    const NearestRows rows = nearest(backend, cost, sources, targets, potential, k);
    EXPECT_EQ(reference::first_wrong(cost, sources, targets, potential, rows), "");
    EXPECT_EQ(nearest(backend, cost, sources, targets, potential, k), rows);
#ifdef MCKEAN_TEST_CPU
    for (const int threads : {1, 3}) {
      const CpuBackend<Real> other(threads);
      EXPECT_EQ(nearest(other, cost, sources, targets, potential, k), rows);
    }
#endif
  }

  const TestBackend<Real> backend{};
};
using Precisions = ::testing::Types<float, double>;
TYPED_TEST_SUITE(NearestTargets, Precisions);

TYPED_TEST(NearestTargets, MatchASort) {
  for (const GroundCost cost : costs) {
    const auto compare = [&](std::size_t n, std::size_t m, std::size_t d) {
      const PointSet sources = reference::random_points(cost, n, d, 1),
                     targets = reference::random_points(cost, m, d, 2);
      for (const std::size_t k : {std::size_t{1}, std::size_t{2}, std::size_t{16}, m}) {
        if (k > m) continue;
        this->check(cost, sources, targets, reference::wide_potential(m, 3), k);
        this->check(cost, sources, targets, std::vector<double>(m), k);
      }
    };
    for (const std::size_t d : {1, 2, 3, 10, 17, 65}) {
      for (const std::size_t m : {1, 31, 129}) compare(33, m, d);
    }
    compare(test::many / 40, test::many / 10, 2);
  }
}

TYPED_TEST(NearestTargets, Duplicates) {
  for (const GroundCost cost : costs) {
    const PointSet points = reference::with_duplicates(reference::random_points(cost, 60, 3, 5));
    for (const std::size_t k : {1, 2, 3, 50})
      this->check(cost, points, points, std::vector<double>(points.n), k);
  }
}

TYPED_TEST(NearestTargets, NoSources) {
  const NearestRows rows =
      nearest(this->backend, GroundCost::euclidean, PointSet(0, 2), PointSet(3, 2), {0, 0, 0}, 2);
  EXPECT_TRUE(rows.value.empty());
}

}  // namespace
}  // namespace mckean
