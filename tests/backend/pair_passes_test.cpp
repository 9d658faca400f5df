// W2 with its passes over all pairs on each back end, against that of the CPU.
#include "host/transport/backend_passes.hpp"

#include <gtest/gtest.h>

#include "backend/test_backend.hpp"
#include "host/transport/distance.hpp"
#include "transport/measures.hpp"

namespace mckean {
namespace {

template <class Real>
class PairPassesTest : public ::testing::Test {};
using Reals = ::testing::Types<float, double>;
TYPED_TEST_SUITE(PairPassesTest, Reals);

/// Potentials and plans may differ by roundings, brackets hold either way.
TYPED_TEST(PairPassesTest, BracketsMeetThoseOfTheCpu) {
  using B = TestBackend<TypeParam>;
  const B backend{};
  const BackendPasses<B> passes(backend);
  const DiscreteMeasure a = test::random_measure(3000, 3, 1, true);
  const DiscreteMeasure b = test::random_measure(400, 3, 2, false);
  for (const W2Method method : {W2Method::exact, W2Method::semidiscrete, W2Method::sinkhorn}) {
    W2Options options{{.method = method}};
    if (method == W2Method::sinkhorn) options.rtol = .05;
    const Distance cpu = compute_w2(a, b, options);
    options.passes = &passes;
    const Distance found = compute_w2(a, b, options);
    EXPECT_TRUE(found.converged) << name_of(method);
    EXPECT_LE(found.lower, cpu.upper) << name_of(method);
    EXPECT_GE(found.upper, cpu.lower) << name_of(method);
    if (B::space == Space::host) {
      EXPECT_EQ(found.lower, cpu.lower) << name_of(method);
      EXPECT_EQ(found.upper, cpu.upper) << name_of(method);
    }
  }
}

TYPED_TEST(PairPassesTest, PartsHaveTheSameValues) {
  using B = TestBackend<TypeParam>;
  const B backend{};
  const BackendPasses<B> passes(backend);
  const DiscreteMeasure from = test::random_measure(1000, 2, 3, false);
  const DiscreteMeasure to = test::random_measure(777, 2, 4, false);
  const std::vector<double> p(to.n);
  std::vector<double> value(from.n), cost(from.n), part_value(from.n), part_cost(from.n);
  passes.c_transform({GroundCost::euclidean, from, to}, {0, from.n, p, 0, value, cost});
  const auto kept = passes.keep(to);
  for (std::size_t begin = 0; begin < from.n; begin += 250) {
    passes.c_transform({GroundCost::euclidean, from, to}, {begin,
                                                           begin + 250,
                                                           p,
                                                           0,
                                                           {part_value.data() + begin, 250},
                                                           {part_cost.data() + begin, 250}});
  }
  EXPECT_EQ(part_value, value);
  EXPECT_EQ(part_cost, cost);
}

}  // namespace
}  // namespace mckean
