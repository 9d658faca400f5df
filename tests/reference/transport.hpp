// Small transport problems, their least cost by shortest paths in long double, and what a
// TransportBracket has to prove of itself.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "host/transport/certificate/transport_bracket.hpp"
#include "host/transport/discrete_measure.hpp"
#include "reference/c_transform.hpp"

namespace mckean::reference {

/// Two clouds whose masses are whole units of 1/total.
struct SmallTransport {
  static constexpr std::int64_t total = std::int64_t{27720} << 20;  // a multiple of 1, 2, ..., 12

  GroundCost cost;
  DiscreteMeasure a, b;
  std::vector<std::int64_t> units_a, units_b;

  std::vector<std::vector<long double>> costs() const {
    const auto set_of = [](const DiscreteMeasure& measure) {
      PointSet points(measure.n, measure.d);
      points.planes = measure.planes;
      return points;
    };
    const PointSet x = set_of(a), y = set_of(b);
    std::vector<std::vector<long double>> all(x.n, std::vector<long double>(y.n));
    for (std::size_t i = 0; i < x.n; ++i) {
      for (std::size_t j = 0; j < y.n; ++j) all[i][j] = pair_cost(cost, x, i, y, j);
    }
    return all;
  }
  SmallTransport reversed() const { return {cost, b, a, units_b, units_a}; }
  std::string name() const {
    std::ostringstream text;
    text << (cost == GroundCost::geodesic ? "geodesic " : "euclidean ") << a.n << " x " << b.n
         << ", d = " << a.d << (a.uniform ? ", uniform" : ", weighted")
         << (b.uniform ? " to uniform" : " to weighted");
    return text.str();
  }
};

/// Clouds of 1 to 12 points of R^1 to R^4, general, on a lattice with many ties, or equal up to
/// their order; masses equal, or of sizes up to 10^8 apart.
inline SmallTransport random_transport(unsigned seed) {
  std::mt19937_64 engine(seed);
  const auto below = [&](std::uint64_t bound) { return engine() % bound; };
  std::uniform_real_distribution<double> coordinate(-2, 2), exponent(0, 8);
  const std::size_t d = 1 + below(4);
  const GroundCost cost = d > 1 && below(3) == 0 ? GroundCost::geodesic : GroundCost::euclidean;
  const bool lattice = below(4) == 0;
  const auto draw_points = [&](std::size_t n) {
    Matrix rows(n, d);
    for (std::size_t i = 0; i < n; ++i) {
      double square = 0;
      for (std::size_t k = 0; k < d; ++k) {
        rows(i, k) = lattice ? 2 * static_cast<double>(below(2)) - 1 : coordinate(engine);
        square += rows(i, k) * rows(i, k);
      }
      for (std::size_t k = 0; k < d && cost == GroundCost::geodesic; ++k)
        rows(i, k) /= std::sqrt(square);
    }
    return rows;
  };
  const auto draw_units = [&](std::size_t n) {
    std::vector<std::int64_t> units(n, SmallTransport::total / static_cast<std::int64_t>(n));
    if (below(2) == 0) return units;
    std::vector<double> size(n, 1);
    const bool wide = below(2) == 0;
    for (double& x : size) x = wide ? std::pow(10, exponent(engine)) : 1 + exponent(engine);
    const double sum = std::accumulate(size.begin(), size.end(), 0.);
    for (std::size_t i = 0; i < n; ++i)
      units[i] = 1 + std::int64_t(size[i] / sum * double(SmallTransport::total - 1000));
    *std::max_element(units.begin(), units.end()) +=
        SmallTransport::total - std::accumulate(units.begin(), units.end(), std::int64_t{0});
    return units;
  };
  const auto measure_of = [](const Matrix& rows, const std::vector<std::int64_t>& units) {
    std::vector<double> weights;
    for (const std::int64_t unit : units)
      weights.push_back(static_cast<double>(unit) / double(SmallTransport::total));
    return make_measure(rows, weights, "cloud");
  };
  const Matrix rows_a = draw_points(1 + below(12));
  const std::vector<std::int64_t> units_a = draw_units(rows_a.rows);
  Matrix rows_b = draw_points(1 + below(12));
  std::vector<std::int64_t> units_b = draw_units(rows_b.rows);
  if (below(8) == 0) {
    rows_b = rows_a;
    units_b = units_a;
    std::reverse(units_b.begin(), units_b.end());
    for (std::size_t i = 0; i < rows_b.rows; ++i) {
      for (std::size_t k = 0; k < d; ++k) rows_b(i, k) = rows_a(rows_b.rows - 1 - i, k);
    }
  }
  return {cost, measure_of(rows_a, units_a), measure_of(rows_b, units_b), units_a, units_b};
}

/// W2^2 by successive shortest paths (Bellman and Ford) in the residual graph.
inline long double least_cost(const SmallTransport& problem) {
  const std::vector<std::vector<long double>> costs = problem.costs();
  const std::size_t n = problem.a.n, m = problem.b.n;
  const long double infinite = std::numeric_limits<long double>::infinity();
  std::vector<std::vector<std::int64_t>> flow(n, std::vector<std::int64_t>(m));
  std::vector<std::int64_t> supply = problem.units_a, demand = problem.units_b;
  while (std::any_of(supply.begin(), supply.end(), [](std::int64_t s) { return s > 0; })) {
    std::vector<long double> to_source(n), to_sink(m, infinite);
    std::vector<std::size_t> before_source(n, m), before_sink(m, n);
    for (std::size_t i = 0; i < n; ++i) to_source[i] = supply[i] > 0 ? 0 : infinite;
    // A gain below `least` is rounding, and could go round in circles.
    const long double least = 1e-18L;
    for (bool changed = true; changed;) {
      changed = false;
      for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < m; ++j) {
          if (to_source[i] + costs[i][j] < to_sink[j] - least) {
            to_sink[j] = to_source[i] + costs[i][j];
            before_sink[j] = i;
            changed = true;
          }
          if (flow[i][j] > 0 && to_sink[j] - costs[i][j] < to_source[i] - least) {
            to_source[i] = to_sink[j] - costs[i][j];
            before_source[i] = j;
            changed = true;
          }
        }
      }
    }
    std::size_t end = m;
    for (std::size_t j = 0; j < m; ++j) {
      if (demand[j] > 0 && (end == m || to_sink[j] < to_sink[end])) end = j;
    }
    std::int64_t mass = demand[end];
    std::size_t first = before_sink[end];
    for (; before_source[first] < m; first = before_sink[before_source[first]])
      mass = std::min(mass, flow[first][before_source[first]]);
    mass = std::min(mass, supply[first]);
    supply[first] -= mass;
    demand[end] -= mass;
    for (std::size_t j = end;;) {
      const std::size_t i = before_sink[j];
      flow[i][j] += mass;
      if (before_source[i] == m) break;
      j = before_source[i];
      flow[i][j] -= mass;
    }
  }
  long double sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < m; ++j)
      sum += static_cast<long double>(flow[i][j]) * costs[i][j] / SmallTransport::total;
  }
  return sum;
}

