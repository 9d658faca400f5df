// Particles that come to b = 0, where all hinges through the origin meet: which stay and which
// leave.
#include "host/flow/held_origin.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace mckean {
namespace {

/// f(u) = -a sum_i e_i |u . x_i|', for |z| and x_i = e_1, e_2: J falls along u where sum a e_i
/// |u_i| is negative.
struct Scene {
  double e[2] = {1, 1};
  double penalty = 0;

  DriftAlong drift_along() const {
    return [this](double a, const std::vector<double>& u) {
      std::vector<double> f(u.size());
      for (std::size_t k = 0; k < u.size(); ++k)
        f[k] = -a * e[k % 2] * (u[k] > 0 ? 1 : u[k] < 0 ? -1 : 0);
      return f;
    };
  }
  HeldOrigin held() const { return {2, {1, 0, -1, 0, 0, 1, 0, -1}, penalty}; }
};

ParticleArray particle(double a, double b1, double b2) {
  ParticleArray w(1, 2);
  w.values = {a, b1, b2};
  return w;
}

/// capture() of a step of size 1 from (.1, .1) to `after`.
std::optional<double> capture(HeldOrigin& held, const Scene& scene, ParticleArray& after) {
  const ParticleArray before = particle(after.values[0], .1, .1);
  ParticleArray drift = after;
  const auto f =
      scene.drift_along()(after.values[0], {after.values.begin() + 1, after.values.end()});
  for (std::size_t k = 0; k < 2; ++k) drift.values[1 + k] = f[k];
  const std::vector<double> residual;
  return held.capture({std::as_const(before).view(), std::as_const(drift).view(),
                       std::as_const(drift).view(), residual, 1},
                      scene.drift_along(), nullptr, after.view());
}

TEST(HeldOrigin, WhatIsDrawnFromEverySideRests) {
  const Scene scene;
  HeldOrigin held = scene.held();
  ParticleArray w = particle(1, -.03, .04);
  const auto moved = capture(held, scene, w);
  ASSERT_TRUE(moved);
  EXPECT_NEAR(*moved, .0025, 1e-17);
  EXPECT_EQ(w.values, (std::vector<double>{1, 0, 0}));
  EXPECT_EQ(held.count(), 1u);
  const HeldDirections directions = held.join({});
  EXPECT_EQ(directions.particle, std::vector<std::uint64_t>{0});
  EXPECT_EQ(directions.rows, (std::vector<double>{1, 0, 0, 1}));
  // Out of reach of one step.
  HeldOrigin other = scene.held();
  ParticleArray far = particle(1, 2, 2);
  EXPECT_FALSE(capture(other, scene, far));
}

TEST(HeldOrigin, WhatFindsAWayOutIsLeftAlone) {
  Scene scene;
  scene.e[1] = -1;
  HeldOrigin held = scene.held();
  // Drawn along b_1, driven away along b_2.
  ParticleArray w = particle(1, -.05, .001);
  EXPECT_FALSE(capture(held, scene, w));
  EXPECT_EQ(w.values, (std::vector<double>{1, -.05, .001}));
  EXPECT_TRUE(held.empty());
  // At the origin it can't turn by itself.
  ParticleArray at = particle(1, 0, 0);
  EXPECT_TRUE(capture(held, scene, at));
  EXPECT_TRUE(held.empty());
  EXPECT_NEAR(at.values[1], 0, 1e-6);
  EXPECT_NEAR(std::abs(at.values[2]), 1, 1e-6);  // with the speed 1, in a step of size 1
}

TEST(HeldOrigin, LeavesWhenJFallsSomewhere) {
  Scene scene;
  HeldOrigin held = scene.held();
  ParticleArray w = particle(2, -.03, .04);
  ASSERT_TRUE(capture(held, scene, w));
  ParticleArray drift = particle(0, 0, 0);
  EXPECT_FALSE(held.release(w.view(), drift.view(), scene.drift_along()));
  scene.e[0] = -.5;
  EXPECT_TRUE(held.release(w.view(), drift.view(), scene.drift_along()));
  EXPECT_TRUE(held.empty());
  EXPECT_NE(w.values[1], 0);
  EXPECT_LT(std::abs(w.values[1]), 1e-15);
  // Outwards along the steepest direction, with |a| times the slope of a = 1.
  EXPECT_NEAR(drift.values[1], std::copysign(1, w.values[1]), 1e-6);
  EXPECT_NEAR(drift.values[2], 0, 1e-6);
}

// lambda |a||b| adds a cone: a way out has to be steeper than it.
TEST(HeldOrigin, ThePathNormHoldsToo) {
  Scene scene;
  scene.e[1] = -.3;
  scene.penalty = .5;
  HeldOrigin held = scene.held();
  ParticleArray w = particle(1, -.03, .01);
  EXPECT_TRUE(capture(held, scene, w));
  EXPECT_EQ(held.count(), 1u);
  ParticleArray drift = particle(0, 0, 0);
  scene.e[1] = -.7;
  EXPECT_TRUE(held.release(w.view(), drift.view(), scene.drift_along()));
  EXPECT_NEAR(std::abs(drift.values[2]), .2, 1e-6);
}

TEST(HeldOrigin, StartsThereWithoutAWayOutAreHeld) {
  Scene scene;
  HeldOrigin held = scene.held();
  ParticleArray w(3, 2);
  w.values = {1, -1, 1, 0, 0, .1, 0, 0, 0};
  EXPECT_TRUE(held.begin(w.view(), scene.drift_along()));
  EXPECT_EQ(held.count(), 1u);  // a = -1 is driven away, the third is elsewhere
  EXPECT_NE(w.values[4], 0);
  // The second one is kept on its ray.
  const HeldDirections directions = held.join({});
  EXPECT_EQ(directions.particle, (std::vector<std::uint64_t>{0, 1}));
  ASSERT_EQ(directions.begin, (std::vector<std::uint64_t>{0, 2, 3}));
  const double* const across = &directions.rows[4];
  EXPECT_NEAR(std::hypot(across[0], across[1]), 1, 1e-15);
  EXPECT_NEAR(across[0] * w.values[4] + across[1] * w.values[7], 0, 1e-34);
}

// Near the origin b/|b| turns at the rate |f|/|b|: what leaves is on its ray until a step sees that.
TEST(HeldOrigin, WhatLeavesStaysOnItsRayNearby) {
  Scene scene;
  scene.e[1] = -1;
  for (const double length : {.2, .5}) {
    HeldOrigin held = scene.held();
    ParticleArray w = particle(1, 0, 0);
    EXPECT_TRUE(held.begin(w.view(), scene.drift_along()));
    const double sign = w.values[2] > 0 ? 1 : -1;
    ParticleArray out = particle(1, 0, sign * length);
    const bool far = length > .3;  // of a step of size 1 with the speed 1
    EXPECT_EQ(capture(held, scene, out).has_value(), far);
    EXPECT_EQ(held.waits(), !far);
    EXPECT_EQ(out.values[2], sign * length);
  }
}

TEST(HeldOrigin, JoinsWhatIsHeldElsewhereInOrder) {
  const Scene scene;
  HeldOrigin held = scene.held();
  ParticleArray w(4, 2);
  w.values = {1, 1, 1, 1, 0, .1, .1, 0, 0, 0, .1, 0};
  EXPECT_FALSE(held.begin(w.view(), scene.drift_along()));
  HeldDirections others;
  others.particle = {2};
  others.begin = {0, 1};
  others.rows = {.6, .8};
  const HeldDirections all = held.join(others);
  EXPECT_EQ(all.particle, (std::vector<std::uint64_t>{0, 2, 3}));
  EXPECT_EQ(all.begin, (std::vector<std::uint64_t>{0, 2, 3, 5}));
  EXPECT_EQ(all.rows, (std::vector<double>{1, 0, 0, 1, .6, .8, 1, 0, 0, 1}));
}

}  // namespace
}  // namespace mckean
