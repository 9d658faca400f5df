// The pairwise population kernels over the block emulator against a double loop over the
// definitions.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <typeindex>

#include "emulation/emulated_executor.hpp"
#include "emulation/sync_audit.hpp"
#include "kernels/cuda/pairwise_field_operation.cuh"
#include "reference/population.hpp"

namespace mckean::emulation {
namespace {

using reference::PlaneState;
using reference::random_state;

cuda::ParticlePlanes planes(const PlaneState& w) { return {w.values.data(), w.m, w.d}; }

/// Rounding of a pair (d products and about 40 operations) and of a sum over a tile.
template <class Real>
double gamma(std::size_t d) {
  return static_cast<double>(d + 60) * static_cast<double>(std::numeric_limits<Real>::epsilon());
}

template <PairKernelKind Kind, class Real>
bool field_is_right(const PlaneState& w, const PlaneState& atoms, EmulatedExecutor executor) {
  const double moment = .4, weight = -.6;
  const auto expected = reference::pairwise_field({Kind, moment}, w, atoms);
  const PlaneState before = random_state(w.m, w.d, 9);
  PlaneState v = before;
  cuda::add_pairwise_field<Kind, Real>(executor, moment, planes(w), planes(atoms), weight,
                                       v.values.data());
  for (std::size_t i = 0; i < v.values.size(); ++i) {
    const double exact = before.values[i] + weight * expected.field.values[i];
    const double bound = gamma<Real>(w.d) * .6 * expected.magnitude.values[i] + 1e-14;
    if (!(std::abs(v.values[i] - exact) <= bound)) return false;
  }
  return true;
}

template <PairKernelKind Kind, class Real>
void check_sizes() {
  std::size_t next = 0;
  const auto check = [&](std::size_t m, std::size_t atoms, std::size_t d) {
    const Order order = orders[next++ % orders.size()];
    EXPECT_TRUE((field_is_right<Kind, Real>(random_state(m, d, 1), random_state(atoms, d, 2),
                                            EmulatedExecutor(order))))
        << m << " " << atoms << " " << d;
  };
  for (const std::size_t m : {1, 31, 130}) {
    for (const std::size_t atoms : {1, 15, 16, 33}) {
      for (const std::size_t d : {1, 2, 3, 10}) check(m, atoms, d);
    }
  }
  check(33, 20, 16);
  check(33, 20, 17);
  check(20, 17, 65);
}

TEST(EmulatedPairwiseField, ArcCosine) {
  check_sizes<PairKernelKind::arc_cosine, float>();
  check_sizes<PairKernelKind::arc_cosine, double>();
}
TEST(EmulatedPairwiseField, Arcsine) {
  check_sizes<PairKernelKind::arcsine, float>();
  check_sizes<PairKernelKind::arcsine, double>();
}
TEST(EmulatedPairwiseField, Square) {
  check_sizes<PairKernelKind::square, float>();
  check_sizes<PairKernelKind::square, double>();
}

TEST(EmulatedPairwiseField, ZeroAndOppositeParticles) {
  PlaneState w = random_state(20, 3, 5);
  for (std::size_t k = 0; k < 3; ++k) {
    w.b(3, k) = 0;
    w.b(4, k) = -w.b(5, k);
  }
  EXPECT_TRUE((
      field_is_right<PairKernelKind::arc_cosine, double>(w, w, EmulatedExecutor(Order::shuffled))));
  EXPECT_TRUE(
      (field_is_right<PairKernelKind::arcsine, double>(w, w, EmulatedExecutor(Order::shuffled))));
}

template <PairKernelKind Kind>
bool energy_is_right(std::size_t m, std::size_t atoms, std::size_t d, EmulatedExecutor executor) {
  const PlaneState left = random_state(m, d, 1), right = random_state(atoms, d, 2);
  const double exact = reference::pairwise_energy({Kind, .4}, left, right);
  double size = 0;
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t l = 0; l < atoms; ++l) {
      const auto pair = reference::pair_value({Kind, .4}, reference::direction(left, i),
                                              reference::direction(right, l));
      size += static_cast<double>(std::abs(left.a(i) * right.a(l)) * pair.value_size);
    }
  }
  double got = NAN;
  cuda::pairwise_energy<Kind>(executor, .4, planes(left), planes(right), &got);
  return std::abs(got - exact) <= gamma<double>(d) * size;
}

TEST(EmulatedPairwiseField, Energy) {
  std::size_t next = 0;
  for (const std::size_t m : {1, 31, 300}) {
    for (const std::size_t d : {1, 2, 20}) {
      const EmulatedExecutor executor(orders[next++ % orders.size()]);
      EXPECT_TRUE(energy_is_right<PairKernelKind::arc_cosine>(m, 33, d, executor));
      EXPECT_TRUE(energy_is_right<PairKernelKind::arcsine>(m, 33, d, executor));
      EXPECT_TRUE(energy_is_right<PairKernelKind::square>(m, 33, d, executor));
    }
  }
}

TEST(EmulatedPairwiseField, EveryBarrierIsNeeded) {
  constexpr auto kind = PairKernelKind::arc_cosine;
  // Two slices and several tiles of atoms, so that every load meets an earlier one.
  const PlaneState w = random_state(130, 20, 1), atoms = random_state(40, 20, 2);
  const SyncAudit field = audit_barriers([&](Order order) {
    return field_is_right<kind, double>(
        w, atoms, EmulatedExecutor(order, typeid(cuda::PairwiseFieldArgs<kind, double>)));
  });
  EXPECT_TRUE(field.right());
  EXPECT_TRUE(field.unnoticed.empty()) << field.unnoticed.front();
  const SyncAudit energy = audit_barriers([&](Order order) {
    return energy_is_right<kind>(130, 40, 20,
                                 EmulatedExecutor(order, typeid(cuda::PairwiseEnergyArgs<kind>)));
  });
  EXPECT_TRUE(energy.right());
  EXPECT_TRUE(energy.unnoticed.empty()) << energy.unnoticed.front();
}

}  // namespace
}  // namespace mckean::emulation
