// The exact solver: stored distances, threads, the time limit, clouds of one point, equal clouds.
#include "host/transport/exact/exact.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "host/transport/certificate/certificate.hpp"
#include "reference/transport_values.hpp"
#include "transport/brackets.hpp"

namespace mckean {
namespace {

using reference::CloudKind;
using reference::Generator;
using reference::make_points;
using reference::StoredTransport;
using reference::transport_values;

DiscreteMeasure uniform_cloud(CloudKind kind, std::size_t n, std::size_t d, std::uint64_t seed) {
  Generator generator(seed);
  return make_measure(make_points(kind, n, d, generator), {}, "cloud");
}

/// Weights in the proportion 1 to 64.
DiscreteMeasure weighted_cloud(CloudKind kind, std::size_t n, std::size_t d, std::uint64_t seed) {
  Generator generator(seed);
  const Matrix rows = make_points(kind, n, d, generator);
  std::vector<double> weights(n);
  double sum = 0;
  for (double& weight : weights) sum += weight = 1 + static_cast<double>(generator.below(64));
  for (double& weight : weights) weight /= sum;
  return make_measure(rows, weights, "cloud");
}

DiscreteMeasure reversed(const DiscreteMeasure& measure) {
  std::vector<std::size_t> index(measure.n);
  for (std::size_t i = 0; i < measure.n; ++i) index[i] = measure.n - 1 - i;
  return select_points(measure, index);
}

TEST(Exact, FindsStoredDistances) {
  std::size_t index = 0;
  for (const StoredTransport& stored : transport_values) {
    const auto [a, b] = reference::make_instance(stored, index++);
    const double expected = std::sqrt(stored.squared_distance);
    const TransportBracket there = solve_exact(a, b, {.cost = stored.cost});
    const TransportBracket back = solve_exact(b, a, {.cost = stored.cost});
    for (const TransportBracket& bracket : {there, back}) {
      EXPECT_LE(bracket.gap(), 1e-9) << stored.name;
      // The stored values have the roundings of a sum.
      EXPECT_LE(bracket.lower, expected * (1 + 1e-13)) << stored.name;
      EXPECT_GE(bracket.upper, expected * (1 - 1e-13)) << stored.name;
      EXPECT_NEAR(bracket.upper, expected, 1e-9 * expected) << stored.name;
      EXPECT_NEAR(bracket.lower, expected, 1e-9 * expected) << stored.name;
    }
  }
}

TEST(Exact, ThreadsChangeNoBit) {
  const DiscreteMeasure a = weighted_cloud(CloudKind::box, 3000, 3, 1);
  const DiscreteMeasure b = weighted_cloud(CloudKind::box, 2000, 3, 2);
  const auto solve = [&](int threads) {
    return solve_exact(a, b, {.threads = threads, .with_plan = true});
  };
  const TransportBracket one = solve(1);
  EXPECT_LE(one.gap(), 1e-9);
  for (const int threads : {2, 3}) {
    const TransportBracket other = solve(threads);
    test::expect_same_bits(other, one);
  }
}

// Sizes with no coarser clouds before them, with one pair and with two.
TEST(Exact, OutOfTimeTheBracketStillHolds) {
  for (const std::size_t n : {300, 1500, 6000}) {
    for (const GroundCost cost : {GroundCost::euclidean, GroundCost::geodesic}) {
      const DiscreteMeasure a = weighted_cloud(CloudKind::sphere, n, 3, 1);
      const DiscreteMeasure b = uniform_cloud(CloudKind::sphere, n / 2, 3, 2);
      const auto start = std::chrono::steady_clock::now();
      const TransportBracket bracket = solve_exact(a, b, {.cost = cost, .deadline = Deadline(0)});
      const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
      EXPECT_LT(taken.count(), 30) << n;
      EXPECT_GE(bracket.lower, 0) << n;
      EXPECT_LE(bracket.lower, bracket.upper) << n;
      ASSERT_EQ(bracket.phi.size(), a.n);
      ASSERT_EQ(bracket.psi.size(), b.n);
      for (const double value : bracket.phi) ASSERT_TRUE(std::isfinite(value)) << n;
      for (const double value : bracket.psi) ASSERT_TRUE(std::isfinite(value)) << n;
      if (n == 300) {
        const TransportBracket done = solve_exact(a, b, {.cost = cost});
        EXPECT_LE(bracket.lower, done.upper);
        EXPECT_GE(bracket.upper, done.lower);
      }
    }
  }
}

// All mass goes to, or comes from, the one point.
TEST(Exact, OnePointOnASide) {
  for (const std::size_t d : {1, 2, 3, 10}) {
    const DiscreteMeasure a = weighted_cloud(CloudKind::box, 200, d, 3);
    const DiscreteMeasure b = uniform_cloud(CloudKind::box, 1, d, 4);
    double square = 0;
    for (std::size_t i = 0; i < a.n; ++i) {
      for (std::size_t k = 0; k < d; ++k)
        square += a.weights[i] * std::pow(a.planes[k * a.n + i] - b.planes[k], 2);
    }
    for (const TransportBracket& bracket : {solve_exact(a, b, {}), solve_exact(b, a, {})}) {
      EXPECT_NEAR(bracket.upper, std::sqrt(square), 1e-12);
      EXPECT_NEAR(bracket.lower, std::sqrt(square), 1e-12);
    }
    const DiscreteMeasure c = uniform_cloud(CloudKind::box, 1, d, 5);
    square = 0;
    for (std::size_t k = 0; k < d; ++k) square += std::pow(b.planes[k] - c.planes[k], 2);
    const TransportBracket single = solve_exact(b, c, {});
    EXPECT_NEAR(single.upper, std::sqrt(square), 1e-12);
    EXPECT_NEAR(single.lower, std::sqrt(square), 1e-12);
  }
}

/// Up to 1e-7 of the diameter: masses are known to 1e-15 of the whole.
void expect_zero(const DiscreteMeasure& a, const DiscreteMeasure& b, GroundCost cost) {
  const TransportBracket bracket = solve_exact(a, b, {.cost = cost});
  const double diameter = std::sqrt(bound_of_costs(a, b, cost));
  EXPECT_LE(bracket.upper, 1e-7 * diameter) << a.n << ", " << b.n;
  EXPECT_LE(bracket.lower, bracket.upper) << a.n << ", " << b.n;
}

TEST(Exact, EqualMeasuresAreNoDistanceApart) {
  for (const std::size_t n : {1, 2, 100, 2000}) {
    for (const GroundCost cost : {GroundCost::euclidean, GroundCost::geodesic}) {
      for (const DiscreteMeasure& a : {uniform_cloud(CloudKind::sphere, n, 3, 6),
                                       weighted_cloud(CloudKind::sphere, n, 3, 7)}) {
        expect_zero(a, a, cost);
        expect_zero(a, reversed(a), cost);
      }
    }
    const DiscreteMeasure doubled = uniform_cloud(CloudKind::duplicates, 3 * n, 2, 8);
    expect_zero(doubled, reversed(doubled), GroundCost::euclidean);
  }
}

// The same cloud with every point as three of a third of its mass; all points in one place.
TEST(Exact, EqualMeasuresOfOtherSizes) {
  const DiscreteMeasure thrice = uniform_cloud(CloudKind::duplicates, 600, 2, 9);
  std::vector<std::size_t> every_third;
  for (std::size_t i = 0; i < thrice.n; i += 3) every_third.push_back(i);
  const DiscreteMeasure once = select_points(thrice, every_third);
  expect_zero(thrice, once, GroundCost::euclidean);
  expect_zero(once, thrice, GroundCost::euclidean);

  const std::vector<std::size_t> first(50), again(7);
  expect_zero(select_points(thrice, first), select_points(thrice, again), GroundCost::euclidean);
}

// W2 between a measure and its translate is the length of the shift.
TEST(Exact, ShiftsAreTheDistance) {
  const DiscreteMeasure a = weighted_cloud(CloudKind::lattice, 500, 3, 10);
  DiscreteMeasure b = a;
  for (std::size_t k = 0; k < 3; ++k) {
    for (std::size_t i = 0; i < b.n; ++i) b.planes[k * b.n + i] += k == 0 ? 100 : 0;
  }
  const TransportBracket shifted = solve_exact(a, reversed(b), {});
  EXPECT_NEAR(shifted.upper, 100, 1e-7);
  EXPECT_NEAR(shifted.lower, 100, 1e-7);
}

}  // namespace
}  // namespace mckean
