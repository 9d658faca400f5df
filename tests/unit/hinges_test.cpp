// Particles at hinges by hand and against the element of least norm of the generalised gradient.
#include "host/flow/held_hinges.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace mckean {
namespace {

/// One particle, fixed residuals e: dw_b/dt = -(rate/n) sum_i e_i a sigma'(b . x_i) x_i.
struct Scene {
  PiecewiseLinear sigma;
  std::size_t n, d;
  std::vector<double> x, e;
  double a = 1;
  double rate = 1;

  Hinges hinges() const { return {sigma, {x.data(), x.size()}, n, d}; }
  double z(const std::vector<double>& b, std::size_t i) const {
    double sum = sigma.offset;
    for (std::size_t k = 0; k < d; ++k) sum += b[k] * x[i * d + k];
    return sum;
  }
  /// With the slope of sample i given, or that of its side.
  std::vector<double> drift(const std::vector<double>& b,
                            const std::vector<double>& slopes = {}) const {
    std::vector<double> f(d);
    for (std::size_t i = 0; i < n; ++i) {
      const double side = z(b, i) > 0 ? sigma.above : sigma.below;
      const double slope = slopes.empty() || std::isnan(slopes[i]) ? side : slopes[i];
      for (std::size_t k = 0; k < d; ++k)
        f[k] -= rate * e[i] * a * slope * x[i * d + k] / static_cast<double>(n);
    }
    return f;
  }
  ParticleArray particle(const std::vector<double>& b) const {
    ParticleArray w(1, d);
    w.values[0] = a;
    for (std::size_t k = 0; k < d; ++k) w.values[1 + k] = b[k];
    return w;
  }
  ParticleArray drift_array(const std::vector<double>& b) const {
    ParticleArray f = particle(drift(b));
    f.values[0] = 0;
    return f;
  }
  /// What capture() makes of a step from `from` to `to`.
  std::optional<double> capture(HeldHinges& held, const std::vector<double>& from,
                                std::vector<double>& to, double h = 1e-9) const {
    const ParticleArray w0 = particle(from), f0 = drift_array(from), f1 = drift_array(to);
    ParticleArray w1 = particle(to);
    const auto distance = held.capture({w0.view(), f0.view(), f1.view(), e, h}, w1.view());
    to.assign(w1.values.begin() + 1, w1.values.end());
    return distance;
  }
  bool release(HeldHinges& held, const std::vector<double>& b) const {
    ParticleArray w = particle(b), f = drift_array(b);
    return held.release(w.view(), f.view(), e);
  }
  /// The drift at b less its part along what is held.
  std::vector<double> held_drift(const HeldHinges& held, const std::vector<double>& b) const {
    std::vector<double> f = drift(b);
    const HeldDirections q = held.directions();
    for (std::size_t r = 0; r * d < q.rows.size(); ++r) {
      double along = 0;
      for (std::size_t k = 0; k < d; ++k) along += q.rows[r * d + k] * f[k];
      for (std::size_t k = 0; k < d; ++k) f[k] -= along * q.rows[r * d + k];
    }
    return f;
  }
  /// The least element of {drift with the slope of each sample of `kinks` in [below, above]}, a
  /// convex problem: one slope after the other is set to its best until nothing changes.
  std::vector<double> least_drift(const std::vector<double>& b,
                                  const std::vector<std::size_t>& kinks) const {
    std::vector<double> slopes(n, NAN);
    for (const std::size_t i : kinks) slopes[i] = (sigma.below + sigma.above) / 2;
    for (int sweep = 0; sweep < 4000; ++sweep) {
      for (const std::size_t i : kinks) {
        // |f + (s - s_i) g|^2 is least at s = s_i - f . g/|g|^2.
        const std::vector<double> f = drift(b, slopes);
        double fg = 0, gg = 0;
        for (std::size_t k = 0; k < d; ++k) {
          const double g = -rate * e[i] * a * x[i * d + k] / static_cast<double>(n);
          fg += f[k] * g;
          gg += g * g;
        }
        slopes[i] = std::clamp(slopes[i] - fg / gg, std::min(sigma.below, sigma.above),
                               std::max(sigma.below, sigma.above));
      }
    }
    return drift(b, slopes);
  }
};

void expect_near(const std::vector<double>& left, const std::vector<double>& right,
                 double tolerance) {
  ASSERT_EQ(left.size(), right.size());
  for (std::size_t k = 0; k < left.size(); ++k) EXPECT_NEAR(left[k], right[k], tolerance);
}

// In d = 1 every hinge is at b = 0. Above it the drift is -(1 + 2)/3, below it +1.5/3.
constexpr double unit = 0x1p-53;
/// Particles are held 1024 units below their planes, relative to |b||x| < 10 here.
constexpr double depth = 1024 * 10 * unit;

TEST(HeldHinges, OnALineAllHingesAreOne) {
  Scene scene{{0, 1}, 3, 1, {1, 2, -1.5}, {1, 1, 1}};
  EXPECT_NEAR(scene.drift({.3})[0], -1, 1e-15);
  EXPECT_NEAR(scene.drift({-.1})[0], .5, 1e-15);
  HeldHinges held(scene.hinges(), 1, unit);
  EXPECT_TRUE(held.empty());
  std::vector<double> b{-.1};
  const auto moved = scene.capture(held, {.3}, b);
  ASSERT_TRUE(moved);
  EXPECT_NEAR(*moved, .01, depth);
  EXPECT_EQ(held.count(), 1u);
  EXPECT_NEAR(b[0], 0, depth);
  const HeldDirections directions = held.directions();
  EXPECT_EQ(directions.particle, std::vector<std::uint64_t>{0});
  EXPECT_EQ(directions.begin, (std::vector<std::uint64_t>{0, 1}));
  ASSERT_EQ(directions.rows.size(), 1u);
  EXPECT_EQ(std::abs(directions.rows[0]), 1);
  EXPECT_NEAR(scene.held_drift(held, b)[0], 0, 1e-15);
  // Still attracted, then not from below, then from neither side.
  EXPECT_FALSE(scene.release(held, {1e-17}));
  EXPECT_FALSE(scene.release(held, {-1e-17}));
  scene.e = {-1, -1, 1};
  EXPECT_TRUE(scene.release(held, {1e-17}));
  EXPECT_TRUE(held.empty());
  EXPECT_EQ(held.directions().begin.size(), 1u);
}

// The drift turned a little on the way, and the plane is nearer than the next step.
TEST(HeldHinges, AStepThatStopsShortOfAPlaneIsCapturedWithinReach) {
  const Scene scene{{0, 1}, 3, 1, {1, 2, -1.5}, {1, 1, 1}};
  const ParticleArray w0 = scene.particle({.2}), f1 = scene.drift_array({.1});
  ParticleArray f0 = f1;
  f0.values[1] *= 1.2;
  for (const double h : {.2, .05}) {
    HeldHinges held(scene.hinges(), 1, unit);
    ParticleArray w1 = scene.particle({.1});
    const auto moved =
        held.capture({w0.view(), std::as_const(f0).view(), f1.view(), scene.e, h}, w1.view());
    EXPECT_EQ(moved.has_value(), h == .2);
    EXPECT_NEAR(w1.values[1], h == .2 ? 0 : .1, depth);
  }
}

// Stages have chattered across the plane, and the step ends where it began.
TEST(HeldHinges, AStepThatCrossesAndComesBackIsCaptured) {
  const Scene scene{{0, 1}, 3, 1, {1, 2, -1.5}, {1, 1, 1}};
  for (const double h : {.3, .01}) {
    HeldHinges held(scene.hinges(), 1, unit);
    std::vector<double> b{.19};
    const bool chattered = h == .3;  // the drift is -1 at both ends
    EXPECT_EQ(scene.capture(held, {.2}, b, h).has_value(), chattered);
    EXPECT_NEAR(b[0], chattered ? 0 : .19, depth);
  }
}

// a = -1 turns both drifts round.
TEST(HeldHinges, PlanesThatRepelDoNotCapture) {
  const Scene scene{{0, 1}, 3, 1, {1, 2, -1.5}, {1, 1, 1}, -1};
  HeldHinges held(scene.hinges(), 1, unit);
  std::vector<double> b{-.1};
  EXPECT_FALSE(scene.capture(held, {.1}, b));
  EXPECT_TRUE(held.empty());
  EXPECT_EQ(b[0], -.1);
}

// Nor do planes that are crossed for good: below the drift goes on down.
TEST(HeldHinges, PlanesThatAreCrossedForGoodDoNotCapture) {
  const Scene scene{{0, 1}, 3, 1, {1, 2, -1.5}, {1, 1, -1}};
  EXPECT_LT(scene.drift({-.1})[0], 0);
  HeldHinges held(scene.hinges(), 1, unit);
  std::vector<double> b{-.1};
  EXPECT_FALSE(scene.capture(held, {.1}, b));
}

// Duplicates, multiples and antiparallel samples share a plane where it goes through the origin.
TEST(HeldHinges, ParallelSamplesShareAPlane) {
  for (const double below : {0., -1.}) {
    const Scene scene{{below, 1}, 4, 2, {1, 2, -2, -4, 1, 2, 3, .3}, {1.3, .8, .6, .2}};
    HeldHinges held(scene.hinges(), 1, unit);
    std::vector<double> b{.9, -.46};  // just below the plane of (1, 2)
    ASSERT_TRUE(scene.capture(held, {.9, -.44}, b));
    EXPECT_EQ(held.count(), 1u);
    EXPECT_NEAR(b[0] + 2 * b[1], 0, depth);
    EXPECT_NEAR(2 * b[0] - b[1], 2 * .9 + .46, 1e-15);  // moved along the normal
    EXPECT_FALSE(scene.release(held, b));
    // Both velocities of that plane: samples 0 to 2 change sides together.
    const auto above = scene.drift({b[0] + .01, b[1] + .02});
    const auto under = scene.drift({b[0] - .01, b[1] - .02});
    const double normal[2] = {1 / std::sqrt(5.), 2 / std::sqrt(5.)};
    const double up = above[0] * normal[0] + above[1] * normal[1];
    const double down = under[0] * normal[0] + under[1] * normal[1];
    const double weight = down / (down - up);
    ASSERT_GT(weight, 0);
    ASSERT_LT(weight, 1);
    expect_near(
        scene.held_drift(held, b),
        {weight * above[0] + (1 - weight) * under[0], weight * above[1] + (1 - weight) * under[1]},
        1e-14);
  }
}

// b . x + 1/4 = 0: a multiple of a sample has a plane of its own, a duplicate has not.
TEST(HeldHinges, PlanesBesideTheOrigin) {
  for (const double below : {0., -.5}) {
    // The last sample is active on both sides: it pushes towards the plane from below, or away.
    for (const double push : {.1, -.1}) {
      const Scene scene{{below, 1, .25}, 4, 2, {1, 1, 1, 1, 2, 2, .5, -1}, {1, 1, 0, push}};
      const std::vector<double> from{-.25, .1};
      std::vector<double> to{-.3, .045};
      HeldHinges held(scene.hinges(), 1, unit);
      const bool attracts = below < 0 || push > 0;
      ASSERT_EQ(scene.capture(held, from, to).has_value(), attracts);
      if (!attracts) continue;
      EXPECT_EQ(held.count(), 1u);
      EXPECT_NEAR(to[0] + to[1] + .25, 0, depth);
      EXPECT_NEAR(to[0] - to[1], -.345, 1e-15);
      EXPECT_FALSE(scene.release(held, to));
      expect_near(scene.held_drift(held, to), scene.least_drift(to, {0, 1}), 1e-13);
    }
  }
}

// At the crossing of two planes in d = 2 nothing can move; 0 is a convex combination of the four
// velocities around.
TEST(HeldHinges, TwoPlanesOnThePlaneMeetInAPoint) {
  const Scene scene{{-1, 1}, 2, 2, {1, .2, -.3, 1}, {1, .7}};
  HeldHinges held(scene.hinges(), 1, unit);
  std::vector<double> b{-.01, -.02};
  ASSERT_TRUE(scene.capture(held, {.02, .03}, b));
  EXPECT_EQ(held.count(), 2u);
  expect_near(b, {0, 0}, depth);
  EXPECT_FALSE(scene.release(held, b));
  expect_near(scene.held_drift(held, b), {0, 0}, 1e-15);
  expect_near(scene.least_drift(b, {0, 1}), {0, 0}, 1e-12);
  EXPECT_EQ(held.directions().begin, (std::vector<std::uint64_t>{0, 2}));
}

// Random planes in d = 4, through the particle, and other samples that push it. What is captured is
// kept: the drift left is the least of the generalised gradient; or, pushed harder, a plane is
// released where that least element lies at an end of its weight.
TEST(HeldHinges, HeldVelocityIsTheLeastOfTheGeneralisedGradient) {
  std::mt19937_64 engine(7);
  std::normal_distribution<double> normal;
  const std::size_t d = 4, n = 8;
  int kept = 0, released = 0;
  for (int trial = 0; trial < 300; ++trial) {
    Scene scene{
        {trial % 2 ? -1. : 0., 1}, n, d, std::vector<double>(n * d), std::vector<double>(n)};
    scene.rate = .5;
    scene.a = 1 + std::abs(normal(engine));
    std::vector<double> b(d);
    for (double& value : b) value = normal(engine);
    for (double& value : scene.x) value = normal(engine);
    for (std::size_t i = 0; i < n; ++i)
      scene.e[i] = (i < 2 ? 2 + normal(engine) : .3 * normal(engine));
    // The first two samples are made orthogonal to b.
    double square = 0;
    for (const double value : b) square += value * value;
    for (std::size_t i = 0; i < 2; ++i) {
      const double along = scene.z(b, i) / square;
      for (std::size_t k = 0; k < d; ++k) scene.x[i * d + k] -= along * b[k];
    }
    // From one side of both to the other.
    std::vector<double> from = b, to = b;
    for (std::size_t k = 0; k < d; ++k) {
      const double q = scene.x[k] + scene.x[d + k];
      from[k] += 1e-3 * q;
      to[k] -= 1e-3 * q;
    }
    HeldHinges held(scene.hinges(), scene.rate, unit);
    if (!scene.capture(held, from, to) || held.count() != 2) continue;
    EXPECT_NEAR(scene.z(to, 0), 0, depth);
    EXPECT_NEAR(scene.z(to, 1), 0, depth);
    // As it was captured, and after the residuals of the other samples have changed.
    for (const double push : {1., 10.}) {
      for (std::size_t i = 2; i < n; ++i) scene.e[i] *= push;
      const auto least = scene.least_drift(to, {0, 1});
      double across = 0;
      for (std::size_t i = 0; i < 2; ++i) {
        double sum = 0;
        for (std::size_t k = 0; k < d; ++k) sum += least[k] * scene.x[i * d + k];
        across = std::max(across, std::abs(sum));
      }
      if (scene.release(held, to)) {
        ++released;
        EXPECT_GT(across, 1e-9);
        EXPECT_GT(push, 1);
      } else {
        ++kept;
        expect_near(scene.held_drift(held, to), least, 1e-9);
        EXPECT_LT(across, 1e-9);
      }
    }
  }
  EXPECT_GT(kept, 20);
  EXPECT_GT(released, 0);
}

// Data on a grid: three planes through a line of R^3, or four through a point of the plane, may
// hold a particle together where no two of them do alone.
TEST(HeldHinges, MorePlanesThanDimensionsHoldTogether) {
  std::mt19937_64 engine(11);
  std::uniform_int_distribution<int> digit(-2, 2);
  std::normal_distribution<double> normal;
  int kept = 0, released = 0;
  for (int trial = 0; trial < 300; ++trial) {
    const std::size_t d = 2 + static_cast<std::size_t>(trial % 2), n = 6, met = 4;
    // All met planes b . x_i + 1/2 = 0 go through b_1 = -1/2, b_2 = 0, along the third axis in R^3.
    Scene scene{{0, 1, .5}, n, d, std::vector<double>(n * d), std::vector<double>(n)};
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t k = 0; k < d; ++k) scene.x[i * d + k] = digit(engine);
      scene.e[i] = i < met ? .2 + std::abs(normal(engine)) : 3 * normal(engine);
      scene.x[i * d] = i < met ? 1 : 2 * digit(engine);
      if (i >= met) continue;
      scene.x[i * d + 1] = static_cast<double>(i) - 1;
      if (d == 3) scene.x[i * d + 2] = 0;
    }
    std::vector<double> b(d, .3), from(d, .3), to(d, .3);
    b[0] = -.5, b[1] = 0;
    // From where all is above into the vertex.
    from[0] = -.5 + 1e-3, from[1] = 1e-4;
    to[0] = -.5 - 1e-3, to[1] = 1e-4;
    HeldHinges held(scene.hinges(), scene.rate, unit);
    if (!scene.capture(held, from, to) || held.directions().begin.back() != 2) continue;
    EXPECT_GE(held.count(), met);
    for (const double push : {1., -2.}) {
      for (std::size_t i = met; i < n; ++i) scene.e[i] *= push;
      const auto least = scene.least_drift(b, {0, 1, 2, 3});
      const double speed = std::hypot(least[0], least[1]);
      if (scene.release(held, to)) {
        ++released;
        EXPECT_GT(speed, 1e-9) << trial;
      } else {
        ++kept;
        expect_near(scene.held_drift(held, to), least, 1e-6);
        EXPECT_LT(speed, 1e-6) << trial;
      }
      if (held.count() < met) break;
    }
  }
  EXPECT_GT(kept, 20);
  EXPECT_GT(released, 5);
}

