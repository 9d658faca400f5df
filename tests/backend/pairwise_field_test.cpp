// The pairwise population field and energy against a double loop over the definitions.
#include <gtest/gtest.h>

#include <limits>

#include "backend/on_backend.hpp"
#include "backend/test_backend.hpp"
#include "reference/population.hpp"

namespace mckean {
namespace {

using reference::PlaneState;
using test::OnBackend;
using test::random_state;

template <class Real>
const TestBackend<Real>& backend() {
  static const TestBackend<Real> instance{};
  return instance;
}

const PairKernel kernels[] = {
    {PairKernelKind::arc_cosine, .5}, {PairKernelKind::arcsine, .3}, {PairKernelKind::square, .2}};

/// gamma of a pair's arithmetic (d for the sums of squares and about 40 more) and of a sum over a
/// tile of atoms.
template <class Real>
double gamma(std::size_t d, std::size_t atoms) {
  return (static_cast<double>(d) + 40 + static_cast<double>(std::min<std::size_t>(atoms, 1024))) *
         static_cast<double>(std::numeric_limits<Real>::epsilon());
}

template <class Real>
void check(const PairKernel& kernel, const PlaneState& w, const PlaneState& atoms) {
  const auto expected = reference::pairwise_field(kernel, w, atoms);
  const PlaneState before = random_state(w.m, w.d, 5);
  const OnBackend<TestBackend<Real>> particles(backend<Real>(), w), others(backend<Real>(), atoms);
  OnBackend<TestBackend<Real>> v(backend<Real>(), before);
  const double weight = -.7;
  backend<Real>().add_pairwise_field(kernel, particles.state(), others.state(), weight, v.state());
  const std::vector<double> got = v.fetch();
  const double relative = gamma<Real>(w.d, atoms.m);
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double bound =
        relative * .7 * expected.magnitude.values[i] + 1e-15 * std::abs(before.values[i]);
    ASSERT_NEAR(got[i], before.values[i] + weight * expected.field.values[i], bound) << i;
  }
}

template <class Real>
class PairwiseField : public ::testing::Test {};
using Precisions = ::testing::Types<float, double>;
TYPED_TEST_SUITE(PairwiseField, Precisions);

TYPED_TEST(PairwiseField, MatchesTheDoubleLoop) {
  for (const PairKernel& kernel : kernels) {
    for (const std::size_t m : {1, 31, 33, 130}) {
      for (const std::size_t atoms : {1, 2, 65, 300}) {
        for (const std::size_t d : {1, 2, 3, 10})
          check<TypeParam>(kernel, random_state(m, d, 1), random_state(atoms, d, 2));
      }
    }
    check<TypeParam>(kernel, random_state(33, 65, 1), random_state(31, 65, 2));
    check<TypeParam>(kernel, random_state(7, 300, 1), random_state(5, 300, 2));
  }
}

// Each particle is its own atom, has an exact opposite, or is zero.
TYPED_TEST(PairwiseField, ParallelAntiparallelAndZeroPairs) {
  PlaneState w = random_state(40, 3, 9);
  for (std::size_t k = 0; k < 3; ++k) {
    for (std::size_t j = 0; j < 10; ++j) w.b(10 + j, k) = -w.b(j, k);
    w.b(39, k) = 0;
  }
  for (const PairKernel& kernel : kernels) check<TypeParam>(kernel, w, w);
}

TYPED_TEST(PairwiseField, EnergyIsAlwaysDouble) {
  for (const PairKernel& kernel : kernels) {
    for (const std::size_t d : {1, 2, 7}) {
      const PlaneState left = random_state(131, d, 3), right = random_state(77, d, 4);
      double size = 0;
      for (std::size_t i = 0; i < left.m; ++i) {
        for (std::size_t l = 0; l < right.m; ++l) {
          const auto pair = reference::pair_value(kernel, reference::direction(left, i),
                                                  reference::direction(right, l));
          size += static_cast<double>(std::abs(left.a(i) * right.a(l)) * pair.value_size);
        }
      }
      const OnBackend<TestBackend<TypeParam>> l(backend<TypeParam>(), left),
          r(backend<TypeParam>(), right);
      const double energy = test::scalar(backend<TypeParam>(), [&](auto slot) {
        backend<TypeParam>().pairwise_energy(kernel, l.state(), r.state(), slot);
      });
      EXPECT_NEAR(energy, reference::pairwise_energy(kernel, left, right),
                  gamma<double>(d, 77) * size);
    }
  }
}

#ifdef MCKEAN_TEST_CPU
TYPED_TEST(PairwiseField, SameBitsForAnyNumberOfThreads) {
  const PlaneState w = random_state(1000, 4, 1), atoms = random_state(997, 4, 2);
  for (const PairKernel& kernel : kernels) {
    std::vector<std::vector<double>> results;
    for (const int threads : {1, 2, 3}) {
      const CpuBackend<TypeParam> some(threads);
      OnBackend<CpuBackend<TypeParam>> v(some, PlaneState(1000, 4)), particles(some, w),
          others(some, atoms);
      some.add_pairwise_field(kernel, particles.state(), others.state(), 1, v.state());
      results.push_back(v.fetch());
      results.back().push_back(test::scalar(some, [&](auto slot) {
        some.pairwise_energy(kernel, particles.state(), others.state(), slot);
      }));
    }
    EXPECT_EQ(results[0], results[1]);
    EXPECT_EQ(results[0], results[2]);
  }
}
#endif

}  // namespace
}  // namespace mckean
