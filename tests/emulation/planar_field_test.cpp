// The kernels of the plane over the block emulator, sorted by the standard library, against a
// double loop over pairs.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <typeindex>

#include "emulation/emulated_executor.hpp"
#include "emulation/sync_audit.hpp"
#include "kernels/cuda/planar_field_operation.cuh"
#include "reference/population.hpp"

namespace mckean::emulation {
namespace {

using reference::PlaneState;
using reference::random_state;

WeightedParticles<Space::device> weighted(const PlaneState& w, double weight) {
  return {{{w.values.data(), w.values.size()}, w.m, 2}, weight};
}

/// Within 100 eps of the total mass times the particle's own |b| or |a|, as derived in
/// backend/planar_field_test.cpp.
bool field_is_right(const PlaneState& w, const PlaneState& teacher, EmulatedExecutor executor) {
  const double moment = .5, weight = 1 / static_cast<double>(w.m);
  const double teacher_weight = teacher.m == 0 ? 0 : -1 / static_cast<double>(teacher.m);
  const PairKernel kernel{PairKernelKind::arc_cosine, moment};
  PlaneState v = random_state(w.m, 2, 7);
  double energy = NAN;
  cuda::planar_field(executor, moment, weighted(w, weight), weighted(teacher, teacher_weight),
                     {{v.values.data(), v.values.size()}, v.m, 2}, {&energy, 1});
  const auto own = reference::pairwise_field(kernel, w, w),
             other = reference::pairwise_field(kernel, w, teacher);
  double mass = 0;
  for (std::size_t j = 0; j < w.m; ++j) mass += std::abs(weight * w.a(j)) * w.norm(j);
  for (std::size_t l = 0; l < teacher.m; ++l)
    mass += std::abs(teacher_weight * teacher.a(l)) * teacher.norm(l);
  const double unit = 100 * std::numeric_limits<double>::epsilon() * moment / 2 * mass;
  bool right = true;
  for (std::size_t i = 0; i < v.values.size(); ++i) {
    const double expected = weight * own.field.values[i] + teacher_weight * other.field.values[i];
    const std::size_t j = i % w.m;
    const double scale = i < w.m ? w.norm(j) : std::abs(w.a(j));
    right &= std::abs(v.values[i] - expected) <= unit * (scale + .01);
  }
  const double exact =
      weight * weight * reference::pairwise_energy(kernel, w, w) +
      2 * weight * teacher_weight * reference::pairwise_energy(kernel, w, teacher) +
      teacher_weight * teacher_weight * reference::pairwise_energy(kernel, teacher, teacher);
  return right && std::abs(energy - exact) <= unit * mass;
}

TEST(EmulatedPlanarField, MatchesTheDoubleLoop) {
  std::size_t next = 0;
  for (const std::size_t m : {1, 31, 257, 300}) {
    for (const std::size_t atoms : {0, 1, 33, 300}) {
      const EmulatedExecutor executor(orders[next++ % orders.size()]);
      EXPECT_TRUE(field_is_right(random_state(m, 2, 1), random_state(atoms, 2, 2), executor))
          << m << " " << atoms;
    }
  }
}

TEST(EmulatedPlanarField, TiesOppositesAndZeros) {
  PlaneState w = random_state(64, 2, 6);
  const double corners[][2] = {{1, 0},    {-1, 0}, {0, 1}, {0, -1},
                               {-1, -0.}, {0, 0},  {1, 1}, {-1, -1}};
  for (std::size_t j = 0; j < 32; ++j) {
    w.b(j, 0) = corners[j % 8][0];
    w.b(j, 1) = corners[j % 8][1];
  }
  for (const Order order : orders) EXPECT_TRUE(field_is_right(w, w, EmulatedExecutor(order)));
}

TEST(EmulatedPlanarField, NotFiniteStatesAreNoticed) {
  PlaneState w = random_state(300, 2, 8), v(300, 2);
  w.b(17, 0) = std::numeric_limits<double>::quiet_NaN();
  w.b(18, 1) = std::numeric_limits<double>::infinity();
  EmulatedExecutor executor(Order::ascending);
  double energy = 0;
  cuda::planar_field(executor, .5, weighted(w, .1), weighted(PlaneState(0, 2), 0),
                     {{v.values.data(), v.values.size()}, v.m, 2}, {&energy, 1});
  EXPECT_TRUE(std::isnan(energy));
}

// Stages of a step want the velocity alone.
TEST(EmulatedPlanarField, WritesNoEnergyWhereThereIsNoSlot) {
  const PlaneState w = random_state(300, 2, 1), teacher = random_state(33, 2, 2);
  PlaneState with(300, 2), without(300, 2);
  double energy = 0;
  const auto run = [&](PlaneState& v, DeviceView<double> slot) {
    EmulatedExecutor executor(Order::shuffled);
    cuda::planar_field(executor, .5, weighted(w, .1), weighted(teacher, -.2),
                       {{v.values.data(), v.values.size()}, v.m, 2}, slot);
  };
  run(with, {&energy, 1});
  run(without, {});
  EXPECT_EQ(without.values, with.values);
  EmulatedExecutor executor(Order::shuffled);
  PlaneState none(0, 2);
  cuda::planar_field(executor, .5, weighted(none, 0), weighted(none, 0), {{}, 0, 2}, {});
}

TEST(EmulatedPlanarField, EveryBarrierIsNeeded) {
  const PlaneState w = random_state(300, 2, 1), teacher = random_state(33, 2, 2);
  for (const std::type_index kernel : {std::type_index(typeid(cuda::PlanarScanArgs)),
                                       std::type_index(typeid(cuda::PlanarPotentialArgs))}) {
    const SyncAudit found = audit_barriers(
        [&](Order order) { return field_is_right(w, teacher, EmulatedExecutor(order, kernel)); });
    EXPECT_TRUE(found.right());
    EXPECT_TRUE(found.unnoticed.empty()) << found.unnoticed.front();
  }
}

}  // namespace
}  // namespace mckean::emulation
