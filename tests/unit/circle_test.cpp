// W2 on the circle against assignment by exhaustion, all shifts, and closed forms.
#include "host/transport/circle.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <vector>

#include "host/data/error.hpp"
#include "mckean/philox.hpp"

namespace mckean {
namespace {

constexpr double kPi = std::numbers::pi;

std::vector<double> random_angles(std::size_t n, std::uint64_t seed, double spread = 2 * kPi) {
  std::vector<double> angles(n);
  for (std::size_t i = 0; i < n; ++i) {
    angles[i] = spread * uniform(seed, Purpose::samples, 0, i, 0) - kPi;
  }
  return angles;
}

double geodesic(double a, double b) { return std::abs(std::remainder(a - b, 2 * kPi)); }

/// The best assignment of both sets, repeated to their common multiple (at most 12 points), over
/// all subsets: independent of any theory of the circle.
double w2_by_assignment(const std::vector<double>& a, const std::vector<double>& b) {
  const std::size_t n = std::lcm(a.size(), b.size());
  std::vector<double> best(std::size_t{1} << n, std::numeric_limits<double>::infinity());
  best[0] = 0;
  for (std::size_t used = 0; used < best.size(); ++used) {
    const auto i = static_cast<std::size_t>(__builtin_popcountll(used));
    for (std::size_t j = 0; j < n && i < n; ++j) {
      if (used >> j & 1) continue;
      const double distance = geodesic(a[i * a.size() / n], b[j * b.size() / n]);
      double& next = best[used | std::size_t{1} << j];
      next = std::min(next, best[used] + distance * distance);
    }
  }
  return std::sqrt(best.back() / static_cast<double>(n));
}

/// The best of all cyclic shifts of two sorted sets of one size.
double w2_by_shifts(std::vector<double> a, std::vector<double> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  double best = std::numeric_limits<double>::infinity();
  for (std::size_t shift = 0; shift < a.size(); ++shift) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      sum += std::pow(geodesic(a[i], b[(i + shift) % a.size()]), 2);
    }
    best = std::min(best, sum);
  }
  return std::sqrt(best / static_cast<double>(a.size()));
}

// Sums of up to 100 squares below pi^2 and differences of angles rounded to 4 ulp(pi): W2^2 is off
// by less than 1e-13, W2 by that over 2 W2 where W2 > .05.
constexpr double kTolerance = 1e-12;

TEST(W2Circle, IsTheBestAssignmentForAnySizes) {
  std::uint64_t seed = 0;
  for (const auto& [na, nb] : std::vector<std::pair<std::size_t, std::size_t>>{{1, 1},
                                                                               {1, 5},
                                                                               {5, 1},
                                                                               {2, 2},
                                                                               {2, 3},
                                                                               {3, 2},
                                                                               {3, 4},
                                                                               {4, 6},
                                                                               {6, 6},
                                                                               {12, 1},
                                                                               {7, 7},
                                                                               {11, 11},
                                                                               {4, 3},
                                                                               {2, 11 - 1},
                                                                               {12, 12},
                                                                               {6, 4},
                                                                               {12, 4}}) {
    for (int trial = 0; trial < 4; ++trial) {
      // Clustered sets too: there the optimal coupling crosses the cut.
      const double spread = trial % 2 == 0 ? 2 * kPi : 1.5;
      const auto a = random_angles(na, ++seed, spread);
      const auto b = random_angles(nb, ++seed);
      EXPECT_NEAR(w2_circle(a, b), w2_by_assignment(a, b), kTolerance) << na << " and " << nb;
    }
  }
}

TEST(W2Circle, IsTheBestOfAllShifts) {
  for (const std::size_t n : {1, 2, 3, 17, 64, 99}) {
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
      const auto a = random_angles(n, 2 * seed + 100, seed % 2 == 0 ? 2 * kPi : 3.0);
      const auto b = random_angles(n, 2 * seed + 101);
      EXPECT_NEAR(w2_circle(a, b), w2_by_shifts(a, b), kTolerance) << n;
    }
  }
}

TEST(W2Circle, KnowsClosedForms) {
  EXPECT_NEAR(w2_circle({0.1}, {-0.2}), 0.3, 1e-15);
  EXPECT_NEAR(w2_circle({3.0}, {-3.0}), 2 * kPi - 6, 1e-15);
  EXPECT_NEAR(w2_circle({kPi}, {-kPi}), 0, 1e-15);
  EXPECT_NEAR(w2_circle({0}, {kPi}), kPi, 1e-15);
  EXPECT_NEAR(w2_circle({0, kPi}, {kPi / 2, -kPi / 2}), kPi / 2, 1e-15);
  EXPECT_NEAR(w2_circle({0}, {0.5, -0.5}), 0.5, 1e-15);
  // Half of {0, 0} moves by 1, half by 0; three atoms at distance 0, 1, 2 of one.
  EXPECT_NEAR(w2_circle({0, 0}, {0, 1}), std::sqrt(0.5), 1e-15);
  EXPECT_NEAR(w2_circle({0}, {0, 1, -2}), std::sqrt(5.0 / 3), 1e-15);
}

