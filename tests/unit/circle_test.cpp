// W2 on the circle against assignment by exhaustion, all shifts, and closed forms.
#include "host/transport/line/circle.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <vector>

#include "host/transport/line/line.hpp"
#include "mckean/error.hpp"
#include "mckean/formula/philox.hpp"
#include "transport/measures.hpp"

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
      EXPECT_NEAR(w2_circle(a, b).w2, w2_by_assignment(a, b), kTolerance) << na << " and " << nb;
    }
  }
}

TEST(W2Circle, IsTheBestOfAllShifts) {
  for (const std::size_t n : {1, 2, 3, 17, 64, 99}) {
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
      const auto a = random_angles(n, 2 * seed + 100, seed % 2 == 0 ? 2 * kPi : 3.0);
      const auto b = random_angles(n, 2 * seed + 101);
      EXPECT_NEAR(w2_circle(a, b).w2, w2_by_shifts(a, b), kTolerance) << n;
    }
  }
}

TEST(W2Circle, KnowsClosedForms) {
  EXPECT_NEAR(w2_circle({0.1}, {-0.2}).w2, 0.3, 1e-15);
  EXPECT_NEAR(w2_circle({3.0}, {-3.0}).w2, 2 * kPi - 6, 1e-15);
  EXPECT_NEAR(w2_circle({kPi}, {-kPi}).w2, 0, 1e-15);
  EXPECT_NEAR(w2_circle({0}, {kPi}).w2, kPi, 1e-15);
  EXPECT_NEAR(w2_circle({0, kPi}, {kPi / 2, -kPi / 2}).w2, kPi / 2, 1e-15);
  EXPECT_NEAR(w2_circle({0}, {0.5, -0.5}).w2, 0.5, 1e-15);
  // Half of {0, 0} moves by 1, half by 0; three atoms at distance 0, 1, 2 of one.
  EXPECT_NEAR(w2_circle({0, 0}, {0, 1}).w2, std::sqrt(0.5), 1e-15);
  EXPECT_NEAR(w2_circle({0}, {0, 1, -2}).w2, std::sqrt(5.0 / 3), 1e-15);
}

TEST(W2Circle, IsZeroOnlyForTheSameMeasure) {
  const auto a = random_angles(1000, 3);
  auto twice = a;
  twice.insert(twice.end(), a.begin(), a.end());
  EXPECT_EQ(w2_circle(a, a).w2, 0);
  EXPECT_EQ(w2_circle(a, twice).w2, 0);
  EXPECT_EQ(w2_circle(twice, a).w2, 0);
  auto moved = a;
  moved[0] += 1e-9;
  EXPECT_NEAR(w2_circle(a, moved).w2, 1e-9 / std::sqrt(1000.0), 1e-15);
}

TEST(W2Circle, IsSymmetricAndInvariantUnderRotationsAndTurns) {
  for (const auto& [na, nb] :
       std::vector<std::pair<std::size_t, std::size_t>>{{50, 50}, {50, 49}, {30, 45}, {1, 80}}) {
    const auto a = random_angles(na, 7);
    const auto b = random_angles(nb, 8);
    const double distance = w2_circle(a, b).w2;
    EXPECT_NEAR(w2_circle(b, a).w2, distance, kTolerance);
    for (const double angle : {0.5, 3.0, -40.0}) {
      auto ra = a;
      auto rb = b;
      for (double& value : ra) value += angle;
      for (double& value : rb) value += angle;
      EXPECT_NEAR(w2_circle(ra, rb).w2, distance, 100 * kTolerance) << angle;
    }
    auto turned = a;
    for (std::size_t i = 0; i < na; i += 2) turned[i] += 6 * kPi;
    EXPECT_NEAR(w2_circle(turned, b).w2, distance, 10 * kTolerance);
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
    EXPECT_NEAR(w2_circle_uniform(uniform_set).w2, gap, 1e-12);
    for (const std::size_t n : {1, 2, 5, 100}) {
      const auto a = random_angles(n, n, 4.0);
      EXPECT_NEAR(w2_circle(a, uniform_set).w2, w2_circle_uniform(a).w2, gap + kTolerance);
    }
  }
}