using Costs = std::vector<std::vector<long double>>;

inline constexpr long double root_rounding = 1 + 0x1p-51L;  // of an end and its square

inline long double largest_of(const Costs& costs) {
  long double largest = 0;
  for (const auto& row : costs)
    largest = std::max(largest, *std::max_element(row.begin(), row.end()));
  return largest;
}

/// What is wrong with potentials that claim to prove a lower end of square `lower`.
inline std::string complaint_of_potentials(const SmallTransport& problem, const Costs& costs,
                                           const TransportBracket& bracket, long double lower) {
  const std::size_t n = problem.a.n, m = problem.b.n;
  const long double total = SmallTransport::total;
  std::ostringstream text;
  text.precision(20);
  if (bracket.phi.size() != n || bracket.psi.size() != m) return "no potentials";
  long double dual = 0;  // with what exceeds the costs taken off each phi, which makes it feasible
  for (std::size_t i = 0; i < n; ++i) {
    const long double phi = bracket.phi[i];
    long double excess = 0;
    for (std::size_t j = 0; j < m; ++j) {
      const long double psi = bracket.psi[j], over = phi + psi - costs[i][j];
      const auto rounding = static_cast<long double>(problem.a.d + 12) * 0x1p-52L;
      if (!(over <= rounding * (costs[i][j] + std::abs(psi)))) {
        text << "phi + psi exceeds the cost of " << i << ", " << j << " by " << over;
        return text.str();
      }
      excess = std::max(excess, over);
    }
    dual += static_cast<long double>(problem.units_a[i]) / total * (phi - excess);
  }
  for (std::size_t j = 0; j < m; ++j)
    dual += static_cast<long double>(problem.units_b[j]) / total * bracket.psi[j];
  if (!(lower <= std::max(0.L, dual) * root_rounding))
    text << "the potentials prove " << dual << " and not " << lower;
  return text.str();
}