// Two planes attract and meet where a third one repels: J is the least of two convex functions there
// and falls beyond the third plane, where the particle is not, once the last sample pushes enough.
TEST(HeldHinges, VerticesAreLeftAcrossPlanesThatRepel) {
  for (const double push : {.1, 3.}) {
    // (b_1, b_2) = (-1/2, -1/2) lies on the planes of samples 0 to 2; below the third where b_1 + b_2
    // < -1, and there the drift is 0 with weights of the first two inside.
    const Scene scene{{0, 1, .5}, 4, 2, {1, 0, 0, 1, .5, .5, -1, -1}, {1, 1, -push, .5}};
    HeldHinges at(scene.hinges(), 1, unit);
    std::vector<double> b{-.5 - 1e-3, -.5 - 2e-3};
    ASSERT_TRUE(scene.capture(at, {-.5 + 2e-3, -.5 + 1e-3}, b));
    EXPECT_EQ(at.count(), 3u);
    ParticleArray w = scene.particle(b), f = scene.drift_array(b);
    const bool left = at.release(w.view(), f.view(), scene.e);
    EXPECT_EQ(left, push == 3.);
    if (!left) continue;
    // Both planes are left upwards, with all three samples on.
    EXPECT_TRUE(at.empty());
    expect_near({f.values[1], f.values[2]}, scene.drift({-.4, -.4}), 1e-15);
    EXPECT_GT(w.values[1] + w.values[2], -1);
  }
}