TEST(W2CircleUniform, KnowsClosedForms) {
  EXPECT_NEAR(w2_circle_uniform({1.7}).w2, kPi / std::sqrt(3.0), 1e-15);
  EXPECT_NEAR(w2_circle_uniform({0, kPi}).w2, kPi / std::sqrt(12.0), 1e-15);
  // Both atoms take half the circle, centred at distance pi/2 from where they are.
  EXPECT_NEAR(w2_circle_uniform({2, 2}).w2, kPi / std::sqrt(3.0), 1e-15);
  // {0, x}: r = -pi/2, x - 3 pi/2, so var(r) = ((x - pi)/2)^2.
  EXPECT_NEAR(w2_circle_uniform({0, 1}).w2, std::sqrt(std::pow((1 - kPi) / 2, 2) + kPi * kPi / 12),
              1e-15);
}

TEST(W2CircleUniform, IsInvariantUnderRotationsAndTurns) {
  const auto a = random_angles(200, 9, 4.0);
  for (const double angle : {1.0, -3.0, 100.0}) {
    auto rotated = a;
    for (double& value : rotated) value += angle;
    rotated[3] += 4 * kPi;
    EXPECT_NEAR(w2_circle_uniform(rotated).w2, w2_circle_uniform(a).w2,
                1e-13 * (1 + std::abs(angle)));
  }
}

TEST(W2CircleUniform, OfTheSymmetrisationIsThatOfBothHalves) {
  for (const std::size_t n : {1, 2, 3, 101}) {
    const auto a = random_angles(n, 20 + n, 4.0);
    auto both = a;
    for (const double angle : a) both.push_back(angle + kPi);
    EXPECT_NEAR(w2_circle_uniform_antipodal(a).w2, w2_circle_uniform(both).w2, 1e-13) << n;
  }
}

/// Each point as often as its weight is a part of 1/parts.
std::vector<double> repeated(const DiscreteMeasure& measure, double parts) {
  std::vector<double> angles;
  for (std::size_t i = 0; i < measure.n; ++i)
    angles.insert(angles.end(), static_cast<std::size_t>(std::lround(parts * measure.weights[i])),
                  measure.planes[i]);
  return angles;
}

TEST(W2CircleWeighted, IsTheBestAssignmentOfRepeatedPoints) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const auto draw = [&](std::uint64_t stream) {
      // Weights in twelfths, some points alike, some across from each other.
      std::vector<double> counts{1, 3, 2, 5, 1};
      if (stream % 3 == 0) counts = {7, 5};
      if (stream % 5 == 0) counts = {12};
      auto angles = random_angles(counts.size(), stream, stream % 2 == 0 ? 2 * kPi : 2.);
      if (stream % 4 == 0)
        for (double& angle : angles) angle = kPi / 2 * std::round(angle);
      for (double& count : counts) count /= 12;
      return test::line_measure(angles, counts);
    };
    const auto a = draw(2 * seed), b = draw(2 * seed + 1);
    const double expected = w2_by_assignment(repeated(a, 12), repeated(b, 12));
    // 1/12 is no double: masses of 1e-16 may travel as far as pi.
    EXPECT_NEAR(std::pow(w2_circle(a, b, 1).w2, 2), expected * expected, 1e-13) << seed;
    EXPECT_NEAR(std::pow(w2_circle(b, a, 2).w2, 2), expected * expected, 1e-13) << seed;
  }
}

