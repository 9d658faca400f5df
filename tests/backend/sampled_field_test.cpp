// Sampled velocity, prediction and mean square against naive loops over activations, precisions and
// sizes; the same bits for any number of threads; a user's own activation; mini-batches.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "backend/on_backend.hpp"
#include "backend/test_backend.hpp"
#include "mckean/formula/batch.hpp"
#include "reference/sampled_field.hpp"

namespace mckean {
namespace {

using reference::PlaneState;
using reference::ReferenceActivation;
using reference::SampleSet;
using test::OnBackend;

/// No back end adds more numbers than this in Real before it goes on in fp64.
constexpr double real_terms = 512;

template <class Real>
class SampledFieldTest : public ::testing::Test {};
using Precisions = ::testing::Types<float, double>;
TYPED_TEST_SUITE(SampledFieldTest, Precisions);

/// Particles with a mean, for the same reason as make_samples.
PlaneState make_particles(std::size_t m, std::size_t d, std::uint64_t seed) {
  PlaneState w = test::random_state(m, d, seed);
  for (std::size_t i = 0; i < w.values.size(); ++i) {
    w.values[i] = .5 * w.values[i] + (i < m ? .5 : 1 / std::sqrt(static_cast<double>(d)));
  }
  return w;
}

/// Samples and errors with a mean, so that sums are not much smaller than the sum of their terms.
template <class Real>
SampleSet make_samples(std::size_t n, std::size_t d, std::uint64_t seed) {
  SampleSet data{n, d, test::random_values(n * d, seed), test::random_values(n, seed + 1)};
  for (double& x : data.x) x = static_cast<Real>((x + .5) / std::sqrt(static_cast<double>(d)));
  for (double& y : data.y) y = .2 * y - 3;
  return data;
}

/// x and y in the memory and precision of a back end.
template <class B>
class SamplesOnBackend {
 public:
  using Real = typename B::Real;
  SamplesOnBackend(const B& backend, const SampleSet& data)
      : x_(backend.template allocate<Real>(data.n * data.d)),
        y_(backend, data.y),
        n_(data.n),
        d_(data.d) {
    const std::vector<Real> x(data.x.begin(), data.x.end());
    backend.template copy<Real>(HostView<const Real>(x.data(), x.size()), x_.view());
  }
  Samples<Real, B::space> view() const { return {x_.view(), y_.vector(), n_, d_}; }

 private:
  Buffer<Real, B::space> x_;
  const OnBackend<B> y_;
  std::size_t n_, d_;
};

struct Result {
  std::vector<double> f, v;
  double mean_square = 0;
  bool operator==(const Result&) const = default;
};

template <class B, class A>
Result evaluate(const B& backend, const A& activation, const PlaneState& w, double scale,
                const SampleSet& data) {
  const OnBackend<B> on_w(backend, w);
  OnBackend<B> on_v(backend, test::random_state(w.m, w.d, 99));  // must be overwritten
  OnBackend<B> on_f(backend, test::random_values(data.n, 98));
  const SamplesOnBackend<B> samples(backend, data);
  Result result;
  result.mean_square = test::scalar(backend, [&](auto slot) {
    backend.sampled_field(activation, on_w.state(), scale, samples.view(), on_v.state(), slot);
  });
  backend.predict(activation, on_w.state(), scale, samples.view(), on_f.vector());
  result.f = on_f.fetch();
  result.v = on_v.fetch();
  return result;
}

/// How many values lie outside their bounds.
std::size_t violations(const std::vector<double>& values, const std::vector<double>& expected,
                       const std::vector<double>& bound, double factor = 1) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!(std::fabs(factor * values[i] - expected[i]) <= bound[i])) ++count;
  }
  return count;
}

/// All values within their bounds, which are so narrow that of the values that are not zero a third
/// would lie outside if all were wrong by one part in a thousand.
void expect_within(const std::vector<double>& values, const std::vector<double>& expected,
                   const std::vector<double>& bound) {
  ASSERT_EQ(values.size(), expected.size());
  EXPECT_EQ(violations(values, expected, bound), 0u);
  const auto zeros = static_cast<std::size_t>(std::count(expected.begin(), expected.end(), 0.0));
  EXPECT_GE(3 * violations(values, expected, bound, 1.001), values.size() - zeros);
}

