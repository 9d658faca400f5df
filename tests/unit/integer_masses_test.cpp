// Weights as whole units: the same total, nothing lost, and how far they are from the weights.
#include "host/transport/exact/integer_masses.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "transport/measures.hpp"

namespace mckean {
namespace {

DiscreteMeasure with_weights(std::vector<double> weights) {
  std::vector<double> values(weights.size());
  std::iota(values.begin(), values.end(), 0.);
  return test::line_measure(std::move(values), std::move(weights));
}

DiscreteMeasure uniform(std::size_t n) {
  DiscreteMeasure measure = with_weights(std::vector<double>(n, 1 / static_cast<double>(n)));
  measure.uniform = true;
  return measure;
}

/// sum_i |units_i/total - weights_i/sum|.
long double distance(const std::vector<Mass>& units, Mass total, const DiscreteMeasure& measure) {
  long double sum = 0;
  for (const double weight : measure.weights) sum += weight;
  long double discrepancy = 0;
  for (std::size_t i = 0; i < units.size(); ++i) {
    const long double exact =
        measure.uniform ? 1 / static_cast<long double>(measure.n) : measure.weights[i] / sum;
    discrepancy +=
        std::abs(static_cast<long double>(units[i]) / static_cast<long double>(total) - exact);
  }
  return discrepancy;
}

void expect_right(const DiscreteMeasure& a, const DiscreteMeasure& b) {
  const IntegerMasses units = to_integer_masses(a, b);
  EXPECT_EQ(std::accumulate(units.a.begin(), units.a.end(), Mass{0}), units.total);
  EXPECT_EQ(std::accumulate(units.b.begin(), units.b.end(), Mass{0}), units.total);
  for (const Mass mass : units.a) EXPECT_GT(mass, 0);
  for (const Mass mass : units.b) EXPECT_GT(mass, 0);
  const long double discrepancy =
      distance(units.a, units.total, a) + distance(units.b, units.total, b);
  // The oracle's own sums lose a few units of its last place.
  const long double oracle = 0x1p-63L * static_cast<long double>(4 * (a.n + b.n));
  EXPECT_LE(discrepancy, units.discrepancy + oracle);
  EXPECT_LE(units.discrepancy, 0x1p-61 * static_cast<double>(a.n + b.n) + 0x1p-58);
}

TEST(IntegerMasses, AreExactWhereBothAreUniform) {
  for (const auto& [n, m] : std::vector<std::pair<std::size_t, std::size_t>>{
           {1, 1}, {3, 7}, {1000, 999}, {100000, 99999}}) {
    const IntegerMasses units = to_integer_masses(uniform(n), uniform(m));
    EXPECT_EQ(units.discrepancy, 0);
    EXPECT_EQ(units.a[0] * static_cast<Mass>(n), units.total);
    EXPECT_EQ(units.b[0] * static_cast<Mass>(m), units.total);
  }
}

TEST(IntegerMasses, AreExactOnTheUniformSide) {
  const DiscreteMeasure two = with_weights({.3, .7});
  const IntegerMasses units = to_integer_masses(uniform(999983), two);
  for (const Mass mass : units.a) EXPECT_EQ(mass, units.total / 999983);
  EXPECT_EQ(units.total % 999983, 0);
  EXPECT_LE(units.discrepancy, 0x1p-59);
}

TEST(IntegerMasses, KeepEveryMassAndTheWhole) {
  expect_right(with_weights({.5, .5}), with_weights({1. / 3, 1. / 3, 1. / 3}));
  expect_right(with_weights({1 - 1e-20, 1e-20}), with_weights({1e-300, 1, 1e-30}));
  expect_right(with_weights({.25, .75}), uniform(7));
  // Sums that are off by 1e-7 are divided by what they are.
  expect_right(with_weights({.5, .5 - 1e-7}), with_weights({.1, .9 + 1e-7}));
  std::vector<double> many(5000);
  for (std::size_t i = 0; i < many.size(); ++i)
    many[i] = std::exp(-30 * mckean::uniform(1, Purpose::samples, 0, i, 0));
  const double sum = std::accumulate(many.begin(), many.end(), 0.);
  for (double& weight : many) weight /= sum;
  expect_right(with_weights(many), with_weights({.2, .3, .5}));
}

}  // namespace
}  // namespace mckean
