// The operations of flows with kinks, project_out, place and settle, against naive loops over sizes
// and settings.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "backend/on_backend.hpp"
#include "backend/test_backend.hpp"
#include "reference/held.hpp"
#include "reference/state.hpp"

namespace mckean {
namespace {

using reference::HeldSet;
using reference::PlaneState;
using test::all_specs;
using test::for_each_size;
using test::many;
using test::OnBackend;
using test::random_state;

constexpr double eps = std::numeric_limits<double>::epsilon();

template <class B>
const B& shared() {
  static const B instance{};
  return instance;
}

template <class B, class T>
Buffer<T, B::space> upload(const B& backend, const std::vector<T>& values) {
  auto buffer = backend.template allocate<T>(values.size());
  backend.template copy<T>(HostView<const T>(values.data(), values.size()), buffer.view());
  return buffer;
}

/// A HeldSet in the memory of a back end.
template <class B>
struct HeldOn {
  Buffer<std::uint64_t, B::space> particle, begin;
  Buffer<double, B::space> rows, level;

  HeldOn(const B& backend, const HeldSet& held)
      : particle(upload(backend, held.particle)),
        begin(upload(backend, held.begin)),
        rows(upload(backend, held.rows)),
        level(upload(backend, held.level)) {}
  HeldView<B::space> view() const {
    return {particle.view(), begin.view(), rows.view(), level.view()};
  }
};

template <class B>
PlaneState project_out(const B& backend, const HeldSet& held, const PlaneState& w,
                       const PlaneState& v) {
  const HeldOn<B> on_held(backend, held);
  const OnBackend<B> on_w(backend, w);
  OnBackend<B> on_v(backend, v);
  backend.project_out(on_held.view(), on_w.state(), on_v.state());
  return on_v.fetch_state();
}

template <class B>
PlaneState place(const B& backend, const HeldSet& held, const PlaneState& w) {
  const HeldOn<B> on_held(backend, held);
  OnBackend<B> on_w(backend, w);
  backend.place(on_held.view(), on_w.state());
  return on_w.fetch_state();
}

struct Settled {
  PlaneState after;
  double moved;
};

template <class B>
Settled settle(const B& backend, const FieldSpec& spec, double h, const PlaneState& before,
               const PlaneState& drift, const PlaneState& after) {
  const OnBackend<B> on_before(backend, before), on_drift(backend, drift);
  OnBackend<B> on_after(backend, after);
  const double moved = test::scalar(backend, [&](auto slot) {
    backend.settle(spec, h, on_before.state(), on_drift.state(), on_after.state(), slot);
  });
  return {on_after.fetch_state(), moved};
}

/// Field precision does not touch these operations: both back ends have them.
template <class Real>
class Kinks : public ::testing::Test {};
using Precisions = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Kinks, Precisions);

// A product of d terms and a subtraction for each of up to three directions, on |v_b| <= 2 sqrt d.
TYPED_TEST(Kinks, ProjectOutMatchesNaiveSums) {
  using B = TestBackend<TypeParam>;
  for_each_size([](std::size_t m, std::size_t d) {
    const HeldSet held = reference::random_held(m, d, 31 * m + d);
    const PlaneState v = random_state(m, d, 4);
    PlaneState expected = v;
    for (std::size_t i = 0; i < held.particle.size(); ++i)
      reference::project_out(held.directions[i], held.particle[i], expected);
    const PlaneState result = project_out(shared<B>(), held, random_state(m, d, 5), v);
    const double bound =
        static_cast<double>(6 * d + 12) * eps * 2 * std::sqrt(static_cast<double>(d));
    for (std::size_t i = 0; i < v.values.size(); ++i) {
      ASSERT_NEAR(result.values[i], expected.values[i], bound);
      if (expected.values[i] == v.values[i]) {
        ASSERT_EQ(result.values[i], v.values[i]);
      }
    }
    for (std::size_t i = 0; i < held.particle.size(); ++i) {
      for (const auto& q : held.directions[i]) {
        double along = 0;
        for (std::size_t k = 0; k < d; ++k) along += q[k] * result.b(held.particle[i], k);
        ASSERT_NEAR(along, 0, bound);
      }
    }
  });
}

TYPED_TEST(Kinks, NothingHeldChangesNothing) {
  using B = TestBackend<TypeParam>;
  const PlaneState v = random_state(50, 3, 4);
  EXPECT_EQ(project_out(shared<B>(), {}, v, v).values, v.values);
  EXPECT_EQ(place(shared<B>(), {}, v).values, v.values);
}

// On curves b loses one direction more, and its length is 1: what is left of it after the planes
// has a square of at least 1/4, since three levels are below 1/2 each.
TYPED_TEST(Kinks, CurvesMatchNaiveSums) {
  using B = TestBackend<TypeParam>;
  for_each_size([](std::size_t m, std::size_t d) {
    if (d == 1) return;
    const HeldSet held = reference::random_held(m, d, 31 * m + d, true);
    const PlaneState w = random_state(m, d, 5);
    const double bound =
        static_cast<double>(12 * d + 24) * eps * 2 * std::sqrt(static_cast<double>(d));
    PlaneState expected = w;
    for (std::size_t i = 0; i < held.particle.size(); ++i)
      reference::place(held.directions[i], reference::levels_of(held, i), held.particle[i],
                       expected);
    const PlaneState placed = place(shared<B>(), held, w);
    for (std::size_t i = 0; i < held.particle.size(); ++i) {
      const std::size_t j = held.particle[i];
      // The direction of what is left of b is as good as its length allows.
      double left = 0;
      const std::vector<double> p = reference::left_of_b(held.directions[i], j, w);
      for (std::size_t k = 0; k < d; ++k) left += p[k] * w.b(j, k);
      const double bound_j = bound * (1 + w.norm(j) / left);
      for (std::size_t k = 0; k < d; ++k) ASSERT_NEAR(placed.b(j, k), expected.b(j, k), bound_j);
      ASSERT_NEAR(placed.norm(j), 1, bound_j);
    }
    const PlaneState v = random_state(m, d, 4);
    PlaneState without = v;
    for (std::size_t i = 0; i < held.particle.size(); ++i) {
      auto directions = held.directions[i];
      directions.push_back(reference::left_of_b(held.directions[i], held.particle[i], placed));
      reference::project_out(directions, held.particle[i], without);
    }
    const PlaneState result = project_out(shared<B>(), held, placed, v);
    for (std::size_t i = 0; i < v.values.size(); ++i)
      ASSERT_NEAR(result.values[i], without.values[i], 8 * bound);
  });
}

// Which particles settle is a decision on numbers without ties; the sum has terms below 4 (1 + d).
TYPED_TEST(Kinks, SettleMatchesTheDefinition) {
  using B = TestBackend<TypeParam>;
  std::size_t amplitudes = 0, directions = 0;
  for_each_size([&](std::size_t m, std::size_t d) {
    if (m * d > 50000) return;
    const PlaneState before = random_state(m, d, 5);
    PlaneState after = random_state(m, d, 6), drift = random_state(m, d, 7);
    after.a(m / 2) = 0;
    // Small directions and drifts, so that some particles are within reach of 0.
    for (std::size_t j = 0; j < m; j += 3) {
      for (std::size_t k = 0; k < d; ++k) {
        after.b(j, k) *= .1;
        drift.b(j, k) = -3 * after.b(j, k) + .01 * drift.b(j, k);
      }
    }
    for (std::size_t k = 0; k < d && m > 2; ++k) after.b(m / 3, k) = 0;
    for (FieldSpec spec : all_specs()) {
      if (spec.regularizer != Regularizer::path) continue;
      PlaneState expected = after;
      const double moved = reference::settle(spec, .4, before, drift, expected);
      const Settled result = settle(shared<B>(), spec, .4, before, drift, after);
      ASSERT_EQ(result.after.values, expected.values) << m << " " << d;
      ASSERT_NEAR(result.moved, moved, static_cast<double>(m + d) * eps * moved);
      for (std::size_t j = 0; j < m; ++j) {
        amplitudes += expected.a(j) == 0 && after.a(j) != 0;
        directions += expected.norm(j) == 0 && after.norm(j) != 0;
      }
    }
  });
  EXPECT_GT(amplitudes, many / 10);
  EXPECT_GT(directions, many / 10);
}

TYPED_TEST(Kinks, WhatRestsAtZeroIsKept) {
  using B = TestBackend<TypeParam>;
  const B& backend = shared<B>();
  for_each_size([&](std::size_t m, std::size_t d) {
    PlaneState w = random_state(m, d, 4), drift = random_state(m, d, 5), v = random_state(m, d, 6);
    PlaneState expected = v;
    for (std::size_t i = 0; i < v.values.size(); ++i) {
      if (i % 2 == 0) w.values[i] = 0;
      if (i % 3 == 0) drift.values[i] = i % 4 == 0 ? 0. : -0.;
      if (i % 6 == 0) expected.values[i] = 0;
    }
    const OnBackend<B> on_w(backend, w), on_drift(backend, drift);
    OnBackend<B> on_v(backend, v);
    backend.clear_resting(on_w.vector(), on_drift.vector(), on_v.vector());
    ASSERT_EQ(on_v.fetch(), expected.values);
  });
}

#ifdef MCKEAN_TEST_CPU
TEST(KinksOfThreads, SameBitsAtAnyThreadCount) {
  using B = TestBackend<double>;
  const std::size_t m = many, d = 5;
  const PlaneState before = random_state(m, d, 5), drift = random_state(m, d, 7),
                   after = random_state(m, d, 6);
  const HeldSet held = reference::random_held(m, d, 9);
  FieldSpec spec;
  spec.regularizer = Regularizer::path;
  spec.lambda = .7;
  const Settled one = settle(B(1), spec, .4, before, drift, after);
  EXPECT_NE(one.after.values, after.values);
  const PlaneState projected = project_out(B(1), held, before, drift);
  for (const int threads : {2, 3, 7}) {
    const Settled other = settle(B(threads), spec, .4, before, drift, after);
    EXPECT_EQ(other.after.values, one.after.values);
    EXPECT_EQ(other.moved, one.moved);
    EXPECT_EQ(project_out(B(threads), held, before, drift).values, projected.values);
  }
}
#endif

}  // namespace
}  // namespace mckean
