// The algorithm itself, on given arcs and on all pairs: the conditions at its end, checked pair by
// pair, and the least cost by trying all permutations.
#include "host/transport/exact/push_relabel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include "host/transport/pair_cost.hpp"
#include "reference/transport.hpp"
#include "transport/measures.hpp"

namespace mckean {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

using Costs = std::vector<std::vector<double>>;  // infinite where there is no arc

DiscreteMeasure cloud(std::size_t n, std::size_t d, unsigned seed, double side = 1) {
  std::mt19937_64 engine(seed);
  std::uniform_real_distribution<double> coordinate(0, side);
  Matrix rows(n, d);
  for (double& x : rows.values) x = coordinate(engine);
  return make_measure(rows, {}, "cloud");
}

Costs all_costs(const DiscreteMeasure& a, const DiscreteMeasure& b, GroundCost cost) {
  Costs costs(a.n, std::vector<double>(b.n));
  for (std::size_t i = 0; i < a.n; ++i) {
    for (std::size_t j = 0; j < b.n; ++j)
      costs[i][j] = pair_cost(cost, a.points(), i, b.points(), j);
  }
  return costs;
}

/// All mass arrives, and with u_i = min_j c_ij + p_j + epsilon, pairs have c + p - u >= -epsilon
/// and those with flow <= epsilon.
void check_optimality(const PushRelabel& transport, const Costs& costs, std::vector<Mass> supply,
                      std::vector<Mass> demand, double epsilon) {
  double size = epsilon;
  for (const auto& row : costs) {
    for (const double c : row) size = std::max(size, std::isfinite(c) ? c : 0);
  }
  for (const double p : transport.prices()) size = std::max(size, std::abs(p));
  const double rounding = 0x1p-44 * size;  // a few grains
  for (std::size_t i = 0; i < costs.size(); ++i) {
    double least = infinite;
    for (std::size_t j = 0; j < costs[i].size(); ++j)
      least = std::min(least, costs[i][j] + transport.prices()[j]);
    for (const TransportArc& arc : transport.arcs()[i]) {
      if (arc.flow == 0) continue;
      ASSERT_GT(arc.flow, 0);
      supply[i] -= arc.flow;
      demand[arc.sink] -= arc.flow;
      ASSERT_LE(costs[i][arc.sink] + transport.prices()[arc.sink] - least, 2 * epsilon + rounding)
          << i << " to " << arc.sink << ", epsilon " << epsilon;
    }
  }
  EXPECT_EQ(supply, std::vector<Mass>(supply.size()));
  EXPECT_EQ(demand, std::vector<Mass>(demand.size()));
}

double cost_of(const PushRelabel& transport, const Costs& costs) {
  double sum = 0;
  for (std::size_t i = 0; i < costs.size(); ++i) {
    for (const TransportArc& arc : transport.arcs()[i])
      if (arc.flow > 0) sum += static_cast<double>(arc.flow) * costs[i][arc.sink];
  }
  return sum;
}

/// Some arcs at whole costs, many of them equal, among them those of a transport of this supply.
struct Sparse {
  Costs costs;
  std::vector<Mass> supply, demand;
  TransportArcs arcs;

  Sparse(std::size_t n, std::size_t m, Mass largest, unsigned seed)
      : costs(n, std::vector<double>(m, infinite)), supply(n), demand(m), arcs(n) {
    std::mt19937_64 engine(seed);
    const auto below = [&](std::uint64_t bound) { return engine() % bound; };
    const bool planted = below(2) == 0;  // whether it starts from the transport
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < m; ++j) {
        // On the diagonal everywhere, so that n = m with masses 1 is a matching.
        const bool carries = i % m == j || (largest > 1 && below(4) == 0);
        if (!carries && below(3) > 0) continue;
        costs[i][j] = static_cast<double>(below(20));
        const Mass mass = carries ? 1 + static_cast<Mass>(below(std::uint64_t(largest))) : 0;
        supply[i] += mass;
        demand[j] += mass;
        arcs[i].push_back({costs[i][j], planted ? mass : 0, static_cast<std::uint32_t>(j)});
      }
    }
  }
};

