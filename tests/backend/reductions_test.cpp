// Reductions against naive sums, exact sums and non-finite input.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "backend/on_backend.hpp"
#include "backend/test_backend.hpp"
#include "reference/state.hpp"

namespace mckean {
namespace {

using reference::PlaneState;
using test::all_specs;
using test::for_each_size;
using test::OnBackend;
using test::random_state;
using test::random_values;

constexpr double eps = std::numeric_limits<double>::epsilon();
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

using B = TestBackend<double>;

const B& backend() {
  static const B instance{};
  return instance;
}

double dot(const std::vector<double>& left, const std::vector<double>& right) {
  return backend().dot(OnBackend<B>(backend(), left).vector(),
                       OnBackend<B>(backend(), right).vector());
}

// A sum of n terms in any order errs by gamma_n sum |terms|; the naive sum too: together n eps.
TEST(Reductions, DotMatchesNaiveSum) {
  for_each_size([](std::size_t m, std::size_t d) {
    const std::size_t n = m * (1 + d);
    const std::vector<double> left = random_values(n, 1);
    const std::vector<double> right = random_values(n, 2);
    double magnitude = 0;
    for (std::size_t i = 0; i < n; ++i) magnitude += std::abs(left[i] * right[i]);
    ASSERT_NEAR(dot(left, right), reference::dot(left, right),
                static_cast<double>(n + 1) * eps * magnitude);
  });
}

// Sums of integers below 2^53 are exact in any order, so every element is seen to count exactly
// once.
TEST(Reductions, IntegerSumsAreExact) {
  for (const std::size_t n : {1, 7, 8, 9, 4095, 4096, 4097, 12289, 1000003}) {
    std::vector<double> numbers(n);
    std::iota(numbers.begin(), numbers.end(), 1.0);
    const auto count = static_cast<double>(n);
    EXPECT_EQ(dot(numbers, std::vector<double>(n, 1.0)), count * (count + 1) / 2);
  }
}

TEST(Reductions, ParticleSumsMatchNaiveSums) {
  for_each_size([](std::size_t m, std::size_t d) {
    const PlaneState w = random_state(m, d, 6);
    const OnBackend<B> on_w(backend(), w);
    for (const Regularizer kind : {Regularizer::none, Regularizer::path, Regularizer::l2}) {
      for (const int power : {1, 2}) {
        ParticleSums expected;
        double magnitude = 0;
        for (std::size_t j = 0; j < m; ++j) {
          const double path = std::abs(w.a(j)) * w.norm(j);
          expected.path += path;
          expected.path_squared += path * path;
          expected.regularizer += reference::regularizer(kind, w.a(j), w.norm(j));
          expected.radial += w.a(j) * std::pow(w.norm(j), power);
          magnitude += std::abs(w.a(j)) * std::pow(w.norm(j), power);
        }
        const ParticleSums sums = backend().particle_sums(kind, power, on_w.state());
        // gamma_m of the sum and gamma_(2 d + 4) of a term, on each side.
        const double k_eps = static_cast<double>(m + 2 * d + 4) * eps;
        ASSERT_NEAR(sums.path, expected.path, k_eps * expected.path);
        ASSERT_NEAR(sums.path_squared, expected.path_squared, k_eps * expected.path_squared);
        ASSERT_NEAR(sums.regularizer, expected.regularizer, k_eps * expected.regularizer);
        ASSERT_NEAR(sums.radial, expected.radial, k_eps * magnitude);
      }
    }
  });
}

TEST(Reductions, DissipationMatchesNaiveSum) {
  for_each_size([](std::size_t m, std::size_t d) {
    const PlaneState w = random_state(m, d, 7);
    const PlaneState v = random_state(m, d, 8);
    for (const FieldSpec& spec : all_specs()) {
      const PlaneState drift = reference::finish_drift(spec, w, v);
      const double expected = reference::dissipation(spec, drift);
      const double n = static_cast<double>(m * (1 + d) + 8);
      ASSERT_NEAR(backend().dissipation(spec, OnBackend<B>(backend(), drift).state()), expected,
                  n * eps * expected);
    }
  });
}

TEST(Reductions, NonFiniteValuesAreSeenAnywhere) {
  for (const std::size_t n : {1, 31, 33, 1000, 10007}) {
    const std::vector<double> good(n, std::numeric_limits<double>::max());
    EXPECT_TRUE(backend().all_finite(OnBackend<B>(backend(), good).vector()));
    for (const std::size_t at : {std::size_t{0}, n / 2, n - 1}) {
      for (const double bad : {nan, infinity, -infinity}) {
        std::vector<double> values = good;
        values[at] = bad;
        EXPECT_FALSE(backend().all_finite(OnBackend<B>(backend(), values).vector()));
        std::vector<double> ones(n, 1.0);
        std::vector<double> mixed = ones;
        mixed[at] = bad;
        EXPECT_FALSE(std::isfinite(dot(mixed, ones)));
        EXPECT_FALSE(std::isfinite(dot(ones, mixed)));
      }
      PlaneState w(n, 2);
      w.values.assign(w.values.size(), 1.0);
      w.b(at, 1) = nan;
      const OnBackend<B> on_w(backend(), w);
      EXPECT_TRUE(std::isnan(backend().dissipation({}, on_w.state())));
      const ParticleSums sums = backend().particle_sums(Regularizer::l2, 1, on_w.state());
      for (const double sum : {sums.path, sums.path_squared, sums.regularizer, sums.radial}) {
        EXPECT_TRUE(std::isnan(sum));
      }
    }
  }
}

template <class AnyBackend>
std::vector<double> all_reductions(const AnyBackend& any) {
  const OnBackend<AnyBackend> w(any, random_state(10007, 7, 9));
  const OnBackend<AnyBackend> v(any, random_state(10007, 7, 10));
  const ParticleSums sums = any.particle_sums(Regularizer::path, 1, w.state());
  return {any.dot(w.vector(), v.vector()),
          any.dissipation({}, v.state()),
          sums.path,
          sums.path_squared,
          sums.regularizer,
          sums.radial};
}

TEST(Reductions, FieldPrecisionDoesNotTouchThem) {
  EXPECT_EQ(all_reductions(TestBackend<float>{}), all_reductions(backend()));
}

#ifndef MCKEAN_TEST_CUDA
TEST(Reductions, SameBitsAtAnyThreadCount) {
  EXPECT_EQ(all_reductions(B(1)), all_reductions(B(2)));
  EXPECT_EQ(all_reductions(B(1)), all_reductions(B(3)));
}
#endif

}  // namespace
}  // namespace mckean
