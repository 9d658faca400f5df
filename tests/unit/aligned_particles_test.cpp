// Particles near b = 0 whose direction follows the velocity by the data.
#include "host/flow/aligned_particles.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "host/flow/flow_archive.hpp"

namespace mckean {
namespace {

constexpr double pull = 2;

ParticleArray particle(double a, double b1, double b2) {
  ParticleArray w(1, 2);
  w.values = {a, b1, b2};
  return w;
}

/// f - pull |a| b/|b|, and nothing for a; at b = 0 what the pull leaves of f.
ParticleArray drift(const ParticleArray& w, double f1, double f2) {
  const double length = std::hypot(w.values[1], w.values[2]);
  const double force = pull * std::abs(w.values[0]);
  if (length > 0)
    return particle(0, f1 - force * w.values[1] / length, f2 - force * w.values[2] / length);
  const double size = std::hypot(f1, f2);
  const double left = size > force ? 1 - force / size : 0;
  return particle(0, left * f1, left * f2);
}

std::optional<double> update(AlignedParticles& aligned, ParticleArray& w, double f1, double f2,
                             bool look = false, double distance = 1e-3) {
  const ParticleArray f = drift(w, f1, f2);
  return aligned.update(w.view(), std::as_const(f).view(), 1, distance, look);
}

TEST(AlignedParticles, ARayBeginsWhereTheDirectionIsStiffAndNear) {
  AlignedParticles aligned(2, pull);
  // b is nearer to the origin than .001, and 2e-5 from its ray.
  ParticleArray w = particle(1, 9e-4, 2e-5);
  EXPECT_FALSE(update(aligned, w, 5, 0));
  const auto moved = update(aligned, w, 5, 0, true);
  ASSERT_TRUE(moved);
  EXPECT_NEAR(*moved, 2e-5 * 2e-5, 1e-3 * 2e-5 * 2e-5);
  EXPECT_NEAR(w.values[1], std::hypot(9e-4, 2e-5), 1e-18);
  EXPECT_EQ(w.values[2], 0);
  const HeldDirections held = aligned.join({});
  EXPECT_EQ(held.particle, std::vector<std::uint64_t>{0});
  EXPECT_EQ(held.begin, (std::vector<std::uint64_t>{0, 1}));
  ASSERT_EQ(held.rows.size(), 2u);
  EXPECT_EQ(held.rows[0], 0);
  EXPECT_EQ(std::abs(held.rows[1]), 1);
}

TEST(AlignedParticles, NoRayBeginsWhereTheDirectionIsResolvedOrFar) {
  AlignedParticles aligned(2, pull);
  ParticleArray slow = particle(1, 4, 0);
  EXPECT_FALSE(update(aligned, slow, 5, 0, true));
  ParticleArray far = particle(1, .5, 0);
  EXPECT_FALSE(update(aligned, far, 5, 0, true));
  ParticleArray opposite = particle(1, -1e-9, 0);
  EXPECT_FALSE(update(aligned, opposite, 5, 0, true));
  ParticleArray without_amplitude = particle(0, 1e-9, 0);
  EXPECT_FALSE(update(aligned, without_amplitude, 5, 0, true));
  EXPECT_TRUE(aligned.empty());
}

TEST(AlignedParticles, ARayTurnsAndEnds) {
  AlignedParticles aligned(2, pull);
  ParticleArray w = particle(-1, 1e-6, 0);
  ASSERT_TRUE(update(aligned, w, 5, 0, true));
  // By .02, without being looked for.
  ASSERT_TRUE(update(aligned, w, 5, .1));
  EXPECT_NEAR(w.values[2] / w.values[1], .02, 1e-15);
  EXPECT_NEAR(std::hypot(w.values[1], w.values[2]), 1e-6, 1e-21);
  // A turn that nothing would notice.
  EXPECT_FALSE(update(aligned, w, 5, .1001));
  EXPECT_FALSE(aligned.empty());
  // Too far.
  ASSERT_TRUE(update(aligned, w, 5, 2));
  EXPECT_TRUE(aligned.empty());
  ASSERT_TRUE(update(aligned, w, 5, .1, true));
  // The direction can be resolved.
  w.values = {-1, 6, .12};
  ASSERT_TRUE(update(aligned, w, 5, .1));
  EXPECT_TRUE(aligned.empty());
}

TEST(AlignedParticles, WhatLeavesTheOriginHasADirection) {
  AlignedParticles aligned(2, pull);
  ParticleArray resting = particle(1, 0, 0);
  EXPECT_FALSE(update(aligned, resting, 1.2, -1.5, true));
  ParticleArray leaving = particle(1, 0, 0);
  const auto moved = update(aligned, leaving, 1.8, -2.4, true);
  ASSERT_TRUE(moved);
  EXPECT_EQ(*moved, 0);
  EXPECT_NEAR(leaving.values[2] / leaving.values[1], -4. / 3, 1e-15);
  EXPECT_GT(leaving.values[1], 0);
  EXPECT_LT(leaving.values[1], 1e-100);
  // Back at 0 it is on no ray.
  leaving.values = {1, 0, 0};
  ASSERT_TRUE(update(aligned, leaving, 1.2, -1.5));
  EXPECT_TRUE(aligned.empty());
}

TEST(AlignedParticles, JoinWhatIsHeldElsewhere) {
  AlignedParticles aligned(2, pull);
  ParticleArray w(3, 2);
  w.values = {1, 1, 1, 1e-6, 1, 0, 0, 0, 1e-6};  // (1e-6, 0), (1, 0), (0, 1e-6)
  ParticleArray f(3, 2);
  f.values = {0, 0, 0, 3, 0, 0, 0, 0, 3};
  ASSERT_TRUE(aligned.update(w.view(), std::as_const(f).view(), 1, 1e-3, true));
  HeldDirections planes;
  planes.particle = {1, 2};
  planes.begin = {0, 2, 3};
  planes.rows = {1, 0, 0, 1, .6, .8};
  const HeldDirections all = aligned.join(planes);
  EXPECT_EQ(all.particle, (std::vector<std::uint64_t>{0, 1, 2}));
  EXPECT_EQ(all.begin, (std::vector<std::uint64_t>{0, 1, 3, 4}));
  ASSERT_EQ(all.rows.size(), 8u);
  EXPECT_EQ(std::abs(all.rows[1]), 1);
  EXPECT_EQ(std::vector<double>(all.rows.begin() + 2, all.rows.end()), planes.rows);
}

TEST(AlignedParticles, AreSavedAndLoaded) {
  AlignedParticles aligned(2, pull);
  ParticleArray w = particle(1, 3e-4, 4e-4);
  ASSERT_TRUE(update(aligned, w, 3, 4, true));
  FlowArchive saved;
  saved(aligned);
  FlowArchive loaded(saved.take_words());
  AlignedParticles other(2, pull);
  loaded(other);
  loaded.finish();
  EXPECT_EQ(other.join({}).particle, aligned.join({}).particle);
  EXPECT_EQ(other.join({}).rows, aligned.join({}).rows);
}

}  // namespace
}  // namespace mckean
