// Semi-discrete transport against closed forms, the exact solver and naive checks of its proofs.
#include "host/transport/semidiscrete/semidiscrete.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "host/transport/exact/exact.hpp"
#include "host/transport/line/line.hpp"
#include "host/transport/normalization.hpp"
#include "mckean/formula/philox.hpp"
#include "transport/brackets.hpp"

namespace mckean {
namespace {

DiscreteMeasure cloud(std::size_t n, std::size_t d, std::uint64_t seed) {
  DiscreteMeasure measure{n, d, std::vector<double>(n * d),
                          std::vector<double>(n, 1 / static_cast<double>(n)), true};
  for (std::size_t k = 0; k < d; ++k) {
    for (std::size_t i = 0; i < n; ++i)
      measure.planes[k * n + i] = normal_pair(seed, Purpose::samples, k, i, 0).first;
  }
  return measure;
}

/// Weights from 1 to exp(range) before they are scaled to sum 1.
DiscreteMeasure unequal(DiscreteMeasure measure, double range) {
  double sum = 0;
  for (std::size_t i = 0; i < measure.n; ++i) {
    const double place = static_cast<double>(i * 7919 % measure.n) / static_cast<double>(measure.n);
    sum += measure.weights[i] = std::exp(range * place);
  }
  for (double& weight : measure.weights) weight /= sum;
  measure.uniform = false;
  return measure;
}

double cost(GroundCost kind, const DiscreteMeasure& a, std::size_t i, const DiscreteMeasure& b,
            std::size_t j) {
  double square = 0, dot = 0;
  for (std::size_t k = 0; k < a.d; ++k) {
    const double x = a.planes[k * a.n + i], y = b.planes[k * b.n + j];
    square += (x - y) * (x - y);
    dot += x * y;
  }
  if (kind == GroundCost::euclidean) return square;
  const double angle = 2 * std::atan2(std::sqrt(square), std::sqrt(2 + 2 * dot));
  return angle * angle;
}

/// Both ends by the definition: all pairs, all marginals.
void check_proofs(const DiscreteMeasure& a, const DiscreteMeasure& b, GroundCost kind,
                  const TransportBracket& bracket) {
  ASSERT_EQ(bracket.phi.size(), a.n);
  ASSERT_EQ(bracket.psi.size(), b.n);
  double dual = 0, worst = 0, size = 1e-300;
  for (std::size_t i = 0; i < a.n; ++i) {
    dual += a.weights[i] * bracket.phi[i];
    for (std::size_t j = 0; j < b.n; ++j) {
      const double c = cost(kind, a, i, b, j);
      worst = std::max(worst, bracket.phi[i] + bracket.psi[j] - c);
      size = std::max(size, c);
    }
  }
  for (std::size_t j = 0; j < b.n; ++j) dual += b.weights[j] * bracket.psi[j];
  EXPECT_LE(worst, 1e-14 * size);
  EXPECT_LE(bracket.lower * bracket.lower, std::max(dual, 0.) + 1e-13 * size);
  EXPECT_GE(bracket.lower * bracket.lower, dual - 1e-9 * size);

  std::vector<double> from(a.n), to(b.n);
  double primal = 0;
  for (const PlanEntry& entry : bracket.plan) {
    EXPECT_GT(entry.mass, 0);
    from[entry.from] += entry.mass;
    to[entry.to] += entry.mass;
    primal += entry.mass * cost(kind, a, entry.from, b, entry.to);
  }
  for (std::size_t i = 0; i < a.n; ++i) EXPECT_NEAR(from[i], a.weights[i], 1e-14);
  for (std::size_t j = 0; j < b.n; ++j) EXPECT_NEAR(to[j], b.weights[j], 1e-13);
  EXPECT_NEAR(bracket.upper * bracket.upper, primal, 1e-12 * primal + 1e-300);
}

TransportBracket solve(const DiscreteMeasure& a, const DiscreteMeasure& b,
                       GroundCost kind = GroundCost::euclidean, double rtol = 1e-6) {
  SemidiscreteOptions options;
  options.cost = kind;
  options.rtol = rtol;
  options.with_plan = true;
  options.threads = 2;
  TransportBracket bracket = solve_semidiscrete(a, b, options);
  check_proofs(a, b, kind, bracket);
  return bracket;
}

TEST(Semidiscrete, AgreesWithTheExactSolver) {
  std::uint64_t seed = 0;
  for (const std::size_t d : {1, 2, 5}) {
    for (const auto& [m, atoms] : std::vector<std::pair<std::size_t, std::size_t>>{
             {1, 1}, {2, 1}, {7, 3}, {60, 60}, {500, 20}, {3000, 150}}) {
      const DiscreteMeasure a = cloud(m, d, ++seed);
      const DiscreteMeasure b = cloud(atoms, d, ++seed);
      for (const bool weighted : {false, true}) {
        const DiscreteMeasure& x = weighted ? unequal(a, 3) : a;
        const TransportBracket bracket = solve(x, b);
        const TransportBracket exact = solve_exact(x, b, {});
        EXPECT_LE(bracket.gap(), 1e-6) << m << " to " << atoms << ", d = " << d;
        EXPECT_LE(bracket.lower, exact.upper);
        EXPECT_GE(bracket.upper, exact.lower);
      }
    }
  }
}

TEST(Semidiscrete, AgreesWithTheQuantilesOnALine) {
  for (const std::size_t atoms : {5, 100, 301}) {
    const DiscreteMeasure a = cloud(20000, 1, 1);
    const DiscreteMeasure b = cloud(atoms, 1, 2);
    const TransportBracket bracket = solve(a, b);
    const double exact = w2_line(a.planes, b.planes).w2;
    EXPECT_LE(bracket.gap(), 1e-6);
    EXPECT_LE(bracket.lower, exact * (1 + 1e-12));
    EXPECT_GE(bracket.upper, exact * (1 - 1e-12));
  }
}

/// s x s points in each of the g x g squares of side 1 about the atoms: each cell is its square,
/// and the distance that of the s midpoints of an interval, (1 - 1/s^2)/12 along each axis.
struct GridOfCells {
  DiscreteMeasure points, atoms;
  double distance;

