// The order of angles and of any values against a stable sort: ties, clusters, the ends of the
// range, NaN, heavy tails, threads.
#include "kernels/cpu/angle_order.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <numeric>
#include <random>

namespace mckean::cpu {
namespace {

using std::numbers::pi;

void check(const std::vector<double>& angles) {
  std::vector<std::size_t> expected(angles.size());
  std::iota(expected.begin(), expected.end(), std::size_t{0});
  std::stable_sort(expected.begin(), expected.end(), [&](std::size_t i, std::size_t j) {
    return sortable(angles[i]) < sortable(angles[j]);
  });
  for (const int threads : {1, 2, 3}) {
    const AngleOrder order(angles.size(), threads, [&](std::size_t i) { return angles[i]; });
    for (std::size_t r = 0; r < angles.size(); ++r) ASSERT_EQ(order[r], expected[r]) << r;
  }
}

std::vector<double> random_angles(std::size_t count, double middle, double spread) {
  std::mt19937_64 engine(count);
  std::uniform_real_distribution<double> uniform(-spread, spread);
  std::vector<double> angles(count);
  for (double& angle : angles) angle = middle + uniform(engine);
  return angles;
}

// Spreads below 2 pi/2^32 = 1.5e-9 put all angles into one place or two.
TEST(AngleOrder, IsAStableSort) {
  for (const std::size_t count : {0, 1, 2, 31, 4096, 4097, 70001}) {
    check(random_angles(count, 0, pi));
    for (const double spread : {1e-6, 1e-9, 1e-12}) check(random_angles(count, 1, spread));
  }
}

TEST(AngleOrder, EqualAnglesKeepTheirOrder) {
  std::vector<double> angles(50000);
  for (std::size_t i = 0; i < angles.size(); ++i) angles[i] = static_cast<double>(i % 7) - 3;
  check(angles);
  check(std::vector<double>(10000, .5));
}

TEST(AngleOrder, EndsOfTheRangeAndWhatIsNoAngle) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> angles = random_angles(9000, 0, pi);
  const double special[] = {pi,    -pi, 0., -0., std::nextafter(pi, 0), std::nextafter(-pi, 0),
                            5e-324};
  for (std::size_t i = 0; i < 700; ++i) angles[12 * i] = special[i % 7];
  check(angles);
  angles[17] = nan;
  angles[8000] = nan;
  const AngleOrder order(angles.size(), 2, [&](std::size_t i) { return angles[i]; });
  std::vector<bool> seen(angles.size());
  for (std::size_t r = 0; r < angles.size(); ++r) seen[order[r]] = true;
  for (const bool there : seen) EXPECT_TRUE(there);
}

using Law = std::function<double(std::mt19937_64&, std::size_t)>;

double normal(std::mt19937_64& engine) { return std::normal_distribution<double>()(engine); }

/// Laws of value i of a sample, by name.
const std::vector<std::pair<const char*, Law>>& laws() {
  static const std::vector<std::pair<const char*, Law>> all{
      {"normal", [](auto& engine, std::size_t) { return normal(engine); }},
      {"cauchy", [](auto& engine, std::size_t) { return normal(engine) / normal(engine); }},
      {"outlier", [](auto& engine, std::size_t i) { return i == 77 ? 1e6 : normal(engine); }},
      {"equal", [](auto&, std::size_t) { return .3; }},
      {"two values", [](auto& engine, std::size_t) { return engine() % 2 ? .1 : .3; }},
      {"two neighbours",
       [](auto& engine, std::size_t) { return engine() % 2 ? 1. : std::nextafter(1., 2.); }},
      {"sorted", [](auto&, std::size_t i) { return static_cast<double>(i) / 7; }},
      {"falling", [](auto&, std::size_t i) { return -static_cast<double>(i / 3); }},
      {"periodic", [](auto&, std::size_t i) { return static_cast<double>(i % 16); }},
      {"lognormal", [](auto& engine, std::size_t) { return std::exp(10 * normal(engine)); }},
      {"all exponents",
       [](auto& engine, std::size_t) {
         const double x =
             std::ldexp(1 + .5 * normal(engine), static_cast<int>(engine() % 2200) - 1150);
         return std::isfinite(x) ? x : std::numeric_limits<double>::max();
       }},
      {"subnormal",
       [](auto& engine, std::size_t) { return 5e-324 * std::round(9 * normal(engine)); }},
      {"atom among normal ones",
       [](auto& engine, std::size_t) { return engine() % 2 ? .5 : normal(engine); }},
      {"atom and its surroundings",
       [](auto& engine, std::size_t) {
         return engine() % 2 ? 1 : 1 + 1e-15 * std::round(9 * normal(engine));
       }},
      {"narrow clusters",
       [](auto& engine, std::size_t) {
         return static_cast<double>(engine() % 1000) + 1e-9 * normal(engine);
       }},
      {"signed zeros", [](auto& engine, std::size_t) { return engine() % 2 ? 0. : -0.; }},
      {"ends", [](auto& engine, std::size_t) {
         return (engine() % 2 ? 1 : -1) * std::numeric_limits<double>::max() /
                static_cast<double>(1 + engine() % 3);
       }}};
  return all;
}

void check_values(const std::vector<double>& values) {
  std::vector<std::size_t> expected(values.size());
  std::iota(expected.begin(), expected.end(), std::size_t{0});
  std::stable_sort(expected.begin(), expected.end(),
                   [&](std::size_t i, std::size_t j) { return values[i] < values[j]; });
  for (const int threads : {1, 2, 3}) {
    const ValueOrder order(values, threads);
    for (std::size_t r = 0; r < values.size(); ++r) ASSERT_EQ(order[r], expected[r]) << r;
  }
}

// 16384 entries are worth a chunk of a radix pass; a sample has one value of 64.
TEST(ValueOrder, IsAStableSortForEveryLaw) {
  for (const auto& [name, law] : laws()) {
    for (const std::size_t count : {0, 1, 2, 65, 600, 1024, 4097, 65537, 150000}) {
      SCOPED_TRACE(name + (", " + std::to_string(count)));
      std::mt19937_64 engine(count);
      std::vector<double> values(count);
      for (std::size_t i = 0; i < count; ++i) values[i] = law(engine, i);
      check_values(values);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(ValueOrder, NoLawFillsFewPlaces) {
  constexpr std::size_t count = 200000;
  for (const auto& [name, law] : laws()) {
    std::mt19937_64 engine(5);
    std::vector<double> values(count);
    for (std::size_t i = 0; i < count; ++i) values[i] = law(engine, i);
    const SampledPlaces place(values, 2);
    std::sort(values.begin(), values.end());
    std::size_t unlike = 0, longest = 0;  // values since the last change of place, if not all equal
    for (std::size_t i = 0, first = 0; i < count; ++i) {
      if (place(values[i]) != place(values[first])) first = i;
      unlike = values[i] == values[first] ? 0 : i - first + 1;
      longest = std::max(longest, unlike);
    }
    // A bin has 1/256 of the values on average; more than five times as many, of which the sample
    // has 12 and not 61, have a probability below 1e-13.
    EXPECT_LT(longest, 5 * count / 256) << name;
  }
}

TEST(ValueOrder, IsSafeForWhatIsNoNumber) {
  std::mt19937_64 engine(3);
  std::vector<double> values(5000);
  for (double& x : values) x = normal(engine);
  for (std::size_t i = 0; i < values.size(); i += 9)
    values[i] = std::numeric_limits<double>::infinity() * (i % 2 ? 1 : -1);
  check_values(values);
  for (std::size_t i = 0; i < values.size(); i += 7)
    values[i] = std::numeric_limits<double>::quiet_NaN();
  const ValueOrder order(values, 2);
  std::vector<bool> seen(values.size());
  for (std::size_t r = 0; r < values.size(); ++r) seen[order[r]] = true;
  EXPECT_EQ(std::count(seen.begin(), seen.end(), true), 5000);
}

}  // namespace
}  // namespace mckean::cpu