// What was captured before stays, and its planes are met again after a step.
TEST(HeldHinges, CapturesOfSeveralParticlesAreKeptApart) {
  const std::vector<double> x{1, 0, 0, 1}, e{1, 1};
  HeldHinges held({{-1, 1}, {x.data(), x.size()}, 2, 2}, 1, unit);
  ParticleArray w0(3, 2), w1(3, 2), f0(3, 2), f1(3, 2);
  // Particle 0 crosses b_1 = 0, particle 2 crosses b_2 = 0, particle 1 nothing.
  const double before[3][2] = {{.1, 1}, {1, 1}, {1, .1}},
               after[3][2] = {{-.1, 1}, {1, 1}, {1, -.1}};
  for (std::size_t j = 0; j < 3; ++j) {
    w0.values[j] = w1.values[j] = 1;
    for (std::size_t k = 0; k < 2; ++k) {
      w0.values[(1 + k) * 3 + j] = before[j][k];
      w1.values[(1 + k) * 3 + j] = after[j][k];
      f0.values[(1 + k) * 3 + j] = before[j][k] > 0 ? -.5 : .5;
      f1.values[(1 + k) * 3 + j] = after[j][k] > 0 ? -.5 : .5;
    }
  }
  const auto moved = held.capture(
      {std::as_const(w0).view(), std::as_const(f0).view(), std::as_const(f1).view(), e, 1e-9},
      w1.view());
  ASSERT_TRUE(moved);
  EXPECT_NEAR(*moved, .02, depth);
  const HeldDirections directions = held.directions();
  EXPECT_EQ(directions.particle, (std::vector<std::uint64_t>{0, 2}));
  EXPECT_EQ(directions.begin, (std::vector<std::uint64_t>{0, 1, 2}));
  ASSERT_EQ(directions.rows.size(), 4u);
  EXPECT_EQ(std::abs(directions.rows[0]), 1);
  EXPECT_EQ(std::abs(directions.rows[3]), 1);
  EXPECT_NEAR(w1.values[3], 0, depth);
  EXPECT_NEAR(w1.values[8], 0, depth);
  EXPECT_EQ(w1.values[4], 1);
}

}  // namespace
}  // namespace mckean
