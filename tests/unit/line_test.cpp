// W2 on a line against a naive coupling and closed forms.
#include "host/transport/line.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "host/data/error.hpp"
#include "mckean/philox.hpp"

namespace mckean {
namespace {

std::vector<double> random_points(std::size_t n, std::uint64_t seed) {
  std::vector<double> points(n);
  for (std::size_t i = 0; i < n; ++i) {
    points[i] = normal_pair(seed, Purpose::samples, 0, i, 0).first;
  }
  return points;
}

/// The best of all assignments of both sets repeated to their common multiple.
double w2_by_permutation(const std::vector<double>& a, const std::vector<double>& b) {
  const std::size_t n = std::lcm(a.size(), b.size());
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  double best = std::numeric_limits<double>::infinity();
  do {
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
      sum += std::pow(a[i * a.size() / n] - b[order[i] * b.size() / n], 2);
    }
    best = std::min(best, sum);
  } while (std::next_permutation(order.begin(), order.end()));
  return std::sqrt(best / static_cast<double>(n));
}

TEST(W2Line, IsTheBestAssignmentForAnySizes) {
  std::uint64_t seed = 0;
  for (const auto& [na, nb] : std::vector<std::pair<std::size_t, std::size_t>>{
           {1, 1}, {1, 4}, {4, 1}, {2, 3}, {3, 2}, {2, 4}, {6, 3}, {5, 5}, {7, 7}, {8, 4}}) {
    const auto a = random_points(na, ++seed);
    const auto b = random_points(nb, ++seed);
    // Sums of at most 8 squares of numbers below 5.
    EXPECT_NEAR(w2_line(a, b), w2_by_permutation(a, b), 1e-14) << na << " and " << nb;
  }
}

TEST(W2Line, KnowsClosedForms) {
  EXPECT_EQ(w2_line({1}, {4}), 3);
  EXPECT_EQ(w2_line({3, 1, 2}, {12, 13, 11}), 10);
  EXPECT_NEAR(w2_line({0}, {0, 1, -2}), std::sqrt(5.0 / 3), 1e-15);
  // F^{-1}: 0 then 6 against 0, 3, 6 on thirds: the middle third is 3 away on both sides.
  EXPECT_NEAR(w2_line({6, 0}, {3, 6, 0}), std::sqrt(3.0), 1e-15);
}

TEST(W2Line, IsZeroForTheSameMeasureAndSymmetric) {
  const auto a = random_points(1000, 3);
  const auto b = random_points(777, 4);
  auto twice = a;
  twice.insert(twice.end(), a.begin(), a.end());
  EXPECT_EQ(w2_line(a, a), 0);
  EXPECT_EQ(w2_line(a, twice), 0);
  EXPECT_EQ(w2_line(a, b), w2_line(b, a));
}

TEST(W2Line, NeitherOverflowsNorUnderflows) {
  EXPECT_NEAR(w2_line({1e200, 0}, {3e200, 0}) / 1e200, std::sqrt(2.0), 1e-15);
  EXPECT_NEAR(w2_line({1e-200, 0}, {3e-200, 0}) / 1e-200, std::sqrt(2.0), 1e-15);
}

TEST(W2Line, RejectsWhatIsNoMeasure) {
  EXPECT_THROW(w2_line({}, {1}), InputError);
  EXPECT_THROW(w2_line({1}, {}), InputError);
  EXPECT_THROW(w2_line({1, std::numeric_limits<double>::quiet_NaN()}, {1}), InputError);
  EXPECT_THROW(w2_line({1}, {std::numeric_limits<double>::infinity()}), InputError);
}

}  // namespace
}  // namespace mckean