double best_matching(const Costs& costs) {
  std::vector<std::size_t> order(costs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  double best = infinite;
  do {
    double sum = 0;
    for (std::size_t i = 0; i < order.size(); ++i) sum += costs[i][order[i]];
    best = std::min(best, sum);
  } while (std::next_permutation(order.begin(), order.end()));
  return best;
}

/// For smaller and smaller epsilons.
void check_scaling(const DiscreteMeasure& a, const DiscreteMeasure& b, const IntegerMasses& units) {
  const Costs costs = all_costs(a, b, GroundCost::euclidean);
  PushRelabel transport(a, b, units, GroundCost::euclidean);
  for (double epsilon = .1; epsilon > 1e-10; epsilon /= 5) {
    ASSERT_TRUE(transport.refine(epsilon, {}));
    check_optimality(transport, costs, units.a, units.b, epsilon);
  }
}

TEST(PushRelabel, FindsTheBestMatchingOnGivenArcs) {
  for (unsigned seed = 0; seed < 60; ++seed) {
    const std::size_t n = 1 + seed % 7;
    const Sparse problem(n, n, 1, seed);
    PushRelabel transport(problem.supply, problem.demand, problem.arcs);
    ASSERT_TRUE(transport.refine(1. / 32, {})) << seed;  // 2 n epsilon < 1: it is the least one
    EXPECT_EQ(cost_of(transport, problem.costs), best_matching(problem.costs)) << seed;
  }
}

TEST(PushRelabel, EndsWithTheConditionsOnGivenArcs) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    const Sparse problem(1 + seed % 23, 1 + seed % 11, Mass{1} << (4 * (seed % 12)), seed);
    PushRelabel transport(problem.supply, problem.demand, problem.arcs);
    for (double epsilon = 5; epsilon > 1e-15; epsilon /= 5) {
      ASSERT_TRUE(transport.refine(epsilon, {})) << seed;
      check_optimality(transport, problem.costs, problem.supply, problem.demand, epsilon);
    }
  }
}

TEST(PushRelabel, EndsWithTheConditionsOnAllPairs) {
  for (unsigned seed = 0; seed < 100; ++seed) {
    const reference::SmallTransport problem = reference::random_transport(seed);
    const IntegerMasses units{problem.units_a, problem.units_b, reference::SmallTransport::total,
                              0};
    const Costs costs = all_costs(problem.a, problem.b, problem.cost);
    PushRelabel transport(problem.a, problem.b, units, problem.cost);
    for (const double epsilon : {1., .05, 1e-4, 1e-9, 1e-15}) {
      ASSERT_TRUE(transport.refine(epsilon, {})) << seed;
      check_optimality(transport, costs, units.a, units.b, epsilon);
    }
    const double mean =
        cost_of(transport, costs) / static_cast<double>(reference::SmallTransport::total);
    EXPECT_NEAR(mean, static_cast<double>(reference::least_cost(problem)), 1e-12) << seed;
  }
}

// More sinks than a source knows at a time.
TEST(PushRelabel, EndsEpsilonOptimalForUnlistedSinksToo) {
  for (const auto& [n, m, d] :
       {std::tuple{300, 300, 2}, {257, 70, 3}, {90, 211, 1}, {400, 33, 8}}) {
    const DiscreteMeasure a = cloud(std::size_t(n), std::size_t(d), 1);
    const DiscreteMeasure b = cloud(std::size_t(m), std::size_t(d), 2, .5);
    check_scaling(a, b, to_integer_masses(a, b));
  }
}