void expect_within(const Result& result, const reference::SampledField& expected) {
  expect_within(result.f, expected.f, expected.f_bound);
  expect_within(result.v, expected.v.values, expected.v_bound.values);
  expect_within({result.mean_square}, {expected.mean_square}, {expected.mean_square_bound});
}

template <class Real>
void compare(const ReferenceActivation& activation, std::size_t m, std::size_t n, std::size_t d) {
  SCOPED_TRACE(activation.name + " m " + std::to_string(m) + " n " + std::to_string(n) + " d " +
               std::to_string(d));
  const TestBackend<Real> backend{};
  const PlaneState w = make_particles(m, d, 4);
  const SampleSet data = make_samples<Real>(n, d, 2);
  const double scale = 1.5 / static_cast<double>(m);
  const double u = std::numeric_limits<Real>::epsilon() / 2;
  expect_within(evaluate(backend, find_activation(activation.name).value(), w, scale, data),
                reference::sampled_field(activation, w, scale, data, u, real_terms));
}

TYPED_TEST(SampledFieldTest, MatchesNaiveLoopsAtSmallSizes) {
  for (const ReferenceActivation& activation : reference::all_activations()) {
    for (const std::size_t m : {1, 31, 33, 67}) {
      for (const std::size_t n : {1, 2, 31, 33, 65}) {
        for (const std::size_t d : {1, 2, 3, 5, 17}) compare<TypeParam>(activation, m, n, d);
      }
    }
  }
}

TYPED_TEST(SampledFieldTest, MatchesNaiveLoopsInAnyDimension) {
  for (const ReferenceActivation& activation : reference::all_activations()) {
    for (const std::size_t d :
         {1, 2, 3, 4, 7, 8, 11, 12, 13, 15, 16, 17, 24, 25, 31, 32, 33, 64, 65, 300}) {
      compare<TypeParam>(activation, 33, 31, d);
    }
  }
}

TYPED_TEST(SampledFieldTest, MatchesNaiveLoopsAtManyPairs) {
  for (const ReferenceActivation& activation : reference::all_activations()) {
    compare<TypeParam>(activation, 1000, 997, 10);
  }
  for (const std::size_t d : {1, 2, 31, 65}) {
    compare<TypeParam>(reference::all_activations()[1], 1000, 997, d);
  }
  compare<TypeParam>(reference::all_activations()[0], 1, 100003, 2);
  compare<TypeParam>(reference::all_activations()[0], 100003, 3, 2);
}

// Rows that `gather_batch` takes are those of batch_index, and a step over them is one over a copy.
TYPED_TEST(SampledFieldTest, BatchesAreRowsOfTheData) {
  using B = TestBackend<TypeParam>;
  const B backend{};
  const std::size_t n = 997, d = 3;
  const SampleSet data = make_samples<TypeParam>(n, d, 3);
  const SamplesOnBackend<B> samples(backend, data);
  for (const std::size_t batch : {1, 33, 997}) {
    for (const bool replacement : {false, true}) {
      const BatchDraw draw{7, 5, replacement};
      auto x = backend.template allocate<TypeParam>(batch * d);
      OnBackend<B> y(backend, std::vector<double>(batch));
      backend.gather_batch(draw, samples.view(), x.view(), y.vector());
      std::vector<TypeParam> rows(batch * d);
      backend.template copy<TypeParam>(x.view(), HostView<TypeParam>(rows.data(), rows.size()));
      const std::vector<double> targets = y.fetch();
      for (std::size_t i = 0; i < batch; ++i) {
        const std::size_t row = batch_index(draw, i, batch, n);
        ASSERT_EQ(targets[i], data.y[row]);
        for (std::size_t k = 0; k < d; ++k) ASSERT_EQ(rows[i * d + k], data.x[row * d + k]);
      }
    }
  }
}

