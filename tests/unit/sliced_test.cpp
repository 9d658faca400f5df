// Sliced distances against closed forms and assignments by exhaustion.
#include "host/transport/bounds/sliced.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "mckean/error.hpp"
#include "transport/measures.hpp"

namespace mckean {
namespace {

using test::random_measure;
using test::w2_by_permutations;

DiscreteMeasure translated(DiscreteMeasure measure, const std::vector<double>& by) {
  for (std::size_t k = 0; k < measure.d; ++k) {
    for (std::size_t i = 0; i < measure.n; ++i) measure.planes[k * measure.n + i] += by[k];
  }
  return measure;
}

DiscreteMeasure dirac(const std::vector<double>& at) { return {1, at.size(), at, {1}, true}; }

TEST(Sliced, KnowsTwoDiracs) {
  const auto distances = sliced_distances(dirac({1, 0, 2}), dirac({0, 2, 0}), {64, 1, 1});
  // |(1, -2, 2)| = 3, and a frame's squared distances add up to 9.
  EXPECT_NEAR(distances.sliced, std::sqrt(3.), 1e-14);
  EXPECT_NEAR(distances.standard_error, 0, 1e-7);
  EXPECT_NEAR(distances.max_sliced, 3, 1e-14);
  EXPECT_NEAR(distances.lower, 3, 1e-13);
  EXPECT_LE(distances.lower, 3);
  EXPECT_EQ(distances.projections, 66u);
}

TEST(Sliced, OfPartialFramesIsAnEstimate) {
  // d = 40 and frames of 8: E (x . q)^2 = |x|^2/40.
  std::vector<double> x(40);
  x[3] = 2;
  const auto distances = sliced_distances(dirac(std::vector<double>(40)), dirac(x), {800, 3, 2});
  const double expected = std::sqrt(4. / 40);
  EXPECT_GT(distances.standard_error, 0);
  EXPECT_LT(distances.standard_error, .05 * expected);
  EXPECT_NEAR(distances.sliced, expected, 5 * distances.standard_error);
  EXPECT_NEAR(distances.max_sliced, 2, 1e-12);
}

TEST(Sliced, KnowsTranslations) {
  const auto a = random_measure(300, 4, 1, true);
  const auto distances = sliced_distances(a, translated(a, {1, 2, 2, 4}), {40, 2, 2});
  EXPECT_NEAR(distances.sliced, 2.5, 1e-12);
  EXPECT_NEAR(distances.max_sliced, 5, 1e-12);
  EXPECT_NEAR(distances.lower, 5, 1e-10);
  EXPECT_LE(distances.lower, 5 * (1 + 1e-15));
}

TEST(Sliced, OfNormalLawsIsTheDifferenceOfTheirDeviations) {
  // Along q the deviations are |q| and sqrt(q1^2 + 4 q2^2): the mean square of their difference
  // over the circle by quadrature; the sample of 20000 is off by less than 1 %.
  auto a = random_measure(20000, 2, 1, false);
  auto b = random_measure(20000, 2, 2, false);
  for (std::size_t i = 0; i < b.n; ++i) b.planes[b.n + i] *= 2;
  double expected = 0;
  for (int k = 0; k < 1000; ++k) {
    const double t = 2 * 3.14159265358979323846 * k / 1000;
    expected += std::pow(std::hypot(std::cos(t), 2 * std::sin(t)) - 1, 2) / 1000;
  }
  const auto distances = sliced_distances(a, b, {200, 5, 2});
  EXPECT_NEAR(distances.sliced, std::sqrt(expected), 5 * distances.standard_error + .02);
  EXPECT_NEAR(distances.max_sliced, 1, .05);
  EXPECT_LE(distances.sliced, distances.max_sliced);
}

TEST(Sliced, IsBelowTheDistanceByExhaustion) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const std::size_t d = 1 + seed % 5;
    const auto a = random_measure(2 + seed % 6, d, 2 * seed, false);
    const auto b = random_measure(2 + seed % 6, d, 2 * seed + 1, false);
    const double w2 = w2_by_permutations(a, b, GroundCost::euclidean);
    const auto distances = sliced_distances(a, b, {32, seed, 1});
    EXPECT_LE(distances.lower, w2) << seed;
    EXPECT_LE(distances.max_sliced, w2 * (1 + 1e-14)) << seed;
    EXPECT_LE(distances.sliced, distances.max_sliced * (1 + 1e-14)) << seed;
    EXPECT_GE(distances.lower, distances.max_sliced * (1 - 1e-10)) << seed;
    if (d == 1) {
      EXPECT_NEAR(distances.lower, w2, 1e-10) << seed;
    }
  }
}

TEST(Sliced, ClimbsToTheLargestProjection) {
  // n = 6 points of the plane: the largest of 20000 directions.
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const auto a = random_measure(6, 2, 100 + seed, true);
    const auto b = random_measure(5, 2, 200 + seed, true);
    const auto few = sliced_distances(a, b, {40, seed, 1});
    const auto many = sliced_distances(a, b, {20000, seed, 2});
    EXPECT_GE(few.max_sliced, .99 * many.max_sliced) << seed;
    EXPECT_LE(few.max_sliced, many.max_sliced * (1 + 1e-4)) << seed;
  }
}

TEST(Sliced, IsTheSameForAnyNumberOfThreads) {
  const auto a = random_measure(30000, 3, 1, true);
  const auto b = random_measure(20000, 3, 2, false);
  const auto one = sliced_distances(a, b, {20, 7, 1});
  const auto three = sliced_distances(a, b, {20, 7, 3});
  EXPECT_EQ(one.sliced, three.sliced);
  EXPECT_EQ(one.standard_error, three.standard_error);
  EXPECT_EQ(one.max_sliced, three.max_sliced);
  EXPECT_EQ(one.lower, three.lower);
  EXPECT_NE(one.sliced, sliced_distances(a, b, {20, 8, 1}).sliced);
}

TEST(Sliced, IsZeroForTheSameCloudAndHasNoErrorFromOneFrame) {
  const auto a = random_measure(100, 3, 1, true);
  const auto same = sliced_distances(a, a, {10, 1, 1});
  EXPECT_EQ(same.sliced, 0);
  EXPECT_EQ(same.standard_error, 0);
  EXPECT_EQ(same.max_sliced, 0);
  EXPECT_EQ(same.lower, 0);
  const auto single = sliced_distances(a, random_measure(10, 3, 2, true), {1, 1, 1});
  EXPECT_EQ(single.standard_error, std::numeric_limits<double>::infinity());
}

TEST(Sliced, RejectsWhatIsNoPairOfClouds) {
  const auto a = random_measure(5, 2, 1, true);
  EXPECT_THROW(sliced_distances(a, random_measure(5, 3, 1, true), {10, 1, 1}), InputError);
  EXPECT_THROW(sliced_distances(a, a, {0, 1, 1}), InputError);
  auto broken = a;
  broken.planes[3] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(sliced_distances(a, broken, {10, 1, 1}), InputError);
}

}  // namespace
}  // namespace mckean