/// The least cost over all shifts at which a step of one begins with one of the other, and over
/// whole turns, by sums over pieces between breakpoints.
double w2_by_all_cuts(const DiscreteMeasure& a, const DiscreteMeasure& b) {
  struct Atom {
    double angle, begin, end;
  };
  const auto lifted = [](const DiscreteMeasure& measure, double shift) {
    std::vector<std::pair<double, double>> sorted;
    for (std::size_t i = 0; i < measure.n; ++i)
      sorted.emplace_back(measure.planes[i], measure.weights[i]);
    std::sort(sorted.begin(), sorted.end());
    std::vector<Atom> atoms;
    for (int turn = -3; turn <= 3; ++turn) {
      double sum = turn + shift;
      for (const auto& [angle, weight] : sorted) {
        atoms.push_back({angle + 2 * kPi * turn, sum, sum + weight});
        sum += weight;
      }
    }
    return atoms;
  };
  double best = std::numeric_limits<double>::infinity();
  const auto fixed = lifted(a, 0);
  for (const Atom& from : lifted(b, 0)) {
    for (const Atom& to : fixed) {
      if (to.begin < -1e-9 || to.begin > 1 - 1e-9 || std::abs(to.begin - from.begin) > 2) continue;
      double sum = 0;
      for (const Atom& y : lifted(b, to.begin - from.begin)) {
        for (const Atom& x : fixed) {
          const double length = std::min({x.end, y.end, 1.}) - std::max({x.begin, y.begin, 0.});
          if (length > 0) sum += length * (x.angle - y.angle) * (x.angle - y.angle);
        }
      }
      best = std::min(best, sum);
    }
  }
  return std::sqrt(best);
}

TEST(W2CircleWeighted, IsTheBestOfAllCuts) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    auto a = test::random_measure(1 + seed % 7, 1, seed, true);
    auto b = test::random_measure(1 + seed % 9, 1, seed + 500, seed % 3 != 0);
    for (double& x : a.planes) x = std::remainder(seed % 2 ? .4 * x : 2 * x, 2 * kPi);
    for (double& x : b.planes) x = std::remainder(2 * x, 2 * kPi);
    const double expected = w2_by_all_cuts(a, b);
    EXPECT_NEAR(std::pow(w2_circle(a, b, 1).w2, 2), expected * expected, 1e-13) << seed;
  }
}

TEST(W2CircleWeighted, IsZeroForTheSameMeasureInAnyOrder) {
  auto a = test::random_measure(60000, 1, 1, true);
  for (double& x : a.planes) x = std::remainder(x, 2 * kPi);
  for (std::size_t i = 0; i < 2000; ++i) a.planes[i] = a.planes[i % 7];
  auto turned = a;
  std::reverse(turned.planes.begin(), turned.planes.end());
  std::reverse(turned.weights.begin(), turned.weights.end());
  EXPECT_EQ(w2_circle(a, a, 2).w2, 0);
  EXPECT_EQ(w2_circle(a, turned, 2).w2, 0);
  EXPECT_EQ(w2_circle(test::line_measure({1}, {1}), test::line_measure({1, 1}, {.3, .7}), 1).w2, 0);
}

TEST(W2Circle, OfLargeCloudsIsTheBestOfAllShifts) {
  // Of the cyclic assignments i -> i + shift, lifted, by ternary search, their cost being convex.
  constexpr std::int64_t n = 40000;
  for (const double spread : {.1, 1., 3.}) {
    auto a = random_angles(n, 1, 2 * kPi);
    auto b = random_angles(n, 2, 2 * kPi);
    for (double& x : a) x = std::remainder(spread * x * std::abs(x), 2 * kPi);
    for (double& x : b) x = std::remainder(2 + x * x, 2 * kPi);
    const double found = w2_circle(a, b, 2).w2;
    EXPECT_EQ(found, w2_circle(a, b, 1).w2);
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    const auto cost = [&](std::int64_t shift) {
      double sum = 0;
      for (std::int64_t i = 0; i < n; ++i) {
        const std::int64_t j = i + shift + 3 * n;
        const double lifted =
            b[static_cast<std::size_t>(j % n)] + 2 * kPi * static_cast<double>(j / n - 3);
        sum += std::pow(a[static_cast<std::size_t>(i)] - lifted, 2);
      }
      return sum / n;
    };
    std::int64_t low = -2 * n, high = n;
    while (high - low > 2) {
      const std::int64_t left = low + (high - low) / 3, right = high - (high - low) / 3;
      (cost(left) < cost(right) ? high : low) = cost(left) < cost(right) ? right : left;
    }
    const double best = std::min({cost(low), cost(low + 1), cost(high)});
    EXPECT_NEAR(found, std::sqrt(best), 1e-12 * found) << spread;
  }
}