// A state that has left the numbers must show in f, or a run that diverged could go on.
TYPED_TEST(SampledFieldTest, WhatIsNotANumberShows) {
  const TestBackend<TypeParam> backend{};
  PlaneState w = make_particles(70, 3, 1);
  w.b(69, 1) = std::numeric_limits<double>::quiet_NaN();
  const SampleSet data = make_samples<TypeParam>(5, 3, 2);
  for (const ReferenceActivation& activation : reference::all_activations()) {
    SCOPED_TRACE(activation.name);
    const Result result = evaluate(backend, *find_activation(activation.name), w, 1, data);
    for (const double f : result.f) EXPECT_TRUE(std::isnan(f));
    EXPECT_TRUE(std::isnan(result.mean_square));
  }
}

TYPED_TEST(SampledFieldTest, IsTheSameEachTime) {
  const TestBackend<TypeParam> backend{};
  const PlaneState w = make_particles(1003, 7, 1);
  const SampleSet data = make_samples<TypeParam>(517, 7, 2);
  for (const char* name : {"relu", "tanh"}) {
    const AnyActivation activation = *find_activation(name);
    EXPECT_EQ(evaluate(backend, activation, w, 1e-3, data),
              evaluate(backend, activation, w, 1e-3, data));
  }
}

#ifdef MCKEAN_TEST_CPU

TYPED_TEST(SampledFieldTest, IsTheSameForAnyNumberOfThreads) {
  struct Size {
    std::size_t m, n, d;
  };
  for (const Size& size : {Size{1003, 517, 7}, {20011, 301, 3}, {40, 9001, 2}, {257, 129, 65}}) {
    const PlaneState w = make_particles(size.m, size.d, 1);
    const SampleSet data = make_samples<TypeParam>(size.n, size.d, 2);
    for (const char* name : {"relu", "relu:0.25", "abs", "tanh"}) {
      const AnyActivation activation = *find_activation(name);
      const Result one = evaluate(CpuBackend<TypeParam>(1), activation, w, 1e-3, data);
      for (const int threads : {2, 3}) {
        EXPECT_EQ(one, evaluate(CpuBackend<TypeParam>(threads), activation, w, 1e-3, data));
      }
    }
  }
}

struct OwnTanh {
  template <class T>
  MCKEAN_HD T value(T z) const {
    return std::tanh(gain * z);
  }
  template <class T>
  MCKEAN_HD T derivative(T z) const {
    const T t = std::tanh(gain * z);
    return T(gain) * (T(1) - t * t);
  }
  float gain = 1;
};

TYPED_TEST(SampledFieldTest, TakesAnActivationOfOnesOwn) {
  const CpuBackend<TypeParam> backend;
  const PlaneState w = make_particles(333, 5, 1);
  const SampleSet data = make_samples<TypeParam>(301, 5, 2);
  const double u = std::numeric_limits<TypeParam>::epsilon() / 2;
  ReferenceActivation steep;
  steep.value = [](double z) { return std::tanh(2 * z); };
  steep.derivative = [](double z) { return 2 / (std::cosh(2 * z) * std::cosh(2 * z)); };
  steep.slope = [](double) { return 2.0; };
  steep.curvature = 3.1;
  expect_within(evaluate(backend, OwnTanh{2}, w, 1e-2, data),
                reference::sampled_field(steep, w, 1e-2, data, u, real_terms));
}

TYPED_TEST(SampledFieldTest, TakesAnActivationOfTheLibraryByItsType) {
  const CpuBackend<TypeParam> backend;
  const PlaneState w = make_particles(333, 5, 1);
  const SampleSet data = make_samples<TypeParam>(301, 5, 2);
  const double u = std::numeric_limits<TypeParam>::epsilon() / 2;
  for (const ReferenceActivation& activation : reference::all_activations()) {
    SCOPED_TRACE(activation.name);
    visit(*find_activation(activation.name), [&](const auto& functor) {
      expect_within(evaluate(backend, functor, w, 1e-2, data),
                    reference::sampled_field(activation, w, 1e-2, data, u, real_terms));
    });
  }
}

TEST(CpuBackendTest, DescribesItself) {
  EXPECT_EQ(CpuBackend<float>(2).threads(), 2);
  EXPECT_GE(CpuBackend<float>().threads(), 1);
  EXPECT_EQ(CpuBackend<float>(1).describe().rfind("cpu: 1 thread, ", 0), 0u);
  EXPECT_EQ(CpuBackend<double>(3).describe().rfind("cpu: 3 threads, ", 0), 0u);
}

#endif

}  // namespace
}  // namespace mckean
