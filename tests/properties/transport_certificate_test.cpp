// What the solvers of the transport problem claim, checked from outside on small instances.
#include <gtest/gtest.h>

#include <functional>

#include "host/transport/exact.hpp"
#include "host/transport/semidiscrete.hpp"
#include "reference/transport.hpp"

namespace mckean {
namespace {

using reference::complaint;
using reference::least_cost;
using reference::random_transport;
using reference::SmallTransport;

constexpr unsigned instances = 200;

struct TestedSolver {
  const char* name;
  double rtol;
  std::function<TransportBracket(const SmallTransport&)> solve;
};

TransportBracket exact(const SmallTransport& problem) {
  return solve_exact(problem.a, problem.b, {.cost = problem.cost, .with_plan = true});
}

TransportBracket semidiscrete(const SmallTransport& problem) {
  return solve_semidiscrete(problem.a, problem.b, {.cost = problem.cost, .with_plan = true});
}

const TestedSolver solvers[] = {
    {"exact", ExactOptions{}.rtol, exact},
    {"semidiscrete", SemidiscreteOptions{}.rtol, semidiscrete},
};

TEST(TransportCertificate, HoldsBothWaysRound) {
  for (const TestedSolver& solver : solvers) {
    for (unsigned seed = 0; seed < instances; ++seed) {
      const SmallTransport there = random_transport(seed);
      for (const SmallTransport& problem : {there, there.reversed()}) {
        EXPECT_EQ(complaint(problem, solver.solve(problem), solver.rtol), "")
            << solver.name << ", seed " << seed << ": " << problem.name();
      }
    }
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
    const TransportBracket right = exact(problem);
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
      for (double& u : wrong.u) u += 1e-8;
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
