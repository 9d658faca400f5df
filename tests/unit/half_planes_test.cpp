// The field on samples of the line and the plane by half-planes, against naive loops; exact signs
// where particles are normal to samples; the same bits for any number of threads.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "backend/on_backend.hpp"
#include "kernels/cpu/cpu_backend.hpp"
#include "reference/sampled_field.hpp"

namespace mckean {
namespace {

using reference::PlaneState;
using reference::ReferenceActivation;
using reference::SampleSet;

struct Field {
  std::vector<double> f, v;
  double risk = 0;
  bool operator==(const Field&) const = default;
};

Samples<double, Space::host> view(const SampleSet& data) {
  return {{data.x.data(), data.x.size()}, {data.y.data(), data.n}, data.n, data.d};
}

Field evaluate(const PiecewiseLinear& linear, const PlaneState& w, const SampleSet& data,
               double scale, int threads) {
  const CpuBackend<double> backend(threads);
  const auto planes = backend.arrange(linear, view(data));
  Field out{std::vector<double>(data.n), std::vector<double>(w.values.size()), 0};
  const Particles<const double, Space::host> particles{
      {w.values.data(), w.values.size()}, w.m, w.d};
  backend.predict(*planes, linear, particles, scale, {out.f.data(), data.n});
  backend.sampled_field(*planes, linear, particles, scale, {data.y.data(), data.n},
                        {{out.v.data(), out.v.size()}, w.m, w.d}, {&out.risk, 1});
  return out;
}

PiecewiseLinear linear_of(const ReferenceActivation& activation) {
  return find_activation(activation.name)->linear;
}

/// Those that arrange() has a way with.
std::vector<ReferenceActivation> activations() {
  std::vector<ReferenceActivation> found;
  for (const ReferenceActivation& activation : reference::all_activations()) {
    if (activation.jump > 0 && activation.offset == 0) found.push_back(activation);
  }
  return found;
}

TEST(HalfPlanes, MatchNaiveLoops) {
  ASSERT_GE(activations().size(), 3u);
  for (const ReferenceActivation& activation : activations()) {
    for (const std::size_t d : {1, 2}) {
      for (const std::size_t m : {1, 2, 40, 1000}) {
        for (const std::size_t n : {1, 2, 3, 77, 600}) {
          SCOPED_TRACE(activation.name + " d " + std::to_string(d) + " m " + std::to_string(m) +
                       " n " + std::to_string(n));
          const PlaneState w = test::random_state(m, d, 1);
          const SampleSet data{n, d, test::random_values(n * d, 2), test::random_values(n, 3)};
          const double scale = 1 / static_cast<double>(m);
          const reference::SampledField expected = reference::sampled_field(
              activation, w, scale, data, std::numeric_limits<double>::epsilon() / 2, 512);
          const Field field = evaluate(linear_of(activation), w, data, scale, 1);
          for (std::size_t i = 0; i < n; ++i) {
            ASSERT_NEAR(field.f[i], expected.f[i], expected.f_bound[i]);
          }
          for (std::size_t i = 0; i < field.v.size(); ++i) {
            ASSERT_NEAR(field.v[i], expected.v.values[i], expected.v_bound.values[i]);
          }
          EXPECT_NEAR(field.risk, expected.mean_square, expected.mean_square_bound);
          EXPECT_EQ(field, evaluate(linear_of(activation), w, data, scale, 3));
        }
      }
    }
  }
}

// On a grid of whole numbers all products are exact, most angles are met several times, and many
// particles are normal to a sample, at which relu' = 0; samples and particles at 0 as well.
TEST(HalfPlanes, SignsAreExact) {
  std::mt19937 random(7);
  std::uniform_int_distribution<int> whole(-3, 3);
  const std::size_t m = 300, n = 200;
  PlaneState w(m, 2);
  SampleSet data{n, 2, std::vector<double>(2 * n), std::vector<double>(n)};
  for (double& value : w.values) value = whole(random);
  for (double& value : data.x) value = whole(random);
  for (double& value : data.y) value = whole(random);
  for (const double stretch : {1.0, 0x1p-600, 0x1p+500}) {
    PlaneState far = w;
    for (std::size_t j = 0; j < m; ++j) {
      far.b(j, 0) *= stretch;
      far.b(j, 1) *= stretch;
      far.a(j) /= stretch;
    }
    std::vector<double> f(n), gb(2 * m), ga(m);
    for (std::size_t i = 0; i < n; ++i) {
      const double x = data.x[2 * i], y = data.x[2 * i + 1];
      for (std::size_t j = 0; j < m; ++j) {
        f[i] += w.a(j) * std::max(w.b(j, 0) * x + w.b(j, 1) * y, 0.0);
      }
      for (std::size_t j = 0; j < m; ++j) {
        if (w.b(j, 0) * x + w.b(j, 1) * y <= 0) continue;
        gb[j] += (f[i] - data.y[i]) * x;
        gb[m + j] += (f[i] - data.y[i]) * y;
      }
    }
    const Field field = evaluate({}, far, data, 1, 2);
    for (std::size_t i = 0; i < n; ++i) EXPECT_EQ(field.f[i], f[i]);
    for (std::size_t j = 0; j < m; ++j) {
      const double by_n = 1 / static_cast<double>(n);
      EXPECT_NEAR(field.v[m + j] * stretch, w.a(j) * gb[j] * by_n,
                  1e-14 * std::fabs(w.a(j) * gb[j]));
      EXPECT_NEAR(field.v[2 * m + j] * stretch, w.a(j) * gb[m + j] * by_n,
                  1e-14 * std::fabs(w.a(j) * gb[m + j]));
    }
  }
}

TEST(HalfPlanes, WhatIsNotANumberShows) {
  PlaneState w = test::random_state(50, 2, 1);
  const SampleSet data{5, 2, test::random_values(10, 2), test::random_values(5, 3)};
  for (const double strange :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    w.b(17, 1) = strange;
    const Field field = evaluate({}, w, data, 1, 1);
    for (const double f : field.f) EXPECT_TRUE(std::isnan(f));
    EXPECT_TRUE(std::isnan(field.risk));
  }
}

TEST(HalfPlanes, AreForThePlaneAndNoOffset) {
  const SampleSet plane{2, 2, {1, 0, 0, 1}, {0, 0}}, space{1, 3, {1, 0, 0}, {0}};
  const CpuBackend<double> backend(1);
  EXPECT_NE(backend.arrange({}, view(plane)), nullptr);
  EXPECT_EQ(backend.arrange({}, view(space)), nullptr);
  EXPECT_EQ(backend.arrange({0, 1, .5}, view(plane)), nullptr);
}

}  // namespace
}  // namespace mckean
