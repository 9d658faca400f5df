// What the solvers of the transport problem claim, checked from outside on small instances.
#include <gtest/gtest.h>

#include <functional>

#include "host/transport/distance.hpp"
#include "host/transport/entropic/sinkhorn.hpp"
#include "host/transport/exact/exact.hpp"
#include "host/transport/semidiscrete/semidiscrete.hpp"
#include "reference/transport.hpp"

namespace mckean {
namespace {

using reference::complaint;
using reference::least_cost;
using reference::random_transport;
using reference::SmallTransport;

constexpr unsigned instances = 200;

/// A bracket with its proofs, and what the masses of its plan may have lost to rounding.
struct Claim {
  TransportBracket bracket;
  double rounding_of_masses = 0;
};

struct TestedSolver {
  const char* name;
  double rtol;
  std::function<Claim(const SmallTransport&)> solve;
};

Claim exact(const SmallTransport& problem) {
  return {solve_exact(problem.a, problem.b, {.cost = problem.cost, .with_plan = true})};
}

Claim semidiscrete(const SmallTransport& problem) {
  return {solve_semidiscrete(problem.a, problem.b, {.cost = problem.cost, .with_plan = true})};
}

/// Writes down the plan that is told by its potentials and the masses that these miss.
Claim sinkhorn(const SmallTransport& problem) {
  SinkhornResult result = solve_sinkhorn(problem.a, problem.b, {.cost = problem.cost, .rtol = .05});
  const auto costs = problem.costs();
  const RoundedPlan& rounded = result.rounded;
  if (rounded.epsilon == 0) {
    result.plan = exact(problem).bracket.plan;  // all costs are 0: any plan will do
    return {result};
  }
  double size = 0;
  for (std::uint32_t i = 0; i < problem.a.n; ++i) {
    for (std::uint32_t j = 0; j < problem.b.n; ++j) {
      const long double exponent =
          (static_cast<long double>(rounded.row[i]) + rounded.column[j] - costs[i][j]) /
          rounded.epsilon;
      long double sent = std::exp(exponent) * problem.a.weights[i] * problem.b.weights[j];
      if (rounded.missing > 0)
        sent +=
            static_cast<long double>(rounded.missing_a[i]) * rounded.missing_b[j] / rounded.missing;
      const auto mass = static_cast<double>(sent);
      if (mass > 0) result.plan.push_back({i, j, mass});
      size = std::max({size, std::abs(rounded.row[i]), std::abs(rounded.column[j]),
                       static_cast<double>(costs[i][j])});
    }
  }
  // A potential, a cost and their logarithms lose a few w of their size, and exponents over
  // epsilon.
  return {result, 0x1p-53 * (64 * size / rounded.epsilon + 64)};
}

const TestedSolver solvers[] = {
    {"exact", ExactOptions{}.rtol, exact},
    {"semidiscrete", SemidiscreteOptions{}.rtol, semidiscrete},
    // Promises no gap: where the distance is 0 it cannot close one.
    {"sinkhorn", std::numeric_limits<double>::infinity(), sinkhorn},
};

TEST(TransportCertificate, HoldsBothWaysRound) {
  for (const TestedSolver& solver : solvers) {
    for (unsigned seed = 0; seed < instances; ++seed) {
      const SmallTransport there = random_transport(seed);
      for (const SmallTransport& problem : {there, there.reversed()}) {
        const Claim claim = solver.solve(problem);
        EXPECT_EQ(complaint(problem, claim.bracket, solver.rtol, claim.rounding_of_masses), "")
            << solver.name << ", seed " << seed << ": " << problem.name();
      }
    }
  }
}

TEST(TransportCertificate, EveryMethodHasTheDistanceInItsBracket) {
  for (const Choice<W2Method>& row : choices<W2Method>) {
    const W2Method method = row.value;
    int compared = 0;
    for (unsigned seed = 0; seed < instances; ++seed) {
      const SmallTransport problem = random_transport(seed);
      const bool geodesic = problem.cost == GroundCost::geodesic;
      if (method == W2Method::line && problem.a.d != 1) continue;
      if (method == W2Method::circle && !(problem.a.d == 2 && geodesic)) continue;
      const W2Result found =
          compute_w2(problem.a, problem.b, {.method = method, .cost = problem.cost, .rtol = .05});
      const double truth = std::sqrt(static_cast<double>(least_cost(problem)));
      // The root of the oracle's own rounding, of costs of about 16.
      const double rounding = std::min(1e-8, 1e-16 / truth) + 1e-15 * truth;
      EXPECT_LE(found.lower, truth + rounding) << name_of(method) << ", seed " << seed;
      EXPECT_GE(found.upper, truth - rounding) << name_of(method) << ", seed " << seed;
      EXPECT_LE(found.lower, found.w2);
      EXPECT_LE(found.w2, found.upper);
      ++compared;
    }
    EXPECT_GE(compared, 10) << name_of(method);
  }
}

/// The least mean cost of all ways to match two clouds of equal size.
long double best_permutation(const SmallTransport& problem) {
  const auto costs = problem.costs();
  std::vector<std::size_t> order(problem.b.n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  long double best = INFINITY;
  do {
    long double sum = 0;
    for (std::size_t i = 0; i < order.size(); ++i) sum += costs[i][order[i]];
    best = std::min(best, sum / static_cast<long double>(order.size()));
  } while (std::next_permutation(order.begin(), order.end()));
  return best;
}

TEST(TransportReference, IsTheBestPermutation) {
  int compared = 0;
  for (unsigned seed = 0; compared < 20; ++seed) {
    const SmallTransport problem = random_transport(seed);
    if (problem.a.n != problem.b.n || problem.a.n > 8) continue;
    if (!problem.a.uniform || !problem.b.uniform) continue;
    const long double best = best_permutation(problem);
    EXPECT_NEAR(static_cast<double>(least_cost(problem) - best), 0, 1e-16) << problem.name();
    ++compared;
  }
}

// An end that is a little too good, a plan that misses a mass or a potential that is too high.
TEST(TransportReference, SeesFalseClaims) {
  for (unsigned seed = 0; seed < instances; ++seed) {
    const SmallTransport problem = random_transport(seed);
    const double rtol = ExactOptions{}.rtol;
    const TransportBracket right = exact(problem).bracket;
    if (right.upper < 1e-3) continue;
    const auto expect_seen = [&](const std::function<void(TransportBracket&)>& spoil) {
      TransportBracket wrong = right;
      spoil(wrong);
      EXPECT_NE(complaint(problem, wrong, rtol), "") << problem.name();
    };
    expect_seen([](TransportBracket& wrong) { wrong.lower *= 1 + 1e-8; });
    expect_seen([](TransportBracket& wrong) { wrong.upper *= 1 - 1e-8; });
    expect_seen([](TransportBracket& wrong) { wrong.upper *= 1 + 1e-8; });
    expect_seen([](TransportBracket& wrong) { wrong.lower *= 1 - 1e-8; });
    expect_seen([](TransportBracket& wrong) {
      for (double& phi : wrong.phi) phi += 1e-8;
    });
    expect_seen([](TransportBracket& wrong) { wrong.plan[0].mass += 1e-8; });
    // Weights that are no whole units leave entries of 2^-62 or so.
    expect_seen([](TransportBracket& wrong) {
      wrong.plan.erase(
          std::max_element(wrong.plan.begin(), wrong.plan.end(),
                           [](const PlanEntry& x, const PlanEntry& y) { return x.mass < y.mass; }));
    });
  }
}

}  // namespace
}  // namespace mckean
