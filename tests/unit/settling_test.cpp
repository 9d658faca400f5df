// Particles at the kinks of the path norm by hand: the velocity there is the least of all that the
// subgradients leave, and what crosses 0 stays where the data ask for less than the penalty.
#include "mckean/formula/settling.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace mckean {
namespace {

Motion motion(double lambda, double rate_a = 1, double rate_b = 1,
              Constraint constraint = Constraint::none) {
  return Motion(
      {Scaling::mean_field, Train::both, constraint, Regularizer::path, lambda, rate_a, rate_b}, 4);
}

// min |v + g| over |g| <= radius on a grid of 2^13 cells.
TEST(MotionAtKinks, AmplitudeMovesByTheLeastSubgradient) {
  for (const double norm : {.5, 2.}) {
    for (const double v : {-3., -.4, 0., .2, .9, 5.}) {
      const double radius = .3 * norm;
      double least = INFINITY;
      for (int i = -4096; i <= 4096; ++i) {
        const double value = v + radius * i / 4096;
        if (std::abs(value) < std::abs(least)) least = value;
      }
      EXPECT_NEAR(motion(.3, 2).drift_a(0, norm * norm, v), -2 * least, radius / 2000);
      // Away from the kink there is no choice.
      EXPECT_NEAR(motion(.3, 2).drift_a(1e-9, norm * norm, v), -2 * (v + radius), 1e-14);
    }
  }
}

TEST(MotionAtKinks, AmplitudeOnTheSphereHasTheNormOfTheDirection) {
  const Motion on_sphere = motion(.3, 1, 1, Constraint::sphere);
  EXPECT_NEAR(on_sphere.drift_a(0, 1, .5), -.2, 1e-15);
  EXPECT_EQ(on_sphere.drift_a(0, 1, .29), 0);
  EXPECT_FALSE(on_sphere.stretches());
}

// The subdifferential of lambda |a||b| at b = 0 is the ball of radius lambda |a|: the least of v +
// g is v less its part in the ball.
TEST(MotionAtKinks, DirectionMovesByTheLeastSubgradient) {
  const Motion free = motion(.5, 1, 2);
  ASSERT_TRUE(free.stretches());
  const double a = -1.2, v[2] = {.6, -.8};
  double least[2] = {9, 9};
  for (int i = 0; i <= 200; ++i) {
    for (int k = 0; k < 720; ++k) {
      const double r = .6 * i / 200, angle = k * 3.14159265358979 / 360;
      const double g[2] = {v[0] + r * std::cos(angle), v[1] + r * std::sin(angle)};
      if (std::hypot(g[0], g[1]) < std::hypot(least[0], least[1])) least[0] = g[0], least[1] = g[1];
    }
  }
  for (int k = 0; k < 2; ++k)
    EXPECT_NEAR(free.drift_b(0, free.stretch(a, 0, 1), 0, v[k]), -2 * least[k], .02);
  EXPECT_EQ(free.stretch(2.1, 0, 1), 0);  // |v| < lambda |a|
  EXPECT_EQ(free.stretch(2.1, 0, 0), 1);
  EXPECT_EQ(free.stretch(2.1, 1e-30, 1), 1);
}

// lambda |b| = .5: the data ask for v, and after the step da/dt = -rate (v + .5 sign(a)).
struct Crossing {
  double before, after, v, h;
  bool settles;
};

TEST(Settling, AmplitudesThatCrossOrAreAboutTo) {
  for (const double rate : {1., 3.}) {
    const Crossing cases[] = {
        {.1, -.01, .3, 1, true},     // crossed, |v| < .5
        {.1, -.01, -.3, 1, true},    // crossed, from the other side
        {-.1, .01, .3, 1, true},     //
        {.1, -.01, .7, 1, false},    // crossed, and pushed on
        {-.1, .01, -.7, 1, false},   //
        {.1, .01, .3, 1, true},      // about to cross
        {.1, .01, .3, 1e-3, false},  // not within a step
        {.1, .01, -.6, 1, false},    // moves away
        {.1, .01, .7, 1, false},     // will cross, and go on
        {.1, 0, .3, 1, false},       // is there
    };
    for (const Crossing& each : cases) {
      const Settling settling{motion(.25, rate), each.h / rate};
      const double sign = each.after > 0 ? 1 : -1;
      const double drift = -rate * (each.v + .5 * sign);
      EXPECT_EQ(settling.amplitude(each.before, each.after, drift, 2), each.settles)
          << each.before << " " << each.after << " " << each.v;
    }
  }
  EXPECT_FALSE((Settling{motion(.25, 0), 1}.amplitude(.1, -.01, 0, 2)));
}

// lambda |a| = .5, on a line through 0: b = after e_1 and db/dt = -rate (v + .5 sign(after) e_1).
TEST(Settling, DirectionsThatCrossOrAreAboutTo) {
  struct {
    double before, after, v1, v2, h;
    bool settles;
  } const cases[] = {{.1, -.01, .3, 0, 1, true},    {.1, -.01, .3, .39, 1, true},
                     {.1, -.01, .3, .41, 1, false}, {.1, -.01, .6, 0, 1, false},
                     {.1, .01, .3, 0, 1, true},     {.1, .01, .3, .3, 1, true},
                     {.1, .01, .3, 0, 1e-3, false}, {.1, .01, -.6, 0, 1, false}};
  for (const auto& each : cases) {
    const double rate = 2;
    const Settling settling{motion(.25, 1, rate), each.h};
    const double sign = each.after > 0 ? 1 : -1;
    const double f1 = -rate * (each.v1 + .5 * sign), f2 = -rate * each.v2;
    EXPECT_EQ(settling.direction(each.before * each.after, each.after * each.after, each.after * f1,
                                 f1 * f1 + f2 * f2, -2),
              each.settles)
        << each.after << " " << each.v1 << " " << each.v2;
  }
  EXPECT_FALSE((Settling{motion(.25, 1, 0), 1}.direction(-.01, .01, 0, 0, 2)));
  EXPECT_FALSE(
      (Settling{motion(.25, 1, 1, Constraint::sphere), 1}.direction(-.01, .01, -.1, 1, 2)));
}

}  // namespace
}  // namespace mckean
