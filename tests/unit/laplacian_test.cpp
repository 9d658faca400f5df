// Systems with sparse Laplacians against naive sums over a dense matrix, in each of the three ways
// in which they are solved; and the Laplacian of a smooth dual against its definition.
#include "host/transport/semidiscrete/laplacian.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "host/transport/passes.hpp"
#include "host/transport/semidiscrete/smooth_dual.hpp"
#include "transport/measures.hpp"

namespace mckean {
namespace {

/// Edges {j, l}, l < j, with `weight(j, l)`; none where that is 0.
template <class Weight>
Laplacian graph(std::size_t n, const Weight& weight) {
  Laplacian laplacian;
  laplacian.first.push_back(0);
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t l = 0; l < j; ++l) {
      if (weight(j, l) == 0) continue;
      laplacian.column.push_back(static_cast<std::uint32_t>(l));
      laplacian.value.push_back(-weight(j, l));
    }
    laplacian.first.push_back(laplacian.column.size());
  }
  return laplacian;
}

double some_weight(std::size_t j, std::size_t l) {
  return 1 + static_cast<double>((7 * j + 13 * l) % 10) / 10;
}

/// |(L + diag(shift)) x - rhs|/|rhs| edge by edge.
double relative_residual(const Laplacian& laplacian, const std::vector<double>& shift,
                         const std::vector<double>& rhs, const std::vector<double>& x) {
  std::vector<double> image(x.size());
  for (std::size_t j = 0; j < x.size(); ++j) {
    image[j] += shift[j] * x[j];
    for (std::size_t e = laplacian.first[j]; e < laplacian.first[j + 1]; ++e) {
      const std::size_t l = laplacian.column[e];
      image[j] += laplacian.value[e] * (x[l] - x[j]);
      image[l] += laplacian.value[e] * (x[j] - x[l]);
    }
  }
  double residual = 0, size = 0;
  for (std::size_t j = 0; j < x.size(); ++j) {
    residual += (image[j] - rhs[j]) * (image[j] - rhs[j]);
    size += rhs[j] * rhs[j];
  }
  return std::sqrt(residual / size);
}

void check_solution(const Laplacian& laplacian, double tolerance) {
  std::vector<double> shift(laplacian.size()), rhs(laplacian.size());
  for (std::size_t j = 0; j < rhs.size(); ++j) {
    shift[j] = .01 + static_cast<double>(j % 3) / 10;
    rhs[j] = std::cos(static_cast<double>(j));
  }
  const std::vector<double> x = solve_laplacian(laplacian, shift, rhs, 1);
  EXPECT_LE(relative_residual(laplacian, shift, rhs, x), tolerance);
  EXPECT_EQ(solve_laplacian(laplacian, shift, rhs, 3), x);
}

// Its condition is at most 2 (2 x the largest row sum)/least shift; with w = 2^-53 a direct method
// leaves a residual of a few n w times that.
TEST(Laplacian, SolvesAGridOfTwentyThousandVertices) {
  constexpr std::size_t width = 100, n = 200 * width;
  Laplacian laplacian;
  laplacian.first.push_back(0);
  for (std::size_t j = 0; j < n; ++j) {
    const auto put = [&](std::size_t l) {
      laplacian.column.push_back(static_cast<std::uint32_t>(l));
      laplacian.value.push_back(-some_weight(j, l));
    };
    if (j >= width) put(j - width);
    if (j % width > 0) put(j - 1);
    laplacian.first.push_back(laplacian.column.size());
  }
  check_solution(laplacian, 1e-9);
}

TEST(Laplacian, SolvesFullSystems) {
  check_solution(graph(60, some_weight), 1e-10);
  check_solution(graph(1, some_weight), 1e-15);
}

// More than 1500 vertices with too many edges for a sparse factor: conjugate gradients.
TEST(Laplacian, SolvesLargeSystemsThatAreNotSparseToAThousandth) {
  check_solution(graph(1600,
                       [](std::size_t j, std::size_t l) {
                         return (j * 31 + l * 17) % 11 == 0 ? some_weight(j, l) : 0.;
                       }),
                 1e-3);
}

TEST(Laplacian, DiagonalIsWhatMakesRowsSumToTheShift) {
  const Laplacian laplacian = graph(
      4, [](std::size_t j, std::size_t l) { return j == l + 1 ? static_cast<double>(j) : 0.; });
  EXPECT_EQ(laplacian_diagonal(laplacian, {.5, 0, 0, 0}), (std::vector<double>{1.5, 3, 5, 3}));
}

// -sum_i a_i pi_ij pi_il by the lists, all chunks (of 32768 points) at once.
TEST(Laplacian, OfTheSmoothDualIsThatOfItsShares) {
  const DiscreteMeasure points = test::random_measure(40000, 2, 1, true);
  const DiscreteMeasure atoms = test::random_measure(30, 2, 2, false);
  const auto passes = make_cpu_passes(2);
  NearAtoms near({GroundCost::euclidean, points, atoms}, 8, *passes, 2);
  const std::vector<double> potential(atoms.n);
  ASSERT_TRUE(near.search(potential, {}));
  const double epsilon = .05;
  std::vector<double> naive(atoms.n * atoms.n);
  for (std::size_t i = 0; i < points.n; ++i) {
    const double least = *std::min_element(near.costs(i), near.costs(i) + near.k());
    std::vector<double> share(near.k());
    double total = 0;
    for (std::size_t s = 0; s < near.k(); ++s)
      total += share[s] = std::exp((least - near.costs(i)[s]) / epsilon);
    for (std::size_t s = 0; s < near.k(); ++s) {
      for (std::size_t t = 0; t < near.k(); ++t) {
        naive[near.atoms(i)[s] * atoms.n + near.atoms(i)[t]] -=
            points.weights[i] * share[s] / total * share[t] / total;
      }
    }
  }
  SmoothDual dual(near, points.weights, atoms.weights, 2);
  const Laplacian laplacian = dual.laplacian(potential, epsilon);
  ASSERT_EQ(laplacian.size(), atoms.n);
  std::vector<double> found(atoms.n * atoms.n);
  for (std::size_t j = 0; j < atoms.n; ++j) {
    for (std::size_t e = laplacian.first[j]; e < laplacian.first[j + 1]; ++e) {
      ASSERT_LT(laplacian.column[e], j);
      if (e > laplacian.first[j]) {
        ASSERT_LT(laplacian.column[e - 1], laplacian.column[e]);
      }
      found[j * atoms.n + laplacian.column[e]] = laplacian.value[e];
    }
  }
  // Shares below exp(-34) are left out; sums of 40000 terms round by 40000 w of themselves.
  for (std::size_t j = 0; j < atoms.n; ++j) {
    for (std::size_t l = 0; l < j; ++l)
      EXPECT_NEAR(found[j * atoms.n + l], naive[j * atoms.n + l], 1e-11);
  }
  for (const int threads : {1, 3}) {
    SmoothDual other(near, points.weights, atoms.weights, threads);
    EXPECT_EQ(other.laplacian(potential, epsilon).value, laplacian.value);
  }
}

}  // namespace
}  // namespace mckean
