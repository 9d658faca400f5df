// Equal points as one: places, masses, potentials, and distances of clouds full of them.
#include "host/transport/merged_points.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "host/transport/distance.hpp"
#include "host/transport/exact/integer_masses.hpp"
#include "transport/measures.hpp"

namespace mckean {
namespace {

/// The first `distinct` points in turn, n times in all.
DiscreteMeasure repeated(const DiscreteMeasure& points, std::size_t n, std::size_t distinct,
                         bool weighted) {
  DiscreteMeasure measure = test::random_measure(n, points.d, 99, weighted);
  for (std::size_t k = 0; k < points.d; ++k) {
    for (std::size_t i = 0; i < n; ++i)
      measure.planes[k * n + i] = points.planes[k * points.n + i * i % distinct];
  }
  return measure;
}

TEST(MergedPoints, AreEmptyWhereAllDiffer) {
  EXPECT_FALSE(merge_equal_points(test::random_measure(1000, 3, 1, true)).has_value());
  // Points that share all but their last coordinate.
  DiscreteMeasure column = test::random_measure(100, 2, 1, false);
  std::fill_n(column.planes.begin(), 100, 1.);
  EXPECT_FALSE(merge_equal_points(column).has_value());
}

TEST(MergedPoints, HaveTheMassOfTheirPoints) {
  for (const bool weighted : {false, true}) {
    const DiscreteMeasure points = test::random_measure(40, 3, 1, false);
    const DiscreteMeasure all = repeated(points, 500, 40, weighted);
    const auto merged = merge_equal_points(all);
    ASSERT_TRUE(merged.has_value());
    const DiscreteMeasure& measure = merged->measure;
    ASSERT_LT(measure.n, 40u);
    std::vector<double> mass(measure.n);
    for (std::size_t i = 0; i < all.n; ++i) {
      const std::uint32_t place = merged->place[i];
      mass[place] += all.weights[i];
      for (std::size_t k = 0; k < all.d; ++k)
        EXPECT_EQ(measure.planes[k * measure.n + place], all.planes[k * all.n + i]);
    }
    // Sums of up to 500 numbers.
    for (std::size_t j = 0; j < measure.n; ++j)
      EXPECT_NEAR(measure.weights[j], mass[j], 500 * 0x1p-53);
    EXPECT_EQ(measure.pieces, weighted ? 0u : 500u);
    // Whole units, as those of the points were.
    const DiscreteMeasure other = test::random_measure(30, 3, 2, false);
    const IntegerMasses units = to_integer_masses(measure, other);
    EXPECT_EQ(units.discrepancy == 0, !weighted);
    if (!weighted) {
      EXPECT_EQ(units.total, to_integer_masses(all, other).total);
    }
  }
}

TEST(MergedPoints, TakeZerosOfBothSignsForOne) {
  const DiscreteMeasure both{2, 2, {0., -0., 1, 1}, {.5, .5}, true};
  const auto merged = merge_equal_points(both);
  ASSERT_TRUE(merged.has_value());
  EXPECT_EQ(merged->measure.n, 1u);
  EXPECT_EQ(merged->measure.weights[0], 1);
}

TEST(MergedPoints, CarryValuesAndPotentials) {
  const DiscreteMeasure line{4, 1, {2, 5, 2, 5}, {.25, .25, .25, .25}, true};
  const auto merged = merge_equal_points(line);
  ASSERT_TRUE(merged.has_value());
  EXPECT_EQ(merged->expanded({7, 8}), (std::vector<double>{7, 8, 7, 8}));
  EXPECT_EQ(merged->largest_potentials({-4, -3, -2, -9}), (std::vector<double>{-2, -3}));
}

/// The dual value of potentials of b, by a sum over all pairs.
double dual_value(const DiscreteMeasure& a, const DiscreteMeasure& b,
                  const std::vector<double>& psi) {
  double value = 0;
  for (std::size_t i = 0; i < a.n; ++i) {
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t j = 0; j < b.n; ++j)
      least =
          std::min(least, pair_cost(GroundCost::euclidean, a.points(), i, b.points(), j) - psi[j]);
    value += a.weights[i] * least;
  }
  for (std::size_t j = 0; j < b.n; ++j) value += b.weights[j] * psi[j];
  return value;
}

// Against the clouds with each place given once and its mass as a weight.
TEST(MergedPoints, GiveTheDistanceOfTheCloudsTheyStandFor) {
  for (const bool weighted : {false, true}) {
    const DiscreteMeasure a = repeated(test::random_measure(60, 3, 1, false), 900, 60, weighted);
    const DiscreteMeasure b = repeated(test::random_measure(50, 3, 2, false), 300, 50, !weighted);
    DiscreteMeasure few_a = merge_equal_points(a)->measure;
    DiscreteMeasure few_b = merge_equal_points(b)->measure;
    const Distance whole = compute_w2(few_a, few_b, {.method = W2Method::exact, .rtol = 1e-9});
    for (const W2Method method :
         {W2Method::automatic, W2Method::exact, W2Method::semidiscrete, W2Method::sinkhorn}) {
      const double rtol = method == W2Method::sinkhorn ? .02 : 1e-9;
      const Distance found = compute_w2(a, b, {.method = method, .rtol = rtol});
      EXPECT_TRUE(found.converged) << name_of(method);
      EXPECT_LE(found.lower, whole.upper) << name_of(method);
      EXPECT_GE(found.upper, whole.lower) << name_of(method);
      ASSERT_EQ(found.psi.size(), b.n) << name_of(method);
      // They prove the lower end, up to the roundings of sums of 900 numbers.
      EXPECT_NEAR(dual_value(a, b, found.psi), found.lower * found.lower,
                  (2 * rtol + 1e-12) * found.upper * found.upper)
          << name_of(method);
      // And are a start: there is next to nothing left to do.
      if (method != W2Method::exact) continue;
      const Distance again = compute_w2(a, b, {.method = method, .rtol = rtol, .psi = found.psi});
      EXPECT_TRUE(again.converged);
      EXPECT_NEAR(again.value, found.value, 1e-9 * found.value);
    }
  }
}

// Point for point this took half a minute.
TEST(MergedPoints, MakeCrowdedPlacesCheap) {
  const DiscreteMeasure b = test::random_measure(1000, 20, 3, false);
  const DiscreteMeasure a = repeated(test::random_measure(20, 20, 4, false), 1000, 3, false);
  for (const W2Method method : {W2Method::automatic, W2Method::exact}) {
    const Distance found = compute_w2(a, b, {.method = method, .time_limit = 10});
    EXPECT_TRUE(found.converged) << name_of(method);
  }
}

}  // namespace
}  // namespace mckean
