// The O(m log m) field of the plane against a double loop over pairs.
#include <gtest/gtest.h>

#include <limits>
#include <numbers>

#include "backend/on_backend.hpp"
#include "backend/test_backend.hpp"
#include "reference/population.hpp"

namespace mckean {
namespace {

using reference::PlaneState;
using std::numbers::pi;
using test::OnBackend;
using test::random_state;
using B = TestBackend<double>;

const B& backend() {
  static const B instance{};
  return instance;
}

constexpr double moment = .5;
const PairKernel kernel{PairKernelKind::arc_cosine, moment};

/// A prefix sum loses at most a tile's serial sum and a few roundings of the rest: 300 eps of the
/// total mass, which a rounding error spreads over all of V. The particle's own |b| or |a| scales
/// it.
void check(const PlaneState& w, double weight, const PlaneState& teacher, double teacher_weight) {
  const OnBackend<B> particles(backend(), w), atoms(backend(), teacher);
  OnBackend<B> v(backend(), random_state(w.m, 2, 5));
  const double energy = backend().planar_field(moment, particles.state(), weight, atoms.state(),
                                               teacher_weight, v.state());
  const PlaneState got = v.fetch_state();
  const auto own = reference::pairwise_field(kernel, w, w),
             other = reference::pairwise_field(kernel, w, teacher);
  double mass = 0;
  for (std::size_t j = 0; j < w.m; ++j) mass += std::abs(weight * w.a(j)) * w.norm(j);
  for (std::size_t l = 0; l < teacher.m; ++l)
    mass += std::abs(teacher_weight * teacher.a(l)) * teacher.norm(l);
  const double unit = 300 * std::numeric_limits<double>::epsilon() * moment / 2 * mass;
  for (std::size_t j = 0; j < w.m; ++j) {
    for (std::size_t plane = 0; plane < 3; ++plane) {
      const std::size_t i = plane * w.m + j;
      const double expected = weight * own.field.values[i] + teacher_weight * other.field.values[i];
      const double scale = plane == 0 ? w.norm(j) : std::abs(w.a(j));
      ASSERT_NEAR(got.values[i], expected, unit * (scale + 1e-3)) << plane << " " << j;
    }
  }
  const double expected =
      weight * weight * reference::pairwise_energy(kernel, w, w) +
      2 * weight * teacher_weight * reference::pairwise_energy(kernel, w, teacher) +
      teacher_weight * teacher_weight * reference::pairwise_energy(kernel, teacher, teacher);
  EXPECT_NEAR(energy, expected, unit * mass);
}

TEST(PlanarField, MatchesTheDoubleLoop) {
  for (const std::size_t m : {1, 2, 31, 33, 257}) {
    for (const std::size_t atoms : {0, 1, 65, 300}) {
      check(random_state(m, 2, 1), 1. / static_cast<double>(m), random_state(atoms, 2, 2),
            atoms == 0 ? 0 : -1. / static_cast<double>(atoms));
    }
  }
  check(random_state(1000, 2, 3), 1e-3, random_state(997, 2, 4), -1. / 997);
}

// Equal angles, exact opposites, the ends of (-pi, pi], zero vectors.
TEST(PlanarField, TiesAndOpposites) {
  PlaneState w = random_state(64, 2, 6);
  const double corners[][2] = {{1, 0},    {-1, 0}, {0, 1}, {0, -1},
                               {-1, -0.}, {0, 0},  {1, 1}, {-1, -1}};
  for (std::size_t j = 0; j < 32; ++j) {
    w.b(j, 0) = corners[j % 8][0] * (1 + static_cast<double>(j / 8));
    w.b(j, 1) = corners[j % 8][1] * (1 + static_cast<double>(j / 8));
  }
  for (std::size_t j = 0; j < 16; ++j) {
    for (std::size_t k = 0; k < 2; ++k) w.b(32 + j, k) = (j % 2 == 0 ? -1. : 1.) * w.b(48 + j, k);
  }
  check(w, 1. / 64, w, -.3);
}

TEST(PlanarField, SortedAndClusteredAngles) {
  for (const double spread : {2 * pi, 1e-3, 1e-9}) {
    PlaneState w(600, 2);
    for (std::size_t j = 0; j < w.m; ++j) {
      const double angle = 3 + spread * static_cast<double>(j) / static_cast<double>(w.m);
      w.a(j) = 1;
      w.b(j, 0) = std::cos(angle);
      w.b(j, 1) = std::sin(angle);
    }
    check(w, 1. / 600, random_state(3, 2, 1), -1. / 3);
  }
}

TEST(PlanarField, PermutingParticlesPermutesTheField) {
  const PlaneState w = random_state(777, 2, 8);
  PlaneState reversed(w.m, 2);
  for (std::size_t plane = 0; plane < 3; ++plane) {
    for (std::size_t j = 0; j < w.m; ++j)
      reversed.values[plane * w.m + j] = w.values[plane * w.m + w.m - 1 - j];
  }
  std::vector<std::vector<double>> results;
  for (const PlaneState* state : {&w, const_cast<const PlaneState*>(&reversed)}) {
    const OnBackend<B> particles(backend(), *state), none(backend(), PlaneState(0, 2));
    OnBackend<B> v(backend(), PlaneState(w.m, 2));
    backend().planar_field(moment, particles.state(), 1. / 777, none.state(), 0, v.state());
    results.push_back(v.fetch());
  }
  // The angles are distinct, so that the sorted sequence and every sum are the same.
  for (std::size_t plane = 0; plane < 3; ++plane) {
    for (std::size_t j = 0; j < w.m; ++j) {
      EXPECT_EQ(results[0][plane * w.m + j], results[1][plane * w.m + w.m - 1 - j]);
    }
  }
}

// A state that is not finite must come back as one, and in finite time.
TEST(PlanarField, NotFiniteStatesAreNoticed) {
  PlaneState w = random_state(100, 2, 8);
  w.b(17, 0) = std::numeric_limits<double>::quiet_NaN();
  w.b(18, 1) = std::numeric_limits<double>::infinity();
  const OnBackend<B> particles(backend(), w), none(backend(), PlaneState(0, 2));
  OnBackend<B> v(backend(), PlaneState(w.m, 2));
  backend().planar_field(moment, particles.state(), .01, none.state(), 0, v.state());
  EXPECT_FALSE(backend().all_finite(v.vector()));
}

#ifndef MCKEAN_TEST_CUDA
TEST(PlanarField, SameBitsForAnyNumberOfThreads) {
  const PlaneState w = random_state(50000, 2, 1), teacher = random_state(997, 2, 2);
  std::vector<std::vector<double>> results;
  for (const int threads : {1, 2, 3}) {
    const CpuBackend<double> some(threads);
    OnBackend<CpuBackend<double>> v(some, PlaneState(w.m, 2)), particles(some, w),
        atoms(some, teacher);
    const double energy =
        some.planar_field(moment, particles.state(), 2e-5, atoms.state(), -1. / 997, v.state());
    results.push_back(v.fetch());
    results.back().push_back(energy);
  }
  EXPECT_EQ(results[0], results[1]);
  EXPECT_EQ(results[0], results[2]);
}
#endif

}  // namespace
}  // namespace mckean
