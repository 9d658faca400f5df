// Sinkhorn's bracket against the exact solver, its divergence against naive loops.
#include "host/transport/entropic/sinkhorn.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "host/transport/exact/exact.hpp"
#include "host/transport/pair_cost.hpp"
#include "transport/measures.hpp"

namespace mckean {
namespace {

TEST(Sinkhorn, BracketsTheDistanceAsNarrowlyAsAsked) {
  for (const std::size_t d : {1, 3, 10}) {
    for (const bool weighted : {false, true}) {
      const DiscreteMeasure a = test::random_measure(80, d, 10 + d, weighted);
      const DiscreteMeasure b = test::translated(test::random_measure(50, d, 20 + d, weighted), .3);
      const TransportBracket exact = solve_exact(a, b, {});
      const SinkhornResult found = solve_sinkhorn(a, b, {.rtol = 1e-2, .threads = 1});
      EXPECT_LE(found.gap(), 1e-2) << d;
      EXPECT_LE(found.lower, exact.upper);
      EXPECT_GE(found.upper, exact.lower);
      EXPECT_GT(found.lower, 0);
    }
  }
}

TEST(Sinkhorn, HoldsFarFromTheOrigin) {
  const DiscreteMeasure a = test::random_measure(60, 3, 1, true);
  const DiscreteMeasure b = test::random_measure(50, 3, 2, true);
  const DiscreteMeasure far_a = test::translated(a, 0x1p20), far_b = test::translated(b, 0x1p20);
  const SinkhornResult far = solve_sinkhorn(far_a, far_b, {.rtol = 1e-2});
  const TransportBracket exact = solve_exact(far_a, far_b, {});
  EXPECT_LE(far.gap(), 1e-2);
  EXPECT_LE(far.lower, exact.upper);
  EXPECT_GE(far.upper, exact.lower);
}

TEST(Sinkhorn, ThreadsChangeNoBit) {
  const DiscreteMeasure a = test::random_measure(700, 3, 3, false);
  const DiscreteMeasure b = test::random_measure(500, 3, 4, true);
  const SinkhornResult one = solve_sinkhorn(a, b, {.rtol = .1, .threads = 1, .divergence = true});
  const SinkhornResult two = solve_sinkhorn(a, b, {.rtol = .1, .threads = 3, .divergence = true});
  EXPECT_EQ(one.lower, two.lower);
  EXPECT_EQ(one.upper, two.upper);
  EXPECT_EQ(one.psi, two.psi);
  EXPECT_EQ(one.divergence, two.divergence);
}

TEST(Sinkhorn, StopsInTimeWithALowerEnd) {
  const DiscreteMeasure a = test::random_measure(200, 3, 5, false);
  const DiscreteMeasure b = test::translated(test::random_measure(200, 3, 6, false), 1);
  const SinkhornResult early = solve_sinkhorn(a, b, {.deadline = Deadline(0), .divergence = true});
  EXPECT_GT(early.lower, 0);
  EXPECT_LE(early.lower, solve_exact(a, b, {}).upper);
  EXPECT_FALSE(early.divergence.has_value());
}

/// OT_eps by alternate soft minima in long double until nothing moves, from no start.
long double entropic(const DiscreteMeasure& a, const DiscreteMeasure& b, long double epsilon) {
  std::vector<long double> f(a.n), g(b.n);
  const auto cost = [&](std::size_t i, std::size_t j) {
    return static_cast<long double>(pair_cost(GroundCost::euclidean, a.points(), i, b.points(), j));
  };
  for (int round = 0; round < 20000; ++round) {
    long double change = 0;
    for (std::size_t i = 0; i < a.n; ++i) {
      long double sum = 0;
      for (std::size_t j = 0; j < b.n; ++j)
        sum += b.weights[j] * std::exp((g[j] - cost(i, j)) / epsilon);
      change = std::max(change, std::abs(f[i] + epsilon * std::log(sum)));
      f[i] = -epsilon * std::log(sum);
    }
    for (std::size_t j = 0; j < b.n; ++j) {
      long double sum = 0;
      for (std::size_t i = 0; i < a.n; ++i)
        sum += a.weights[i] * std::exp((f[i] - cost(i, j)) / epsilon);
      g[j] = -epsilon * std::log(sum);
    }
    if (change < 1e-14L) break;
  }
  long double value = 0;
  for (std::size_t i = 0; i < a.n; ++i) value += a.weights[i] * f[i];
  for (std::size_t j = 0; j < b.n; ++j) value += b.weights[j] * g[j];
  return value;
}

TEST(Sinkhorn, DivergenceIsThatOfItsEpsilon) {
  const DiscreteMeasure a = test::random_measure(20, 2, 7, true);
  const DiscreteMeasure b = test::translated(test::random_measure(15, 2, 8, false), .5);
  const SinkhornResult found = solve_sinkhorn(a, b, {.rtol = .2, .divergence = true});
  const long double expected = entropic(a, b, found.epsilon) - entropic(a, a, found.epsilon) / 2 -
                               entropic(b, b, found.epsilon) / 2;
  ASSERT_TRUE(found.divergence.has_value());
  // Masses are right to 1e-7 in total variation, and each costs at most what potentials differ by.
  EXPECT_NEAR(*found.divergence, static_cast<double>(expected), 4e-7 * found.upper * found.upper);
}

TEST(Sinkhorn, IsZeroBetweenCopiesOfOnePoint) {
  DiscreteMeasure point = test::random_measure(1, 3, 9, false);
  const SinkhornResult found = solve_sinkhorn(point, point, {});
  EXPECT_EQ(found.lower, 0);
  EXPECT_EQ(found.upper, 0);
}

}  // namespace
}  // namespace mckean