TEST(W2Circle, IsZeroOnlyForTheSameMeasure) {
  const auto a = random_angles(1000, 3);
  auto twice = a;
  twice.insert(twice.end(), a.begin(), a.end());
  EXPECT_EQ(w2_circle(a, a), 0);
  EXPECT_EQ(w2_circle(a, twice), 0);
  EXPECT_EQ(w2_circle(twice, a), 0);
  auto moved = a;
  moved[0] += 1e-9;
  EXPECT_NEAR(w2_circle(a, moved), 1e-9 / std::sqrt(1000.0), 1e-15);
}

TEST(W2Circle, IsSymmetricAndInvariantUnderRotationsAndTurns) {
  for (const auto& [na, nb] :
       std::vector<std::pair<std::size_t, std::size_t>>{{50, 50}, {50, 49}, {30, 45}, {1, 80}}) {
    const auto a = random_angles(na, 7);
    const auto b = random_angles(nb, 8);
    const double distance = w2_circle(a, b);
    EXPECT_NEAR(w2_circle(b, a), distance, kTolerance);
    for (const double angle : {0.5, 3.0, -40.0}) {
      auto ra = a;
      auto rb = b;
      for (double& value : ra) value += angle;
      for (double& value : rb) value += angle;
      EXPECT_NEAR(w2_circle(ra, rb), distance, 100 * kTolerance) << angle;
    }
    auto turned = a;
    for (std::size_t i = 0; i < na; i += 2) turned[i] += 6 * kPi;
    EXPECT_NEAR(w2_circle(turned, b), distance, 10 * kTolerance);
  }
}

TEST(W2Circle, ApproachesTheUniformLawWithAFinePolygon) {
  for (const std::size_t polygon : {64, 1000, 4097}) {
    std::vector<double> uniform_set(polygon);
    for (std::size_t k = 0; k < polygon; ++k) {
      uniform_set[k] = 2 * kPi * static_cast<double>(k) / static_cast<double>(polygon);
    }
    // W2 between the polygon and the uniform law, and so by the triangle inequality the gap.
    const double gap = 2 * kPi / static_cast<double>(polygon) / std::sqrt(12.0);
    EXPECT_NEAR(w2_circle_uniform(uniform_set), gap, 1e-12);
    for (const std::size_t n : {1, 2, 5, 100}) {
      const auto a = random_angles(n, n, 4.0);
      EXPECT_NEAR(w2_circle(a, uniform_set), w2_circle_uniform(a), gap + kTolerance);
    }
  }
}

TEST(W2CircleUniform, KnowsClosedForms) {
  EXPECT_NEAR(w2_circle_uniform({1.7}), kPi / std::sqrt(3.0), 1e-15);
  EXPECT_NEAR(w2_circle_uniform({0, kPi}), kPi / std::sqrt(12.0), 1e-15);
  // Both atoms take half the circle, centred at distance pi/2 from where they are.
  EXPECT_NEAR(w2_circle_uniform({2, 2}), kPi / std::sqrt(3.0), 1e-15);
  // {0, x}: r = -pi/2, x - 3 pi/2, so var(r) = ((x - pi)/2)^2.
  EXPECT_NEAR(w2_circle_uniform({0, 1}), std::sqrt(std::pow((1 - kPi) / 2, 2) + kPi * kPi / 12),
              1e-15);
}

TEST(W2CircleUniform, IsInvariantUnderRotationsAndTurns) {
  const auto a = random_angles(200, 9, 4.0);
  for (const double angle : {1.0, -3.0, 100.0}) {
    auto rotated = a;
    for (double& value : rotated) value += angle;
    rotated[3] += 4 * kPi;
    EXPECT_NEAR(w2_circle_uniform(rotated), w2_circle_uniform(a), 1e-13 * (1 + std::abs(angle)));
  }
}

TEST(W2CircleUniform, OfTheSymmetrisationIsThatOfBothHalves) {
  for (const std::size_t n : {1, 2, 3, 101}) {
    const auto a = random_angles(n, 20 + n, 4.0);
    auto both = a;
    for (const double angle : a) both.push_back(angle + kPi);
    EXPECT_NEAR(w2_circle_uniform_antipodal(a), w2_circle_uniform(both), 1e-13) << n;
  }
}

TEST(W2Circle, RejectsWhatIsNoMeasure) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_THROW(w2_circle({}, {1}), InputError);
  EXPECT_THROW(w2_circle({1}, {}), InputError);
  EXPECT_THROW(w2_circle({1}, {nan}), InputError);
  EXPECT_THROW(w2_circle({infinity}, {1}), InputError);
  EXPECT_THROW(w2_circle_uniform({}), InputError);
  EXPECT_THROW(w2_circle_uniform({1, nan}), InputError);
  EXPECT_THROW(w2_circle_uniform_antipodal({}), InputError);
  EXPECT_THROW(w2_circle_uniform_antipodal({infinity}), InputError);
}

}  // namespace
}  // namespace mckean