/// What is wrong with a plan that claims to prove an upper end of square `upper`, and no more than
/// that where it is `tight`.
inline std::string complaint_of_plan(const SmallTransport& problem, const Costs& costs,
                                     const std::vector<PlanEntry>& plan, long double upper,
                                     bool tight, double rounding_of_masses) {
  const long double total = SmallTransport::total;
  std::ostringstream text;
  text.precision(20);
  if (plan.empty()) return "no plan";
  std::vector<long double> left(problem.units_a.begin(), problem.units_a.end());
  std::vector<long double> wanted(problem.units_b.begin(), problem.units_b.end());
  long double primal = 0;
  for (const PlanEntry& entry : plan) {
    if (entry.from >= left.size() || entry.to >= wanted.size() || !(entry.mass > 0))
      return "a plan entry is none";
    left[entry.from] -= entry.mass * total;
    wanted[entry.to] -= entry.mass * total;
    primal += entry.mass * costs[entry.from][entry.to];
  }
  for (const auto& rest : {left, wanted}) {
    for (const long double x : rest) {
      if (!(std::abs(x) <= (1e-12L + rounding_of_masses) * total)) {
        text << "the plan misses a mass by " << x / total;
        return text.str();
      }
    }
  }
  const long double largest = largest_of(costs), unsure = 4 * rounding_of_masses * largest;
  const bool above = upper > primal * (1 + 1e-13L) + 1e-15L * largest;
  if (!(upper * root_rounding >= primal - unsure) || (tight && above))
    text << "the plan costs " << primal << " and not " << upper;
  return text.str();
}

/// What is wrong with a bracket that claims to prove both its ends, or nothing. `rtol` is the gap
/// that it promised (infinite: none, and an upper end above the plan's cost will do),
/// `rounding_of_masses` what the plan's masses may have lost of the total where they are no whole
/// units.
inline std::string complaint(const SmallTransport& problem, const TransportBracket& bracket,
                             double rtol, double rounding_of_masses = 0) {
  const Costs costs = problem.costs();
  const long double lower = static_cast<long double>(bracket.lower) * bracket.lower;
  const long double upper = static_cast<long double>(bracket.upper) * bracket.upper;
  std::string found = complaint_of_potentials(problem, costs, bracket, lower);
  if (!found.empty()) return found;
  found = complaint_of_plan(problem, costs, bracket.plan, upper, std::isfinite(rtol),
                            rounding_of_masses);
  if (!found.empty()) return found;

  std::ostringstream text;
  text.precision(20);
  const long double truth = least_cost(problem), largest = largest_of(costs);
  const long double rounding = 1e-17L * largest;
  if (!(lower <= truth * root_rounding + rounding && truth <= upper * root_rounding + rounding))
    text << truth << " is not between " << lower << " and " << upper;
  else if (!(upper - lower <= 2 * rtol * upper + 1e-13L * largest))
    text << "the gap between " << lower << " and " << upper << " is wide";
  return text.str();
}

}  // namespace mckean::reference
