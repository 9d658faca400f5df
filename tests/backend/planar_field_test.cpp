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
  const double energy = test::scalar(backend(), [&](auto slot) {
    backend().planar_field(moment, {particles.state(), weight}, {atoms.state(), teacher_weight},
                           v.state(), slot);
  });
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

// More atoms than a thread takes at a time, against the pairwise field and energy, which have a
// test of their own. Each of the two is off by at most 300 eps of the mass, as above.
TEST(PlanarField, MatchesThePairwiseFieldOfManyParticles) {
  PlaneState w = random_state(10007, 2, 1);
  const PlaneState teacher = random_state(5003, 2, 2);
  for (std::size_t j = 0; j < 3000;
       ++j) {  // a third of the particles in a thousandth of the circle
    w.b(j, 0) = -3 - std::abs(w.b(j, 0));
    w.b(j, 1) *= 1e-3;
  }
  const double weight = 1. / 10007, teacher_weight = -1. / 5003;
  const OnBackend<B> particles(backend(), w), atoms(backend(), teacher);
  OnBackend<B> v(backend(), w), expected(backend(), PlaneState(w.m, 2));
  const double energy = test::scalar(backend(), [&](auto slot) {
    backend().planar_field(moment, {particles.state(), weight}, {atoms.state(), teacher_weight},
                           v.state(), slot);
  });
  backend().add_pairwise_field(kernel, particles.state(), particles.state(), weight,
                               expected.state());
  backend().add_pairwise_field(kernel, particles.state(), atoms.state(), teacher_weight,
                               expected.state());
  const auto pairs = [&](const OnBackend<B>& left, const OnBackend<B>& right) {
    return test::scalar(backend(), [&](auto slot) {
      backend().pairwise_energy(kernel, left.state(), right.state(), slot);
    });
  };
  double mass = 0;
  for (std::size_t j = 0; j < w.m; ++j) mass += weight * std::abs(w.a(j)) * w.norm(j);
  for (std::size_t l = 0; l < teacher.m; ++l)
    mass += std::abs(teacher_weight * teacher.a(l)) * teacher.norm(l);
  const double unit = 600 * std::numeric_limits<double>::epsilon() * moment / 2 * mass;
  EXPECT_NEAR(energy,
              weight * weight * pairs(particles, particles) +
                  2 * weight * teacher_weight * pairs(particles, atoms) +
                  teacher_weight * teacher_weight * pairs(atoms, atoms),
              unit * mass);
  const PlaneState got = v.fetch_state(), want = expected.fetch_state();
  for (std::size_t j = 0; j < w.m; ++j) {
    ASSERT_NEAR(got.a(j), want.a(j), unit * w.norm(j)) << j;
    for (std::size_t k = 0; k < 2; ++k)
      ASSERT_NEAR(got.b(j, k), want.b(j, k), unit * std::abs(w.a(j))) << j;
  }
}

// Late in a flow: particles and teacher interleave, the energy is 1e-11, and a
// difference of three sums over pairs would have lost it. Interleaved signs keep prefix sums below
// pi of one atom's mass 1/m, rounded 256 times in a tile and a few times after; three arcs of
// reach 2 pi: eps/2 * 256 * pi * 3 * 2 pi/m * moment/(2 pi) * mass, and the rounding of the angles.
TEST(PlanarField, EnergyNearTheTeacherKeepsItsDigits) {
  const std::size_t m = 307, atoms = 211;
  PlaneState w(m, 2), teacher(atoms, 2), both(m + atoms, 2);
  const auto place = [](PlaneState& state, std::size_t j, double amplitude, double angle) {
    state.a(j) = amplitude;
    state.b(j, 0) = std::cos(angle);
    state.b(j, 1) = std::sin(angle);
  };
  const double weight = 1. / static_cast<double>(m), teacher_weight = -1. / atoms;
  for (std::size_t i = 0; i < m + atoms; ++i) {
    const bool own = i < m;
    const double turn = own ? (static_cast<double>(i) + .5) * weight
                            : (static_cast<double>(i - m) + .25) * -teacher_weight;
    place(own ? w : teacher, own ? i : i - m, 1, 2 * pi * turn - pi);
    place(both, i, own ? weight : teacher_weight, 2 * pi * turn - pi);
  }
  const OnBackend<B> particles(backend(), w), on_teacher(backend(), teacher);
  OnBackend<B> v(backend(), w);
  const double energy = test::scalar(backend(), [&](auto slot) {
    backend().planar_field(moment, {particles.state(), weight},
                           {on_teacher.state(), teacher_weight}, v.state(), slot);
  });
  const double expected = reference::pairwise_energy(kernel, both, both);
  const double bound =
      std::numeric_limits<double>::epsilon() / 2 * 256 * pi * 3 * weight * moment * 2;
  EXPECT_GT(expected, 1e-12);
  EXPECT_LT(expected, 1e-10);
  EXPECT_NEAR(energy, expected, bound);
  EXPECT_LT(bound, 1e-3 * expected);
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
    backend().planar_field(moment, {particles.state(), 1. / 777}, {none.state(), 0}, v.state(), {});
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
  backend().planar_field(moment, {particles.state(), .01}, {none.state(), 0}, v.state(), {});
  EXPECT_FALSE(test::all_finite(backend(), std::as_const(v).vector()));
}

#ifdef MCKEAN_TEST_CPU
TEST(PlanarField, SameBitsForAnyNumberOfThreads) {
  const PlaneState w = random_state(50000, 2, 1), teacher = random_state(997, 2, 2);
  std::vector<std::vector<double>> results;
  for (const int threads : {1, 2, 3}) {
    const CpuBackend<double> some(threads);
    OnBackend<CpuBackend<double>> v(some, PlaneState(w.m, 2)), particles(some, w),
        atoms(some, teacher);
    const double energy = test::scalar(some, [&](auto slot) {
      some.planar_field(moment, {particles.state(), 2e-5}, {atoms.state(), -1. / 997}, v.state(),
                        slot);
    });
    results.push_back(v.fetch());
    results.back().push_back(energy);
  }
  EXPECT_EQ(results[0], results[1]);
  EXPECT_EQ(results[0], results[2]);
}
#endif

}  // namespace
}  // namespace mckean
