// The c-transform and the soft-min against their definitions.
#include <gtest/gtest.h>

#include "backend/on_backend.hpp"
#include "backend/test_backend.hpp"
#include "reference/c_transform.hpp"

namespace mckean {
namespace {

using reference::PointSet;
using test::OnBackend;
using test::random_values;

template <class Real>
const TestBackend<Real>& backend() {
  static const TestBackend<Real> instance{};
  return instance;
}

constexpr GroundCost costs[] = {GroundCost::euclidean, GroundCost::geodesic};
constexpr double epsilons[] = {0, 1e-6, .1, 100};

struct Transform {
  std::vector<double> value;
  std::vector<double> mean_cost;
  bool operator==(const Transform&) const = default;
};

template <class B>
Transform transform(const B& some, GroundCost cost, const PointSet& sources,
                    const PointSet& targets, const std::vector<double>& potential, double epsilon) {
  const OnBackend<B> x(some, sources.planes), y(some, targets.planes), p(some, potential);
  const std::vector<double> nothing(sources.n, NAN);
  OnBackend<B> value(some, nothing), mean_cost(some, nothing);
  some.c_transform(
      {cost, {x.vector(), sources.n, sources.d}, {y.vector(), targets.n, targets.d}, p.vector()},
      epsilon, value.vector(), mean_cost.vector());
  return {value.fetch(), mean_cost.fetch()};
}

template <class Real>
void check(GroundCost cost, const PointSet& sources, const PointSet& targets,
           const std::vector<double>& potential) {
  const auto rows = reference::transform_rows(cost, sources, targets, potential);
  for (const double epsilon : epsilons) {
    const Transform got = transform(backend<Real>(), cost, sources, targets, potential, epsilon);
    EXPECT_EQ(reference::first_wrong(rows, epsilon, got.value, got.mean_cost), "")
        << sources.n << " x " << targets.n << ", d " << sources.d << ", geodesic "
        << (cost == GroundCost::geodesic);
  }
}

template <class Real>
class CTransform : public ::testing::Test {};
using Precisions = ::testing::Types<float, double>;
TYPED_TEST_SUITE(CTransform, Precisions);

TYPED_TEST(CTransform, MatchesTheDefinition) {
  for (const GroundCost cost : costs) {
    const auto compare = [&](std::size_t n, std::size_t m, std::size_t d) {
      const PointSet sources = reference::random_points(cost, n, d, 1),
                     targets = reference::random_points(cost, m, d, 2);
      check<TypeParam>(cost, sources, targets, random_values(m, 3));
      check<TypeParam>(cost, sources, targets, reference::wide_potential(m, 4));
    };
    for (const std::size_t d : {1, 2, 3, 10, 65}) {
      for (const std::size_t n : {1, 31, 33}) {
        for (const std::size_t m : {1, 31, 33}) compare(n, m, d);
      }
      compare(257, 1000, d);
    }
    compare(1, 1000, 16);
    compare(257, 1, 17);
  }
}

TYPED_TEST(CTransform, Duplicates) {
  for (const GroundCost cost : costs) {
    const PointSet points = reference::with_duplicates(reference::random_points(cost, 70, 3, 5));
    check<TypeParam>(cost, points, points, std::vector<double>(points.n));
    check<TypeParam>(cost, points, points, std::vector<double>(points.n, -1e6));
    const Transform hard =
        transform(backend<TypeParam>(), cost, points, points, std::vector<double>(points.n), 0);
    EXPECT_EQ(hard.value, std::vector<double>(points.n));
    EXPECT_EQ(hard.mean_cost, std::vector<double>(points.n));
  }
}

TYPED_TEST(CTransform, OfEqualMinimaTheFirst) {
  const PointSet origin(1, 2);
  for (const std::size_t first : {0, 1, 6, 127, 500}) {
    for (const std::size_t second : {7, 9, 128, 501, 999}) {
      if (second < first) continue;
      for (const double nearest : {1., 2.}) {
        const reference::Tie tie(1000, first, second, nearest);
        const Transform got = transform(backend<TypeParam>(), GroundCost::euclidean, origin,
                                        tie.targets, tie.potential, 0);
        EXPECT_EQ(got.value[0], 4);
        EXPECT_EQ(got.mean_cost[0], nearest * nearest) << first << " " << second;
      }
    }
  }
}

TYPED_TEST(CTransform, FarTargetsCount) {
  const PointSet sources(3, 2), targets(1000, 2);
  for (const double epsilon : epsilons) {
    check<TypeParam>(GroundCost::euclidean, sources, targets,
                     reference::tail_potential(targets.n, epsilon));
  }
}

TYPED_TEST(CTransform, NoSources) {
  const Transform got = transform(backend<TypeParam>(), GroundCost::euclidean, PointSet(0, 2),
                                  PointSet(3, 2), {0, 0, 0}, .1);
  EXPECT_TRUE(got.value.empty());
}

// Also where the sum over targets is split over many blocks.
TYPED_TEST(CTransform, SameBitsAtEveryRun) {
  for (const GroundCost cost : costs) {
    const PointSet sources = reference::random_points(cost, 300, 3, 1),
                   targets = reference::random_points(cost, 2000, 3, 2);
    const std::vector<double> potential = random_values(targets.n, 3);
    for (const double epsilon : epsilons) {
      const Transform once =
          transform(backend<TypeParam>(), cost, sources, targets, potential, epsilon);
      EXPECT_EQ(transform(backend<TypeParam>(), cost, sources, targets, potential, epsilon), once);
#ifdef MCKEAN_TEST_CPU
      for (const int threads : {1, 2, 3}) {
        EXPECT_EQ(
            transform(CpuBackend<TypeParam>(threads), cost, sources, targets, potential, epsilon),
            once);
      }
#endif
    }
  }
}

}  // namespace
}  // namespace mckean
