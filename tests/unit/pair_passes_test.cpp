// Passes over all pairs on a back end with memory of its own that counts what it is asked for.
#include "host/transport/pair_passes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "host/transport/backend_passes.hpp"
#include "host/transport/bounds/couplings.hpp"
#include "host/transport/distance.hpp"
#include "properties/separate_memory.hpp"
#include "transport/measures.hpp"

namespace mckean {
namespace {

using test::SeparateMemory;

struct Measured {
  Distance result;
  test::Traffic traffic;
};

Measured measure(const DiscreteMeasure& a, const DiscreteMeasure& b, W2Options options) {
  const SeparateMemory backend(0, 2);
  const BackendPasses<SeparateMemory> passes(backend);
  options.passes = &passes;
  Distance result = compute_w2(a, b, options);
  return {std::move(result), backend.traffic()};
}

/// The same as without passes of a back end.
void expect_same(const DiscreteMeasure& a, const DiscreteMeasure& b, const W2Options& options,
                 const Distance& found) {
  const Distance own = compute_w2(a, b, options);
  EXPECT_EQ(found.lower, own.lower);
  EXPECT_EQ(found.upper, own.upper);
  EXPECT_EQ(found.value, own.value);
  EXPECT_EQ(found.psi, own.psi);
  EXPECT_EQ(found.iterations, own.iterations);
}

const DiscreteMeasure a = test::random_measure(700, 3, 1, true);
const DiscreteMeasure b = test::random_measure(500, 3, 2, false);

TEST(PairPasses, CertificatesOfExactComeFromTheBackEnd) {
  const W2Options options{{.method = W2Method::exact, .threads = 2}};
  const Measured measured = measure(a, b, options);
  expect_same(a, b, options, measured.result);
  EXPECT_TRUE(measured.result.converged);
  // The cheap bounds have one of each, and one at least proves the lower end.
  EXPECT_GE(measured.traffic.hard_transforms, 2u);
  EXPECT_EQ(measured.traffic.searches, 1u);
  EXPECT_EQ(measured.traffic.soft_transforms, 0u);
}

TEST(PairPasses, SoftMinimaOfSinkhornComeFromTheBackEnd) {
  const W2Options options{{.method = W2Method::sinkhorn, .rtol = .1, .threads = 2}};
  const Measured measured = measure(a, b, options);
  expect_same(a, b, options, measured.result);
  // Two for each iteration; the cheap bounds and the dual are hard ones.
  EXPECT_GE(measured.traffic.soft_transforms, 2 * measured.result.iterations);
  EXPECT_GE(measured.traffic.hard_transforms, 2u);
  // The clouds are copied once for all of them (and once for the bounds), beside potentials.
  const std::size_t passes = measured.traffic.soft_transforms + measured.traffic.hard_transforms +
                             measured.traffic.searches;
  EXPECT_LE(measured.traffic.uploaded, 3 * 3 * (a.n + b.n) + passes * a.n);
  EXPECT_LE(measured.traffic.downloaded, passes * 2 * a.n);
}

TEST(PairPasses, SemidiscreteStartsSearchesAndIsCertifiedOnTheBackEnd) {
  const DiscreteMeasure points = test::random_measure(20000, 2, 3, false);
  const DiscreteMeasure atoms = test::random_measure(60, 2, 4, true);
  const W2Options options{{.method = W2Method::semidiscrete, .threads = 2}};
  const Measured measured = measure(points, atoms, options);
  expect_same(points, atoms, options, measured.result);
  EXPECT_TRUE(measured.result.converged);
  EXPECT_GE(measured.traffic.soft_transforms, 2u);
  // That of the cheap bounds, one for each sample, one for all points and the certificate.
  EXPECT_EQ(measured.traffic.hard_transforms, 1u);
  EXPECT_GE(measured.traffic.searches, 5u);
}

TEST(PairPasses, NearestBoundsAskBothDirectionsOfTheBackEnd) {
  const SeparateMemory backend(0, 2);
  const BackendPasses<SeparateMemory> passes(backend);
  const NearestBounds found = nearest_bounds(a, b, GroundCost::euclidean, passes);
  const NearestBounds own = nearest_bounds(a, b, GroundCost::euclidean, *make_cpu_passes(2));
  EXPECT_EQ(found.lower, own.lower);
  EXPECT_EQ(found.upper, own.upper);
  EXPECT_EQ(backend.traffic().hard_transforms, 1u);
  EXPECT_EQ(backend.traffic().searches, 1u);
}

TEST(PairPasses, ADeadlineDividesPassesIntoPartsOfTheSameValues) {
  const SeparateMemory backend(0, 2);
  const BackendPasses<SeparateMemory> passes(backend);
  const DiscreteMeasure many = test::random_measure((1 << 14) + 1, 2, 5, false);
  const DiscreteMeasure few = test::random_measure(130000, 2, 6, false);
  ASSERT_EQ(points_of_part({GroundCost::euclidean, many, few}, passes.part()), 1u << 14);
  DiscreteMeasure end = part_of(many, 16000, many.n);
  const std::vector<double> p(few.n);
  const Pairs pairs{GroundCost::euclidean, end, few};
  std::vector<double> value(end.n), cost(end.n), part_value(end.n), part_cost(end.n);
  constexpr std::size_t k = 3;
  std::vector<double> near(end.n * k), part_near(end.n * k);
  std::vector<std::uint32_t> target(end.n * k), part_target(end.n * k);
  passes.nearest_targets(pairs, {0, end.n, p, k, near, target});
  passes.c_transform(pairs, {0, end.n, p, 0, value, cost});
  for (std::size_t begin = 0; begin < end.n; begin += 100) {
    const std::size_t count = std::min<std::size_t>(100, end.n - begin);
    passes.c_transform(pairs, {begin,
                               begin + count,
                               p,
                               0,
                               {part_value.data() + begin, count},
                               {part_cost.data() + begin, count}});
    passes.nearest_targets(pairs, {begin,
                                   begin + count,
                                   p,
                                   k,
                                   {part_near.data() + begin * k, count * k},
                                   {part_target.data() + begin * k, count * k}});
  }
  EXPECT_EQ(part_near, near);
  EXPECT_EQ(part_target, target);
  EXPECT_EQ(part_value, value);
  EXPECT_EQ(part_cost, cost);
}

TEST(PairPasses, WhatIsKeptIsCopiedOnceWhileItIsKept) {
  const SeparateMemory backend(0, 2);
  const BackendPasses<SeparateMemory> passes(backend);
  const Pairs pairs{GroundCost::euclidean, a, b};
  const std::vector<double> p(b.n);
  const std::size_t points = a.planes.size() + b.planes.size();
  {
    const auto kept_a = passes.keep(a), kept_b = passes.keep(b), again = passes.keep(a);
    EXPECT_EQ(backend.traffic().uploaded, points);
    c_transform(passes, pairs, p);
    c_transform(passes, pairs, p);
    EXPECT_EQ(backend.traffic().uploaded, points + 2 * p.size());
  }
  c_transform(passes, pairs, p);
  EXPECT_EQ(backend.traffic().uploaded, 2 * points + 3 * p.size());
}

}  // namespace
}  // namespace mckean
