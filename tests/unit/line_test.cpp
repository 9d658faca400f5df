// W2 on a line against a naive coupling and closed forms.
#include "host/transport/line/line.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "mckean/error.hpp"
#include "mckean/formula/philox.hpp"
#include "transport/measures.hpp"

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
    EXPECT_NEAR(w2_line(a, b).w2, w2_by_permutation(a, b), 1e-14) << na << " and " << nb;
  }
}

TEST(W2Line, KnowsClosedForms) {
  EXPECT_EQ(w2_line({1}, {4}).w2, 3);
  EXPECT_EQ(w2_line({3, 1, 2}, {12, 13, 11}).w2, 10);
  EXPECT_NEAR(w2_line({0}, {0, 1, -2}).w2, std::sqrt(5.0 / 3), 1e-15);
  // F^{-1}: 0 then 6 against 0, 3, 6 on thirds: the middle third is 3 away on both sides.
  EXPECT_NEAR(w2_line({6, 0}, {3, 6, 0}).w2, std::sqrt(3.0), 1e-15);
}

TEST(W2Line, IsZeroForTheSameMeasureAndSymmetric) {
  const auto a = random_points(1000, 3);
  const auto b = random_points(777, 4);
  auto twice = a;
  twice.insert(twice.end(), a.begin(), a.end());
  EXPECT_EQ(w2_line(a, a).w2, 0);
  EXPECT_EQ(w2_line(a, twice).w2, 0);
  EXPECT_EQ(w2_line(a, b).w2, w2_line(b, a).w2);
}

TEST(W2Line, NeitherOverflowsNorUnderflows) {
  EXPECT_NEAR(w2_line({1e200, 0}, {3e200, 0}).w2 / 1e200, std::sqrt(2.0), 1e-15);
  EXPECT_NEAR(w2_line({1e-200, 0}, {3e-200, 0}).w2 / 1e-200, std::sqrt(2.0), 1e-15);
}

/// Both quantile functions at the middle of every interval between breakpoints.
double w2_by_quantiles(const DiscreteMeasure& a, const DiscreteMeasure& b) {
  using Atoms = std::vector<std::pair<double, long double>>;
  const auto cumulative = [](const DiscreteMeasure& measure) {
    std::vector<std::pair<double, double>> atoms;
    for (std::size_t i = 0; i < measure.n; ++i)
      atoms.emplace_back(measure.planes[i], measure.weights[i]);
    std::sort(atoms.begin(), atoms.end());
    Atoms steps;
    long double sum = 0;
    for (const auto& [value, weight] : atoms) steps.emplace_back(value, sum += weight);
    for (auto& step : steps) step.second /= sum;
    return steps;
  };
  const Atoms of_a = cumulative(a), of_b = cumulative(b);
  const auto quantile = [](const Atoms& steps, long double u) {
    for (const auto& [value, end] : steps) {
      if (u < end) return value;
    }
    return steps.back().first;
  };
  std::vector<long double> breaks{0};
  for (const auto& [value, end] : of_a) breaks.push_back(end);
  for (const auto& [value, end] : of_b) breaks.push_back(end);
  std::sort(breaks.begin(), breaks.end());
  long double sum = 0;
  for (std::size_t k = 1; k < breaks.size(); ++k) {
    const long double middle = (breaks[k - 1] + breaks[k]) / 2;
    const long double difference = quantile(of_a, middle) - quantile(of_b, middle);
    sum += (breaks[k] - breaks[k - 1]) * difference * difference;
  }
  return static_cast<double>(std::sqrt(sum));
}

TEST(W2LineWeighted, IsTheIntegralOverQuantiles) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    // Every third time from a few values only, so that there are duplicates.
    auto a = test::random_measure(1 + seed % 17, 1, seed, true);
    auto b = test::random_measure(1 + seed * 7 % 23, 1, seed + 1000, seed % 2 == 0);
    if (seed % 3 == 0) {
      for (double& x : a.planes) x = std::round(x);
      for (double& x : b.planes) x = std::round(x);
    }
    const double expected = w2_by_quantiles(a, b);
    // Weights are off by 2^-53 of themselves: a mass of 1e-15 over a distance of at most 8.
    EXPECT_NEAR(w2_line(a, b, 1).w2 * w2_line(a, b, 1).w2, expected * expected, 1e-13) << seed;
    EXPECT_EQ(w2_line(a, b, 1).w2, w2_line(a, b, 2).w2);
  }
}

