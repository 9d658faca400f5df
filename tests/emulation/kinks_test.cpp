// The kernels of flows with kinks over the block emulator against naive loops.
#include <gtest/gtest.h>

#include "emulation/random_state.hpp"
#include "kernels/cuda/reductions_kernels.cuh"
#include "kernels/cuda/state_kernels.cuh"
#include "reference/held.hpp"
#include "reference/state.hpp"

namespace mckean::emulation {
namespace {

using reference::PlaneState;

HeldView<Space::device> on_device(const reference::HeldSet& held) {
  return {{held.particle.data(), held.particle.size()},
          {held.begin.data(), held.begin.size()},
          {held.rows.data(), held.rows.size()},
          {held.level.data(), held.level.size()}};
}

// One thread for each held particle: 128 of them are a block.
TEST(EmulatedKinks, HeldDirectionsAreTakenOut) {
  for (const Order order : orders) {
    for (const std::size_t m : {1, 31, 130, 900}) {
      for (const std::size_t d : {1, 2, 17}) {
        const auto held = reference::random_held(m, d, 31 * m + d);
        PlaneState v = random_state(m, d, 2), expected = v;
        for (std::size_t i = 0; i < held.particle.size(); ++i)
          reference::project_out(held.directions[i], held.particle[i], expected);
        run(order, held.particle.size(),
            cuda::ProjectArgs{on_device(held), nullptr, v.values.data(), m, d});
        for (std::size_t i = 0; i < v.values.size(); ++i)
          ASSERT_NEAR(v.values[i], expected.values[i], static_cast<double>(6 * d + 12) * 10 * eps);
      }
    }
  }
}

TEST(EmulatedKinks, CurvesMatchNaiveSums) {
  for (const Order order : orders) {
    for (const std::size_t m : {1, 130, 900}) {
      for (const std::size_t d : {2, 17}) {
        const auto held = reference::random_held(m, d, 31 * m + d, true);
        PlaneState w = random_state(m, d, 3), v = random_state(m, d, 2);
        PlaneState placed = w, expected = v;
        for (std::size_t i = 0; i < held.particle.size(); ++i) {
          auto directions = held.directions[i];
          const std::size_t j = held.particle[i];
          reference::place(directions, reference::levels_of(held, i), j, placed);
          directions.push_back(reference::left_of_b(directions, j, placed));
          reference::project_out(directions, j, expected);
        }
        run(order, held.particle.size(), cuda::PlaceArgs{on_device(held), w.values.data(), m, d});
        run(order, held.particle.size(),
            cuda::ProjectArgs{on_device(held), w.values.data(), v.values.data(), m, d});
        // |b|/|what the planes leave of it| is below 1e4 for these seeds.
        for (std::size_t i = 0; i < v.values.size(); ++i) {
          ASSERT_NEAR(w.values[i], placed.values[i], 1e-10);
          ASSERT_NEAR(v.values[i], expected.values[i], 1e-10);
        }
      }
    }
  }
}

TEST(EmulatedKinks, WhatRestsAtZeroIsKept) {
  for (const Order order : orders) {
    for (const std::size_t count : {1, 255, 257, 3000}) {
      std::vector<double> w(count, 1), drift(count, 1), v(count, 3);
      for (std::size_t i = 0; i < count; i += 2) w[i] = 0;
      for (std::size_t i = 0; i < count; i += 3) drift[i] = 0;
      run(order, count, cuda::ClearArgs{w.data(), drift.data(), v.data(), count});
      for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(v[i], i % 6 == 0 ? 0 : 3);
    }
  }
}

// The term writes its particle and nothing else, so that the order of threads is of no account.
TEST(EmulatedKinks, WhatSettlesIsThatOfTheDefinition) {
  std::size_t settled = 0;
  for (const Order order : orders) {
    for (const std::size_t m : {1, 33, 300, 4097}) {
      for (const std::size_t d : {1, 3}) {
        for (const Constraint constraint : {Constraint::none, Constraint::sphere}) {
          for (const Train train : {Train::both, Train::inner, Train::outer}) {
            const FieldSpec spec{Scaling::ntk, train, constraint, Regularizer::path, .7, 2, .5};
            const PlaneState before = random_state(m, d, 3);
            PlaneState drift = random_state(m, d, 4), after = random_state(m, d, 5);
            // The time scale of ntk makes drifts of v of order 1 as small.
            for (double& value : drift.values) value /= std::sqrt(static_cast<double>(m));
            PlaneState expected = after;
            const double moved = reference::settle(spec, .4, before, drift, expected);
            const cuda::SettleTerm term{{Motion(spec, m), .4},
                                        before.values.data(),
                                        drift.values.data(),
                                        after.values.data(),
                                        m,
                                        d};
            const unsigned blocks = cuda::reduction_blocks(m);
            std::vector<double> partial(blocks, NAN);
            double result = NAN;
            EmulatedExecutor executor(order);
            executor.run(blocks, 1,
                         cuda::PartialSumArgs<cuda::SettleTerm>{term, m, partial.data()});
            executor.run(1, 1, cuda::TotalSumArgs<1>{partial.data(), blocks, &result});
            ASSERT_EQ(after.values, expected.values);
            ASSERT_NEAR(result, moved, 40 * eps * (1 + moved));
            settled += moved > 0;
          }
        }
      }
    }
  }
  EXPECT_GT(settled, 20u);
}

// The kinks themselves: a = 0 and b = 0, where the velocity is the least of all.
TEST(EmulatedKinks, DriftAtKinks) {
  for (const Order order : orders) {
    const std::size_t m = 300, d = 3;
    const FieldSpec spec{
        Scaling::mean_field, Train::both, Constraint::none, Regularizer::path, .7, 2, .5};
    PlaneState w = random_state(m, d, 6), v = random_state(m, d, 7);
    for (std::size_t j = 0; j < m; ++j) {
      if (j % 3 == 0) w.a(j) = 0;
      for (std::size_t k = 0; j % 4 == 0 && k < d; ++k) w.b(j, k) = 0;
    }
    const PlaneState expected = reference::finish_drift(spec, w, v);
    run(order, m, cuda::DriftArgs{Motion(spec, m), w.values.data(), v.values.data(), m, d});
    std::size_t resting = 0;
    for (std::size_t i = 0; i < v.values.size(); ++i) {
      ASSERT_NEAR(v.values[i], expected.values[i], 100 * eps);
      resting += expected.values[i] == 0;
    }
    EXPECT_GT(resting, 20u);
  }
}

}  // namespace
}  // namespace mckean::emulation
