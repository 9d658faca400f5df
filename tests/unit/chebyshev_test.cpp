// Runge-Kutta-Chebyshev schemes: stability polynomial, order of every stage, stage counts.
#include "host/flow/chebyshev.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace mckean {
namespace {

/// y_s of y' = lambda y, y_0 = 1, z = lambda h.
double polynomial(const ChebyshevScheme& scheme, double z) {
  double older = 1, newer = 1 + scheme.first * z;
  for (std::size_t j = 2; j < scheme.mu.size(); ++j) {
    const double next = (1 - scheme.mu[j] - scheme.nu[j]) + scheme.mu[j] * newer +
                        scheme.nu[j] * older + scheme.drift[j] * z * newer + scheme.start[j] * z;
    older = newer;
    newer = next;
  }
  return newer;
}

TEST(Chebyshev, IsStableUpToItsLimitAndNotMuchFurther) {
  for (int s = 3; s <= 200; ++s) {
    const ChebyshevScheme scheme(s);
    const double limit = ChebyshevScheme::stable_limit(s);
    EXPECT_NEAR(limit, (s * s - 1) / 1.54, 1e-9 * limit);
    for (int i = 0; i <= 40 * s; ++i) {
      // Denser at 0, like the extrema of the polynomial.
      const double part = i / (40. * s);
      ASSERT_LE(std::abs(polynomial(scheme, -limit * part * part)), 1 + 1e-12) << s << " " << part;
    }
    // The boundary of the damped polynomial is about 2/3 (s^2 - 1)(1 - 2/15 damping).
    double beyond = 0;
    for (double z = .65; z < .9; z += .01)
      beyond = std::max(beyond, std::abs(polynomial(scheme, -z * (s * s - 1))));
    EXPECT_GT(beyond, 1) << s;
  }
}

// Coefficients of z and z^2 of every stage: with those of exp(c z) each stage stands at its time,
// and from the second on is of order 2. Recursions of s terms amplify rounding like s^2.
TEST(Chebyshev, EveryStageIsConsistentAndOfOrderTwo) {
  for (int s = 3; s <= 200; ++s) {
    const ChebyshevScheme scheme(s);
    const double tolerance = 4e-16 * s * s;
    double one[2] = {0, scheme.first};
    double two[2] = {0, 0};
    EXPECT_NEAR(scheme.time[1], scheme.first, tolerance);
    for (std::size_t j = 2; j <= static_cast<std::size_t>(s); ++j) {
      const double next_one =
          scheme.mu[j] * one[1] + scheme.nu[j] * one[0] + scheme.drift[j] + scheme.start[j];
      const double next_two =
          scheme.mu[j] * two[1] + scheme.nu[j] * two[0] + scheme.drift[j] * one[1];
      one[0] = one[1];
      two[0] = two[1];
      one[1] = next_one;
      two[1] = next_two;
      ASSERT_NEAR(scheme.time[j], next_one, tolerance) << s << " " << j;
      ASSERT_NEAR(next_two, next_one * next_one / 2, tolerance) << s << " " << j;
      ASSERT_GT(scheme.time[j], scheme.time[j - 1]);
    }
    EXPECT_NEAR(one[1], 1, tolerance);
    EXPECT_NEAR(two[1], .5, tolerance);
  }
}

TEST(Chebyshev, MiddleIsTheInnerStageNearestToHalf) {
  for (int s = 3; s <= 200; ++s) {
    const ChebyshevScheme scheme(s);
    ASSERT_GE(scheme.middle, 2);
    ASSERT_LT(scheme.middle, s);
    for (int j = 2; j < s; ++j) {
      EXPECT_LE(std::abs(scheme.time[static_cast<std::size_t>(scheme.middle)] - .5),
                std::abs(scheme.time[static_cast<std::size_t>(j)] - .5));
    }
  }
}

TEST(Chebyshev, StagesReachWhatIsAskedForAndNoMore) {
  for (double z = .01; z < 1e6; z *= 1.07) {
    const int s = ChebyshevScheme::stages_for(z, 3);
    EXPECT_GE(ChebyshevScheme::stable_limit(s) * (1 + 1e-12), z);
    if (s > 3) {
      EXPECT_LT(ChebyshevScheme::stable_limit(s - 1) * (1 - 1e-12), z);
    }
  }
  EXPECT_EQ(ChebyshevScheme::stages_for(0, 3), 3);
  EXPECT_EQ(ChebyshevScheme::stages_for(0, 5), 5);
  EXPECT_EQ(ChebyshevScheme::stages_for(1e300, 3), 1000000);
}

}  // namespace
}  // namespace mckean
