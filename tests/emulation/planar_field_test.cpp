// The kernels of the plane over the block emulator, sorted by the standard library, against a
// double loop over pairs.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numbers>
#include <numeric>
#include <random>
#include <typeindex>

#include "emulation/emulated_executor.hpp"
#include "emulation/sync_audit.hpp"
#include "kernels/cuda/planar_field_sequence.cuh"
#include "reference/population.hpp"

namespace mckean::emulation {
namespace {

using reference::PlaneState;

class SortingExecutor : public EmulatedExecutor {
 public:
  using EmulatedExecutor::EmulatedExecutor;
  void sort_pairs(const std::uint64_t* keys_in, std::uint64_t* keys_out, const std::uint32_t* in,
                  std::uint32_t* out, std::size_t count) {
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](auto i, auto j) { return keys_in[i] < keys_in[j]; });
    for (std::size_t i = 0; i < count; ++i) {
      keys_out[i] = keys_in[order[i]];
      out[i] = in[order[i]];
    }
  }
};

PlaneState random_state(std::size_t m, unsigned seed) {
  std::mt19937_64 engine(seed);
  std::uniform_real_distribution<double> value(-2, 2);
  PlaneState state(m, 2);
  for (double& x : state.values) x = value(engine);
  return state;
}

/// Within 100 eps of the total mass times the particle's own |b| or |a|, as derived in
/// backend/planar_field_test.cpp.
bool field_is_right(const PlaneState& w, const PlaneState& teacher, SortingExecutor executor) {
  const double moment = .5, weight = 1 / static_cast<double>(w.m);
  const double teacher_weight = teacher.m == 0 ? 0 : -1 / static_cast<double>(teacher.m);
  const PairKernel kernel{PairKernelKind::arc_cosine, moment};
  PlaneState v = random_state(w.m, 7);
  const double energy =
      cuda::planar_field(executor, moment, {w.values.data(), w.m, 2}, weight,
                         {teacher.values.data(), teacher.m, 2}, teacher_weight, v.values.data());
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
      const SortingExecutor executor(orders[next++ % orders.size()]);
      EXPECT_TRUE(field_is_right(random_state(m, 1), random_state(atoms, 2), executor))
          << m << " " << atoms;
    }
  }
}

TEST(EmulatedPlanarField, TiesOppositesAndZeros) {
  PlaneState w = random_state(64, 6);
  const double corners[][2] = {{1, 0},    {-1, 0}, {0, 1}, {0, -1},
                               {-1, -0.}, {0, 0},  {1, 1}, {-1, -1}};
  for (std::size_t j = 0; j < 32; ++j) {
    w.b(j, 0) = corners[j % 8][0];
    w.b(j, 1) = corners[j % 8][1];
  }
  for (const Order order : orders) EXPECT_TRUE(field_is_right(w, w, SortingExecutor(order)));
}

TEST(EmulatedPlanarField, NotFiniteStatesAreNoticed) {
  PlaneState w = random_state(300, 8), v(300, 2);
  w.b(17, 0) = std::numeric_limits<double>::quiet_NaN();
  w.b(18, 1) = std::numeric_limits<double>::infinity();
  SortingExecutor executor(Order::ascending);
  const double energy = cuda::planar_field(executor, .5, {w.values.data(), w.m, 2}, .1,
                                           {nullptr, 0, 2}, 0, v.values.data());
  EXPECT_TRUE(std::isnan(energy));
}

TEST(EmulatedPlanarField, EveryBarrierIsNeeded) {
  const PlaneState w = random_state(300, 1), teacher = random_state(33, 2);
  for (const std::type_index kernel : {std::type_index(typeid(cuda::PlanarScanArgs)),
                                       std::type_index(typeid(cuda::PlanarPotentialArgs))}) {
    const SyncAudit found = audit_barriers(
        [&](Order order) { return field_is_right(w, teacher, SortingExecutor(order, kernel)); });
    EXPECT_TRUE(found.right());
    EXPECT_TRUE(found.unnoticed.empty()) << found.unnoticed.front();
  }
}

}  // namespace
}  // namespace mckean::emulation
