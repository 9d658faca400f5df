// Scalars against naive sums, exact sums and non-finite input.
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
using test::many;
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
  const OnBackend<B> x(backend(), left), y(backend(), right);
  return test::dot(backend(), x.vector(), y.vector());
}

bool finite(const std::vector<double>& values) {
  const OnBackend<B> x(backend(), values);
  return test::all_finite(backend(), x.vector());
}

// A sum of n terms in any order errs by gamma_n sum |terms|; the naive sum too: together n eps.
TEST(Scalars, DotMatchesNaiveSum) {
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
TEST(Scalars, IntegerSumsAreExact) {
  for (const std::size_t n : {std::size_t{1}, std::size_t{7}, std::size_t{8}, std::size_t{9}, std::size_t{4095},
                              std::size_t{4096}, std::size_t{4097}, std::size_t{12289}, 100 * many}) {
    std::vector<double> numbers(n);
    std::iota(numbers.begin(), numbers.end(), 1.0);
    const auto count = static_cast<double>(n);
    EXPECT_EQ(dot(numbers, std::vector<double>(n, 1.0)), count * (count + 1) / 2);
  }
}

// A list gives the bits that each pair gives alone, whatever stands beside it.
TEST(Scalars, ListOfProductsIsEachOfThem) {
  std::vector<OnBackend<B>> vectors;
  for (const std::size_t n : {1, 7, 4096, 4097, 40003, 33}) {
    for (const std::uint64_t seed : {1, 2}) vectors.emplace_back(backend(), random_values(n, seed));
  }
  InnerProducts<B::space> list;
  std::vector<double> expected;
  const auto add = [&](const OnBackend<B>& x, const OnBackend<B>& y) {
    list.add(x.vector(), y.vector());
    expected.push_back(test::dot(backend(), x.vector(), y.vector()));
  };
  for (std::size_t i = 0; i + 1 < vectors.size(); i += 2) {
    add(vectors[i], vectors[i + 1]);
    add(vectors[i], vectors[i]);
    list.skip();
    expected.push_back(0);
  }
  while (list.count < InnerProducts<B::space>::capacity) add(vectors[2], vectors[3]);
  EXPECT_EQ(test::scalars(backend(), expected.size(),
                          [&](auto slots) { backend().inner_products(list, slots); }),
            expected);
}

// The bits of the norms of a combination that has been written.
TEST(Scalars, NormsOfACombinationAreThoseOfItsSum) {
  for_each_size([](std::size_t m, std::size_t d) {
    const OnBackend<B> x(backend(), random_state(m, d, 3)), y(backend(), random_state(m, d, 4));
    OnBackend<B> sum(backend(), PlaneState(m, d));
    LinearTerms<B::space> terms;
    terms.add(.3, x.vector());
    terms.add(-1.7, y.vector());
    terms.add(2, x.vector());
    backend().linear_combination(terms, sum.vector());
    const auto a = std::as_const(sum).vector().subview(0, m);
    const auto b = std::as_const(sum).vector().subview(m, m * d);
    const std::vector<double> expected{test::dot(backend(), a, a), test::dot(backend(), b, b)};
    const auto norms = test::scalars(
        backend(), 2, [&](auto slots) { backend().squared_norms(terms, m, d, slots); });
    for (int i = 0; i < 2; ++i) ASSERT_NEAR(norms[i], expected[i], 4 * eps * expected[i]);
#ifdef MCKEAN_TEST_CPU
    ASSERT_EQ(norms, expected);
#endif
  });
}

TEST(Scalars, ScalarsCombineFromLeftToRight) {
  OnBackend<B> values(backend(), std::vector<double>{1e16, 1, -1e16, 3});
  const auto at = [&](std::size_t i) { return std::as_const(values).vector().subview(i, 1); };
  ScalarTerms<B::space> terms;
  terms.constant = .5;
  terms.divisor = 4;
  for (const std::size_t i : {0, 1, 2, 3}) terms.add(2, at(i));
  // The result may take the place of a term.
  backend().combine_scalars(terms, values.vector().subview(3, 1));
  EXPECT_EQ(values.fetch()[3], (((.5 + 2e16) + 2) - 2e16 + 6) / 4);
}

TEST(Scalars, CopyIfCopiesOnlyWhereTheFlagIsSet) {
  for (const double flag : {0., 1.}) {
    const OnBackend<B> from(backend(), random_values(many, 1)), on(backend(), std::vector{flag});
    OnBackend<B> to(backend(), random_values(many, 2));
    backend().copy_if(on.vector(), from.vector(), to.vector());
    EXPECT_EQ(to.fetch(), random_values(many, flag == 0 ? 2 : 1));
  }
}

TEST(Scalars, AReadWithoutWaitingHasTheValuesOfItsMoment) {
  OnBackend<B> slots(backend(), std::vector<double>{1, 2});
  auto reading = backend().begin_read(std::as_const(slots).vector());
  LinearTerms<B::space> zero;
  backend().linear_combination(zero, slots.vector());
  const HostView<const double> values = reading.values();
  EXPECT_TRUE(reading.ready());
  EXPECT_EQ(std::vector<double>(values.begin(), values.end()), (std::vector<double>{1, 2}));
}

TEST(Scalars, ParticleSumsMatchNaiveSums) {
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
        const ParticleSums sums = test::particle_sums(backend(), kind, power, on_w.state());
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

TEST(Scalars, DissipationMatchesNaiveSum) {
  for_each_size([](std::size_t m, std::size_t d) {
    const PlaneState w = random_state(m, d, 7);
    const PlaneState v = random_state(m, d, 8);
    for (const FieldSpec& spec : all_specs()) {
      const PlaneState drift = reference::finish_drift(spec, w, v);
      const double expected = reference::dissipation(spec, drift);
      const double n = static_cast<double>(m * (1 + d) + 8);
      const OnBackend<B> on_drift(backend(), drift);
      ASSERT_NEAR(test::dissipation(backend(), spec, on_drift.state()), expected,
                  n * eps * expected);
    }
  });
}

TEST(Scalars, NonFiniteValuesAreSeenAnywhere) {
  for (const std::size_t n : {std::size_t{1}, std::size_t{31}, std::size_t{33}, many}) {
    const std::vector<double> good(n, std::numeric_limits<double>::max());
    EXPECT_TRUE(finite(good));
    for (const std::size_t at : {std::size_t{0}, n / 2, n - 1}) {
      for (const double bad : {nan, infinity, -infinity}) {
        std::vector<double> values = good;
        values[at] = bad;
        EXPECT_FALSE(finite(values));
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
      EXPECT_TRUE(std::isnan(test::dissipation(backend(), {}, on_w.state())));
      const ParticleSums sums = test::particle_sums(backend(), Regularizer::l2, 1, on_w.state());
      for (const double sum : {sums.path, sums.path_squared, sums.regularizer, sums.radial}) {
        EXPECT_TRUE(std::isnan(sum));
      }
    }
  }
}

template <class AnyBackend>
std::vector<double> all_reductions(const AnyBackend& any) {
  const OnBackend<AnyBackend> w(any, random_state(many, 7, 9));
  const OnBackend<AnyBackend> v(any, random_state(many, 7, 10));
  LinearTerms<AnyBackend::space> terms;
  terms.add(.3, w.vector());
  terms.add(-.7, v.vector());
  const auto norms =
      test::scalars(any, 2, [&](auto slots) { any.squared_norms(terms, many, 7, slots); });
  const ParticleSums sums = test::particle_sums(any, Regularizer::path, 1, w.state());
  return {test::dot(any, w.vector(), v.vector()),
          test::dissipation(any, {}, v.state()),
          norms[0],
          norms[1],
          sums.path,
          sums.path_squared,
          sums.regularizer,
          sums.radial};
}

TEST(Scalars, FieldPrecisionDoesNotTouchThem) {
  EXPECT_EQ(all_reductions(TestBackend<float>{}), all_reductions(backend()));
}

#ifdef MCKEAN_TEST_CPU
TEST(Scalars, SameBitsAtAnyThreadCount) {
  EXPECT_EQ(all_reductions(B(1)), all_reductions(B(2)));
  EXPECT_EQ(all_reductions(B(1)), all_reductions(B(3)));
}
#endif

}  // namespace
}  // namespace mckean