// Prices a million times as large as the costs, at first, and points that tie.
TEST(PushRelabel, ForgetsPricesThatAreFarApart) {
  const DiscreteMeasure a = cloud(200, 2, 3);
  std::vector<std::size_t> twice;
  for (std::size_t i = 0; i < 200; ++i) twice.push_back(i / 2);
  const DiscreteMeasure b = select_points(a, twice);
  const Costs costs = all_costs(a, b, GroundCost::euclidean);
  const IntegerMasses units = to_integer_masses(a, b);
  for (const double size : {1e3, 1e6, 1e12}) {
    std::vector<double> prices(b.n, 7 * size);
    for (std::size_t j = 0; j < b.n; j += 3) prices[j] += size * static_cast<double>(j);
    PushRelabel transport(a, b, units, GroundCost::euclidean);
    transport.set_prices(prices);
    for (const double epsilon : {.1, 1e-3, 1e-7}) ASSERT_TRUE(transport.refine(epsilon, {}));
    check_optimality(transport, costs, units.a, units.b, 1e-7);
    const auto [low, high] =
        std::minmax_element(transport.prices().begin(), transport.prices().end());
    EXPECT_LE(*high - *low, 4) << size;
  }
}

TEST(PushRelabel, LeavesSinksAloneThatWantNothing) {
  const DiscreteMeasure a = cloud(60, 2, 4);
  const DiscreteMeasure b = cloud(40, 2, 5);
  IntegerMasses units{std::vector<Mass>(60, 2), std::vector<Mass>(40), 120, 0};
  for (std::size_t j = 0; j < 40; j += 4) units.b[j] = 12;
  check_scaling(a, b, units);
}

// One source has half the mass: its arcs are many.
TEST(PushRelabel, CarriesOneHeavySource) {
  const DiscreteMeasure a = cloud(101, 2, 6);
  const DiscreteMeasure b = cloud(200, 2, 7);
  IntegerMasses units{std::vector<Mass>(101, 1), std::vector<Mass>(200, 1), 200, 0};
  units.a[50] = 100;
  check_scaling(a, b, units);
}

TEST(PushRelabel, TakesAboutTheSameWorkForEachPointOfTwoAtoms) {
  const auto work_of_a_point = [](std::size_t n) {
    const DiscreteMeasure a = cloud(n, 3, 8);
    const DiscreteMeasure b = cloud(2, 3, 9);
    PushRelabel transport(a, b, to_integer_masses(a, b), GroundCost::euclidean);
    for (double epsilon = .1; epsilon > 1e-10; epsilon /= 5)
      EXPECT_TRUE(transport.refine(epsilon, {}));
    return static_cast<double>(transport.work()) / static_cast<double>(n);
  };
  EXPECT_LT(work_of_a_point(60000), 3 * work_of_a_point(2000));
}

/// Scans of arcs for each of n points, over fourteen epsilons.
double work_of_a_point(const DiscreteMeasure& a, const DiscreteMeasure& b) {
  PushRelabel transport(a, b, to_integer_masses(a, b), GroundCost::euclidean);
  double width = 0;
  for (std::size_t k = 0; k < a.d; ++k) {
    const Extent of_a = extent(a, k), of_b = extent(b, k);
    width = std::max(width, std::max(of_a.high, of_b.high) - std::min(of_a.low, of_b.low));
  }
  double epsilon = width * width / 4;
  for (int scale = 0; scale < 14; ++scale, epsilon /= 5) EXPECT_TRUE(transport.refine(epsilon, {}));
  return static_cast<double>(transport.work()) / static_cast<double>(a.n);
}