  GridOfCells(std::size_t g, std::size_t s)
      : points(cloud(g * s * g * s, 2, 1)),
        atoms(cloud(g * g, 2, 1)),
        distance(std::sqrt(2 * (1 - 1 / static_cast<double>(s * s)) / 12)) {
    const std::size_t n = g * s;
    for (std::size_t i = 0; i < n * n; ++i) {
      points.planes[i] = (static_cast<double>(i % n) + .5) / static_cast<double>(s);
      points.planes[n * n + i] = (static_cast<double>(i / n) + .5) / static_cast<double>(s);
    }
    for (std::size_t j = 0; j < g * g; ++j) {
      atoms.planes[j] = static_cast<double>(j % g) + .5;
      atoms.planes[g * g + j] = static_cast<double>(j / g) + .5;
    }
  }
};

TEST(Semidiscrete, KnowsTheCellsOfAGrid) {
  const GridOfCells grid(12, 9);
  const TransportBracket bracket = solve(grid.points, grid.atoms);
  EXPECT_LE(bracket.gap(), 1e-6);
  EXPECT_NEAR(bracket.upper, grid.distance, 1e-6);
}

TEST(Semidiscrete, TakesMoreThan8192Atoms) {
  const GridOfCells grid(91, 3);
  ASSERT_GT(grid.atoms.n, 8192u);
  SemidiscreteOptions options;
  options.threads = 2;
  for (std::size_t j = 0; j < grid.atoms.n; ++j)
    options.psi.push_back(.3 * std::sin(static_cast<double>(j)));
  const TransportBracket bracket = solve_semidiscrete(grid.points, grid.atoms, options);
  EXPECT_LE(bracket.gap(), 1e-6);
  EXPECT_GT(bracket.iterations, 1u);
  EXPECT_NEAR(bracket.upper, grid.distance, 1e-6);
}

TEST(Semidiscrete, ShiftsAndScalesAsTheDistanceDoes) {
  // To the atoms shifted by v: W2^2 grows by |v|^2 + 2 v.(mean b - mean a).
  const DiscreteMeasure a = cloud(5000, 3, 5);
  const DiscreteMeasure b = cloud(40, 3, 6);
  DiscreteMeasure shifted = b;
  double growth = 0;
  for (std::size_t k = 0; k < 3; ++k) {
    double mean_a = 0, mean_b = 0;
    for (std::size_t i = 0; i < a.n; ++i) mean_a += a.planes[k * a.n + i] * a.weights[i];
    for (std::size_t j = 0; j < b.n; ++j) mean_b += b.planes[k * b.n + j] * b.weights[j];
    growth += 1 + 2 * (mean_b - mean_a);
    for (std::size_t j = 0; j < b.n; ++j) shifted.planes[k * b.n + j] += 1;
  }
  const double before = solve(a, b).upper;
  EXPECT_NEAR(solve(a, shifted).upper, std::sqrt(before * before + growth), 5e-6);
}

TEST(Semidiscrete, WorksOnTheSphere) {
  for (const std::size_t d : {2, 4}) {
    const DiscreteMeasure a = on_unit_sphere(cloud(4000, d, 7));
    const DiscreteMeasure b = on_unit_sphere(cloud(50, d, 8));
    const TransportBracket bracket = solve(a, b, GroundCost::geodesic);
    ExactOptions options;
    options.cost = GroundCost::geodesic;
    const TransportBracket exact = solve_exact(a, b, options);
    EXPECT_LE(bracket.gap(), 1e-6);
    EXPECT_LE(bracket.lower, exact.upper);
    EXPECT_GE(bracket.upper, exact.lower);
  }
}

TEST(Semidiscrete, TheSmallerSideAreTheAtomsWhicheverComesFirst) {
  const DiscreteMeasure a = unequal(cloud(2000, 3, 9), 2);
  const DiscreteMeasure b = unequal(cloud(30, 3, 10), 1);
  const TransportBracket there = solve(a, b);
  const TransportBracket back = solve(b, a);
  EXPECT_EQ(there.lower, back.lower);
  EXPECT_EQ(there.upper, back.upper);
}

TEST(Semidiscrete, StartsFromEarlierPotentials) {
  const DiscreteMeasure a = cloud(20000, 2, 11);
  const DiscreteMeasure b = cloud(60, 2, 12);
  SemidiscreteOptions options;
  const TransportBracket cold = solve_semidiscrete(a, b, options);
  options.psi = cold.psi;
  const TransportBracket warm = solve_semidiscrete(a, b, options);
  EXPECT_LE(warm.gap(), 1e-6);
  EXPECT_LE(warm.iterations, cold.iterations);
  options.psi = solve_semidiscrete(b, a, {}).psi;
  EXPECT_LE(solve_semidiscrete(b, a, options).gap(), 1e-6);
  options.psi.assign(60, 0);
  options.psi[3] = -1e6;
  EXPECT_LE(solve_semidiscrete(a, b, options).gap(), 1e-6);
}

TEST(Semidiscrete, HasTheSameBitsForAnyNumberOfThreads) {
  const DiscreteMeasure a = unequal(cloud(40000, 3, 13), 1);
  const DiscreteMeasure b = cloud(100, 3, 14);
  SemidiscreteOptions options;
  options.with_plan = true;
  options.threads = 1;
  const TransportBracket one = solve_semidiscrete(a, b, options);
  for (const int threads : {2, 3}) {
    options.threads = threads;
    test::expect_same_bits(solve_semidiscrete(a, b, options), one);
  }
}

TEST(Semidiscrete, IsZeroBetweenEqualMeasures) {
  const DiscreteMeasure a = cloud(300, 2, 15);
  EXPECT_EQ(solve(a, a).upper, 0);
  // Each atom three times over on the other side.
  std::vector<std::size_t> index;
  for (std::size_t r = 0; r < 3; ++r) {
    for (std::size_t i = 0; i < a.n; ++i) index.push_back((i * 17 + r * 31) % a.n);
  }
  EXPECT_EQ(solve(select_points(a, index), a).upper, 0);
}

TEST(Semidiscrete, TakesDuplicates) {
  // All points the same, all atoms the same, both, and every atom four times.
  DiscreteMeasure point = cloud(200, 2, 16);
  for (std::size_t i = 0; i < point.n; ++i) {
    point.planes[i] = 1;
    point.planes[point.n + i] = 2;
  }
  const DiscreteMeasure other = cloud(20, 2, 17);
  EXPECT_LE(solve(point, other).gap(), 1e-6);
  EXPECT_LE(solve(cloud(1000, 2, 18), point).gap(), 1e-6);
  EXPECT_EQ(solve(point, point).upper, 0);
  std::vector<std::size_t> index;
  for (std::size_t j = 0; j < 4 * other.n; ++j) index.push_back(j % other.n);
  const DiscreteMeasure a = cloud(5000, 2, 19);
  const TransportBracket four = solve(a, select_points(other, index));
  EXPECT_LE(four.gap(), 1e-6);
  EXPECT_NEAR(four.upper, solve(a, other).upper, 2e-6);
}

TEST(Semidiscrete, TakesVeryUnequalWeights) {
  const DiscreteMeasure a = unequal(cloud(3000, 2, 20), 20);
  const DiscreteMeasure b = unequal(cloud(40, 2, 21), 12);
  EXPECT_LE(solve(a, b).gap(), 1e-6);
  EXPECT_LE(solve(a, cloud(40, 2, 22)).gap(), 1e-6);
  EXPECT_LE(solve(cloud(3000, 2, 23), b).gap(), 1e-6);
}

TEST(Semidiscrete, TakesClustersFarApart) {
  DiscreteMeasure a = cloud(4000, 2, 24);
  DiscreteMeasure b = cloud(50, 2, 25);
  // A third of the points and a fifth of the atoms are moved away: cells in between must travel.
  for (std::size_t i = 0; i < a.n / 3; ++i) a.planes[i] += 100;
  for (std::size_t j = 0; j < b.n / 5; ++j) b.planes[j] += 100;
  EXPECT_LE(solve(a, b).gap(), 1e-6);
}

TEST(Semidiscrete, ReachesAtomsThatNoPointIsNear) {
  const DiscreteMeasure a = cloud(20000, 10, 28);
  DiscreteMeasure b = cloud(200, 10, 29);
  for (const std::size_t j : {3, 50, 120}) {
    for (std::size_t k = 0; k < b.d; ++k) b.planes[k * b.n + j] *= 4;
  }
  EXPECT_LE(solve(a, b).gap(), 1e-6);
}

// One point fills two atoms at once here, which then must not outbid each other grain by grain.
TEST(Semidiscrete, EndsWhereAPointFillsSeveralAtoms) {
  const std::vector<double> values{-130951.21461796868, 0.0005216901216672939,
                                   2.936675260346187e-06, 12.827310490868394, -163967.1983462449};
  const DiscreteMeasure a{5,
                          1,
                          values,
                          {0.6193556485690488, 0.259998423665629, 0.00016100096907632405,
                           0.056374884007682265, 0.06411004278856368},
                          false};
  const DiscreteMeasure b{5,
                          1,
                          values,
                          {0.00010041060859302691, 0.43991884451990737, 0.16229157221932208,
                           5.415376201758541e-05, 0.39763501889015995},
                          false};
  EXPECT_LE(solve_semidiscrete(a, b, {}).gap(), 1e-6);
}

/// Angles of points on the circle with density proportional to 1 + .8 cos, or uniform.
DiscreteMeasure on_circle(std::size_t n, bool uniform_law, std::uint64_t seed) {
  DiscreteMeasure measure = cloud(n, 2, seed);
  for (std::size_t i = 0; i < n; ++i) {
    const double place = 2 * std::acos(-1.) * uniform(seed, Purpose::samples, 9, i, 0);
    double angle = place;
    for (int step = 0; step < 50 && !uniform_law; ++step)
      angle -= (angle + .8 * std::sin(angle) - place) / (1 + .8 * std::cos(angle));
    measure.planes[i] = std::cos(angle);
    measure.planes[n + i] = std::sin(angle);
  }
  return measure;
}

// Cells far from their atoms and potentials that move together over many of them: lists of near
// atoms that are not renewed, or steps that are not taken back, let potentials run away here.
TEST(Semidiscrete, FollowsPotentialsAlongACurve) {
  const DiscreteMeasure a = on_circle(12000, true, 30);
  const DiscreteMeasure b = on_circle(900, false, 31);
  EXPECT_LE(solve_semidiscrete(a, b, {}).gap(), 1e-6);
}

TEST(Semidiscrete, StopsInTimeWithABracket) {
  SemidiscreteOptions options;
  options.deadline = Deadline(0);
  options.with_plan = true;
  const DiscreteMeasure a = cloud(5000, 3, 26);
  const DiscreteMeasure b = cloud(50, 3, 27);
  const TransportBracket early = solve_semidiscrete(a, b, options);
  check_proofs(a, b, GroundCost::euclidean, early);
  const TransportBracket done = solve(a, b);
  EXPECT_LE(early.lower, done.upper);
  EXPECT_GE(early.upper, done.lower);
  // A gap that no arithmetic reaches: it ends all the same.
  options.deadline = {};
  options.rtol = 0;
  EXPECT_LE(solve_semidiscrete(a, b, options).gap(), 1e-9);
}

}  // namespace
}  // namespace mckean