TEST(W2CircleWeighted, OfLargeCloudsDoesNotDependOnHowAtomsAreSplit) {
  // 100000 atoms of masses of their own against the same split in two, and both against another.
  auto a = test::random_measure(100000, 1, 2, true);
  for (double& x : a.planes) x = std::remainder(x, 2 * kPi);
  auto b = test::random_measure(70000, 1, 3, true);
  for (double& x : b.planes) x = std::remainder(1 + .5 * x, 2 * kPi);
  DiscreteMeasure split{2 * a.n, 1, a.planes, a.weights, false};
  split.planes.insert(split.planes.end(), a.planes.begin(), a.planes.end());
  split.weights.insert(split.weights.end(), a.weights.begin(), a.weights.end());
  for (std::size_t i = 0; i < split.n; ++i) split.weights[i] *= i < a.n ? .25 : .75;
  EXPECT_NEAR(w2_circle(split, b, 2).w2, w2_circle(a, b, 2).w2, 1e-12);
  EXPECT_NEAR(w2_circle(a, split, 2).w2, 0, 1e-7);
  EXPECT_EQ(w2_circle(a, b, 1).w2, w2_circle(a, b, 2).w2);
}

TEST(W2CircleWeighted, TakesPointsOfThePlane) {
  auto a = test::random_measure(50, 2, 1, true);
  auto b = test::random_measure(40, 2, 2, false);
  const auto angles = [](const DiscreteMeasure& measure) {
    std::vector<double> result(measure.n);
    for (std::size_t i = 0; i < measure.n; ++i)
      result[i] = std::atan2(measure.planes[measure.n + i], measure.planes[i]);
    return test::line_measure(result, measure.weights);
  };
  EXPECT_NEAR(w2_circle(a, b, 1).w2, w2_circle(angles(a), angles(b), 1).w2, kTolerance);
  a.planes[0] = a.planes[a.n] = 0;
  EXPECT_THROW(w2_circle(a, b, 1), InputError);
  const auto space = test::random_measure(5, 3, 1, true);
  EXPECT_THROW(w2_circle(space, space, 1), InputError);
}

TEST(W2CircleUniformWeighted, IsTheLimitOfFineQuantiles) {
  // Against a fine polygon, whose own distance to the uniform law is the gap.
  for (const std::uint64_t seed : {1, 2, 3, 4}) {
    auto a = test::random_measure(20, 1, seed, true);
    for (double& x : a.planes) x = std::remainder(seed * x, 2 * kPi);
    const std::size_t corners = 20000;
    std::vector<double> polygon(corners);
    for (std::size_t k = 0; k < corners; ++k)
      polygon[k] = 2 * kPi * static_cast<double>(k) / static_cast<double>(corners);
    const auto fine =
        test::line_measure(polygon, std::vector<double>(corners, 1 / static_cast<double>(corners)));
    const double gap = 2 * kPi / static_cast<double>(corners) / std::sqrt(12.);
    EXPECT_NEAR(w2_circle_uniform(a, 1).w2, w2_circle(a, fine, 1).w2, gap + kTolerance);
  }
}

TEST(W2CircleUniformWeighted, AgreesWithRepeatedPoints) {
  const auto a = test::line_measure({2, 0, 1}, {.5, .25, .25});
  EXPECT_NEAR(w2_circle_uniform(a, 1).w2, w2_circle_uniform({0, 1, 2, 2}).w2, 1e-15);
}

// Where all angles are in an arc shorter than half a turn the circle is a line.
TEST(W2Circle, IsAsNarrowAsTheLineOnAnArc) {
  for (const double width : {1., 1e-2, 1e-4}) {
    for (const std::size_t n : {1, 3, 100, 20000}) {
      const auto draw = [&](std::uint64_t seed) {
        auto angles = random_angles(n, seed);
        for (double& angle : angles) angle *= width / (2 * kPi);
        return angles;
      };
      const auto a = draw(40 + n), b = draw(41 + n);
      const CertifiedDistance circle = w2_circle(a, b, 2);
      const CertifiedDistance line = w2_line(a, b, 2);
      EXPECT_LE(circle.lower, line.upper) << width << ", " << n;
      EXPECT_GE(circle.upper, line.lower) << width << ", " << n;
      // Lifted angles are right to 2^-48, whatever the distance.
      EXPECT_LE(circle.upper - circle.lower, 1e-10 * line.w2 + 0x1p-46) << width << ", " << n;
    }
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