// Sinks that many sources want alike rose by an epsilon at a time: 12000 to 100000 looks a point.
TEST(PushRelabel, EndsPriceWarsByBids) {
  constexpr std::size_t n = 1000;
  const DiscreteMeasure a = test::random_measure(n, 2, 1, false);
  const DiscreteMeasure b = test::random_measure(n, 2, 2, false);
  const auto changed = [](DiscreteMeasure measure, const auto& change) {
    for (std::size_t i = 0; i < n; ++i) change(measure.planes[i], measure.planes[n + i]);
    return measure;
  };
  const auto shrink = [](double& x, double& y) { x *= 1e-3, y *= 1e-3; };
  const auto to_circle = [](double& x, double& y) {
    const double norm = std::hypot(x, y);
    x /= norm, y /= norm;
  };
  const auto to_lognormal = [](double& x, double& y) { x = std::exp(3 * x), y = std::exp(3 * y); };
  DiscreteMeasure crowded = a;
  for (std::size_t k = 0; k < 2; ++k)
    std::fill_n(crowded.planes.begin() + static_cast<std::ptrdiff_t>(k * n), n - 20, 0.);
  EXPECT_LT(work_of_a_point(a, b), 5000);
  EXPECT_LT(work_of_a_point(changed(a, shrink), changed(b, to_circle)), 5000);
  EXPECT_LT(work_of_a_point(changed(a, to_lognormal), changed(b, to_lognormal)), 5000);
  EXPECT_LT(work_of_a_point(crowded, b), 5000);
}

TEST(PushRelabel, StopsWhereItTakesTooManyLooksAndGoesOn) {
  const DiscreteMeasure a = cloud(2000, 2, 10);
  const DiscreteMeasure b = cloud(2000, 2, 11);
  const IntegerMasses units = to_integer_masses(a, b);
  PushRelabel transport(a, b, units, GroundCost::euclidean);
  EXPECT_FALSE(transport.refine(1e-6, {}, 50));
  // The clock is read, and the looks are counted, every so many of them.
  EXPECT_LT(transport.work(), 50 * 4000 + (1 << 17));
  ASSERT_TRUE(transport.refine(1e-2, {}, 5000));
  check_optimality(transport, all_costs(a, b, GroundCost::euclidean), units.a, units.b, 1e-2);
}

TEST(PushRelabel, StopsAtTheDeadlineAndGoesOn) {
  const DiscreteMeasure a = cloud(500, 2, 10);
  const DiscreteMeasure b = cloud(500, 2, 11);
  const IntegerMasses units = to_integer_masses(a, b);
  PushRelabel transport(a, b, units, GroundCost::euclidean);
  EXPECT_FALSE(transport.refine(1e-6, Deadline(0)));
  EXPECT_FALSE(transport.refine(1e-6, Deadline(1e-4)));
  ASSERT_TRUE(transport.refine(1e-6, {}));
  check_optimality(transport, all_costs(a, b, GroundCost::euclidean), units.a, units.b, 1e-6);
}

TEST(PushRelabel, TightensPricesOfTheBestPlanOnly) {
  const DiscreteMeasure a = cloud(60, 2, 1);
  const DiscreteMeasure b = cloud(45, 2, 2);
  const IntegerMasses units = to_integer_masses(a, b);
  PushRelabel transport(a, b, units, GroundCost::euclidean);
  ASSERT_TRUE(transport.refine(1e-9, {}));
  const Costs costs = all_costs(a, b, GroundCost::euclidean);
  const double best = cost_of(transport, costs);
  // From prices that know nothing: the plan is what tells them.
  transport.set_prices(std::vector<double>(b.n));
  ASSERT_TRUE(transport.refine_prices(1e-4, {}, 1e9));
  EXPECT_EQ(cost_of(transport, costs), best);
  check_optimality(transport, costs, units.a, units.b, 1e-4);

  // Crossed, and no worse than 10 from the best: no prices show it to be better than by 1.
  const auto arc = [](double cost, Mass flow, std::uint32_t sink) {
    return TransportArc{cost, flow, sink};
  };
  PushRelabel crossed({1, 1}, {1, 1}, {{arc(0, 0, 0), arc(1, 1, 1)}, {arc(1, 1, 0), arc(0, 0, 1)}});
  ASSERT_TRUE(crossed.refine(10, {}));
  ASSERT_EQ(crossed.arcs()[0][1].flow, 1);
  EXPECT_FALSE(crossed.refine_prices(.1, {}, 1000));
  ASSERT_TRUE(crossed.refine(.1, {}));
  EXPECT_EQ(crossed.arcs()[0][0].flow, 1);
}

}  // namespace
}  // namespace mckean
