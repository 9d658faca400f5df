// Bounds of W2 against assignments by exhaustion and cases of equality.
#include "host/transport/bounds/bounds.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "mckean/error.hpp"
#include "transport/measures.hpp"

namespace mckean {
namespace {

using test::random_measure;
using test::w2_by_permutations;

double synchronous(const DiscreteMeasure& a, const DiscreteMeasure& b) {
  return synchronous_upper(a, b, GroundCost::euclidean).value();
}

TEST(Bounds, EncloseTheDistanceByExhaustion) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const std::size_t n = 1 + seed % 7, d = 1 + seed % 4;
    auto a = random_measure(n, d, 2 * seed, false);
    auto b = random_measure(n, d, 2 * seed + 1, false);
    // Far from the origin roundings are larger than distances.
    if (seed % 5 == 0) {
      for (double& x : a.planes) x += 1e8;
      for (double& x : b.planes) x += 1e8;
    }
    const double w2 = w2_by_permutations(a, b, GroundCost::euclidean);
    EXPECT_LE(gelbrich_lower(a, b, 1), w2) << seed;
    EXPECT_LE(projection_lower(a, b, 1), w2) << seed;
    EXPECT_GE(synchronous(a, b), w2) << seed;
    EXPECT_EQ(gelbrich_lower(a, b, 1), gelbrich_lower(a, b, 2));
    EXPECT_EQ(projection_lower(a, b, 1), projection_lower(a, b, 2));
  }
}

TEST(Bounds, AreEqualForTranslatedAndScaledCopies) {
  for (const bool weighted : {false, true}) {
    const auto a = random_measure(3000, 3, 1, weighted);
    auto b = a;
    for (std::size_t i = 0; i < a.n; ++i) {
      b.planes[i] = 2 * b.planes[i] + 1;
      b.planes[a.n + i] = .5 * b.planes[a.n + i] - 3;
      b.planes[2 * a.n + i] += 10;
    }
    const double upper = synchronous(a, b);
    EXPECT_NEAR(gelbrich_lower(a, b), upper, 1e-8 * upper);
    EXPECT_NEAR(projection_lower(a, b), upper, 1e-10 * upper);
    EXPECT_LE(gelbrich_lower(a, b), upper);
    EXPECT_LE(projection_lower(a, b), upper);
  }
}

TEST(Bounds, GelbrichKnowsPositiveMatrices) {
  // (x, y) -> (2 x + y, x + 3 y) is symmetric and positive: equality, off the axes.
  const auto a = random_measure(500, 2, 3, true);
  auto b = a;
  for (std::size_t i = 0; i < a.n; ++i) {
    b.planes[i] = 2 * a.planes[i] + a.planes[a.n + i];
    b.planes[a.n + i] = a.planes[i] + 3 * a.planes[a.n + i];
  }
  EXPECT_NEAR(gelbrich_lower(a, b), synchronous(a, b), 1e-9);
}

TEST(Bounds, GelbrichTakesDegenerateClouds) {
  const auto point = random_measure(1, 3, 1, false);
  const auto line = random_measure(2, 3, 2, false);
  EXPECT_NEAR(gelbrich_lower(point, point), 0, 0);
  double squares = 0;
  for (std::size_t k = 0; k < 3; ++k) {
    for (std::size_t i = 0; i < 2; ++i)
      squares += std::pow(line.planes[2 * k + i] - point.planes[k], 2) / 2;
  }
  EXPECT_NEAR(gelbrich_lower(point, line), std::sqrt(squares), 1e-8);
  EXPECT_LE(gelbrich_lower(point, line), std::sqrt(squares));
}

TEST(Bounds, SynchronousNeedsTheSameWeights) {
  const auto a = random_measure(10, 2, 1, true);
  EXPECT_EQ(synchronous(a, a), 0);
  EXPECT_FALSE(synchronous_upper(a, random_measure(10, 2, 2, true), GroundCost::euclidean));
  EXPECT_FALSE(synchronous_upper(a, random_measure(9, 2, 1, true), GroundCost::euclidean));
}

TEST(Bounds, SynchronousBoundsGeodesicDistances) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    auto a = random_measure(6, 3, 2 * seed, false);
    auto b = random_measure(6, 3, 2 * seed + 1, false);
    for (auto* cloud : {&a, &b}) {
      for (std::size_t i = 0; i < 6; ++i) {
        double* const x = cloud->planes.data() + i;
        const double norm = std::hypot(x[0], x[6], x[12]);
        for (std::size_t k = 0; k < 3; ++k) x[6 * k] /= norm;
      }
    }
    EXPECT_GE(synchronous_upper(a, b, GroundCost::geodesic).value(),
              w2_by_permutations(a, b, GroundCost::geodesic));
    EXPECT_EQ(synchronous_upper(a, a, GroundCost::geodesic), 0);
  }
}

TEST(Bounds, RejectWhatIsNoPairOfClouds) {
  const auto a = random_measure(5, 2, 1, true);
  const auto b = random_measure(5, 3, 1, true);
  EXPECT_THROW(gelbrich_lower(a, b), InputError);
  EXPECT_THROW(projection_lower(a, b), InputError);
  EXPECT_THROW(synchronous_upper(a, b, GroundCost::euclidean), InputError);
  auto broken = a;
  broken.planes[3] = std::numeric_limits<double>::infinity();
  EXPECT_THROW(gelbrich_lower(a, broken), InputError);
}

}  // namespace
}  // namespace mckean