TEST(W2LineWeighted, OfWholeMultiplesIsThatOfRepeatedPoints) {
  const auto a = test::line_measure({3, 1, 2}, {.5, .25, .25});
  const auto b = test::line_measure({0, 5}, {.75, .25});
  EXPECT_EQ(w2_line(a, b, 1).w2, w2_line({1, 2, 3, 3}, {0, 0, 0, 5}).w2);
}

TEST(W2LineWeighted, IsZeroForTheSameMeasureInAnyOrder) {
  auto a = test::random_measure(5000, 1, 1, true);
  for (std::size_t i = 0; i < 2000; ++i) a.planes[i] = a.planes[i % 7];
  auto turned = a;
  std::reverse(turned.planes.begin(), turned.planes.end());
  std::reverse(turned.weights.begin(), turned.weights.end());
  EXPECT_EQ(w2_line(a, a, 2).w2, 0);
  EXPECT_EQ(w2_line(a, turned, 2).w2, 0);
  const auto dirac = test::line_measure({2}, {1});
  EXPECT_EQ(w2_line(dirac, test::line_measure({2, 2}, {.3, .7}), 1).w2, 0);
  EXPECT_EQ(w2_line(dirac, test::line_measure({-1}, {1}), 1).w2, 3);
}

TEST(W2LineWeighted, KnowsLargeClouds) {
  const auto a = test::random_measure(100000, 1, 9, true);
  auto moved = a;
  double squares = 0;
  for (std::size_t i = 0; i < a.n; ++i) {
    moved.planes[i] += 3;
    squares += a.weights[i] * a.planes[i] * a.planes[i];
  }
  EXPECT_NEAR(w2_line(a, moved, 2).w2, 3, 1e-12);
  EXPECT_NEAR(w2_line(a, test::line_measure({0}, {1}), 2).w2, std::sqrt(squares), 1e-12);
}

// 1024 values are worth the radix sort, 262144 more than one thread.
TEST(QuantileSteps, AreInTheOrderOfAStableSort) {
  const std::vector<double (*)(double, std::size_t)> laws{
      [](double x, std::size_t) { return x; },
      [](double x, std::size_t i) { return i == 7 ? 1e6 : x; },
      [](double x, std::size_t) { return std::exp(10 * x); },
      [](double x, std::size_t) { return std::tan(x); },
      [](double x, std::size_t) { return x > 0 ? 1. : 2.; },
      [](double x, std::size_t) { return x > 0 ? 0. : -0.; },
      [](double, std::size_t) { return 3.; },
      [](double, std::size_t i) { return static_cast<double>(i); }};
  for (const std::size_t n : {1023, 1024, 1025, 262143, 262144, 300001}) {
    const std::vector<double> points = random_points(n, n);
    for (std::size_t law = 0; law < laws.size(); ++law) {
      std::vector<double> values(n);
      for (std::size_t i = 0; i < n; ++i) values[i] = laws[law](points[i], i);
      std::vector<std::uint32_t> expected(n);
      std::iota(expected.begin(), expected.end(), 0u);
      std::stable_sort(expected.begin(), expected.end(),
                       [&](std::uint32_t i, std::uint32_t j) { return values[i] < values[j]; });
      for (const int threads : {1, 2, 3}) {
        const QuantileSteps steps =
            quantile_steps({values, {}}, static_cast<std::int64_t>(n), threads);
        EXPECT_TRUE(steps.index == expected) << "law " << law << ", " << n << ", " << threads;
      }
    }
  }
}

TEST(W2LineWeighted, RejectsOtherDimensions) {
  const auto plane = test::random_measure(5, 2, 1, true);
  EXPECT_THROW(w2_line(plane, plane, 1), InputError);
}

TEST(W2Line, RejectsWhatIsNoMeasure) {
  EXPECT_THROW(w2_line({}, {1}), InputError);
  EXPECT_THROW(w2_line({1}, {}), InputError);
  EXPECT_THROW(w2_line({1, std::numeric_limits<double>::quiet_NaN()}, {1}), InputError);
  EXPECT_THROW(w2_line({1}, {std::numeric_limits<double>::infinity()}), InputError);
}

}  // namespace
}  // namespace mckean
