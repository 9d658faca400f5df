// compute_w2: stored distances by every method, any scale, the choice of a method, sampling errors.
#include "host/transport/distance.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <tuple>

#include "mckean/error.hpp"
#include "reference/transport_values.hpp"
#include "transport/measures.hpp"

namespace mckean {
namespace {

using reference::StoredTransport;
using reference::transport_values;

constexpr double pi = std::numbers::pi;

void expect_valid(const Distance& result) {
  EXPECT_GE(result.lower, 0);
  EXPECT_LE(result.lower, result.value);
  EXPECT_LE(result.value, result.upper);
  EXPECT_GE(result.seconds, 0);
}

TEST(Distance, EveryMethodFindsStoredDistances) {
  std::size_t index = 0;
  for (const StoredTransport& stored : transport_values) {
    const auto [a, b] = reference::make_instance(stored, index++);
    const double expected = std::sqrt(stored.squared_distance);
    std::vector<W2Method> methods{W2Method::automatic, W2Method::exact,  W2Method::semidiscrete,
                                  W2Method::sinkhorn,  W2Method::sliced, W2Method::bounds};
    if (stored.cost == GroundCost::euclidean && stored.d == 1) methods.push_back(W2Method::line);
    if (stored.cost == GroundCost::geodesic && stored.d == 2) methods.push_back(W2Method::circle);
    for (const W2Method method : methods) {
      const bool rough = method == W2Method::sinkhorn;
      const Distance found =
          compute_w2(a, b, {.method = method, .cost = stored.cost, .rtol = rough ? .02 : 1e-9});
      expect_valid(found);
      // The stored values have the roundings of a sum.
      EXPECT_LE(found.lower, expected * (1 + 1e-13)) << stored.name << ", " << name_of(method);
      EXPECT_GE(found.upper, expected * (1 - 1e-13)) << stored.name << ", " << name_of(method);
      if (method == W2Method::sliced || method == W2Method::bounds) continue;
      EXPECT_TRUE(found.converged) << stored.name << ", " << name_of(method);
      EXPECT_NEAR(found.value, expected, (rough ? .02 : 1e-9) * expected)
          << stored.name << ", " << name_of(method);
    }
  }
}

// A power of two as a factor changes nothing but exponents; other factors round the points.
TEST(Distance, HoldsAtEveryScale) {
  const DiscreteMeasure a = test::random_measure(30, 3, 1, true);
  const DiscreteMeasure b = test::translated(test::random_measure(20, 3, 2, false), .5);
  for (const W2Method method : {W2Method::exact, W2Method::semidiscrete, W2Method::sinkhorn,
                                W2Method::sliced, W2Method::bounds}) {
    const DistanceOptions options{.method = method, .rtol = .02};
    const Distance unit = compute_w2(a, b, options);
    for (const int exponent : {-900, -530, -300, 300, 495}) {
      DiscreteMeasure small_a = a, small_b = b;
      for (double& x : small_a.planes) x = std::ldexp(x, exponent);
      for (double& x : small_b.planes) x = std::ldexp(x, exponent);
      const Distance found = compute_w2(small_a, small_b, options);
      expect_valid(found);
      EXPECT_NEAR(std::ldexp(found.value, -exponent), unit.value, .02 * unit.value)
          << name_of(method);
      EXPECT_EQ(found.converged, unit.converged) << name_of(method) << " at 2^" << exponent;
      ASSERT_EQ(found.sampling_error.has_value(), unit.sampling_error.has_value());
      if (unit.sampling_error) {
        EXPECT_NEAR(std::ldexp(*found.sampling_error, -exponent), *unit.sampling_error,
                    .02 * *unit.sampling_error);
      }
    }
  }
}

TEST(Distance, ClosedFormsHoldNearZeroAndFarOut) {
  const auto line = [](std::vector<double> a, std::vector<double> b) {
    DiscreteMeasure x = test::line_measure(std::move(a), {.5, .5});
    DiscreteMeasure y = test::line_measure(std::move(b), {.5, .5});
    x.uniform = y.uniform = true;
    return compute_w2(x, y, {.method = W2Method::line, .rtol = 1e-9});
  };
  for (const Distance& found : {line({0, 1000}, {1e-6, 1000 + 1e-6}), line({0, 1e9}, {.5, 1e9}),
                                line({1e-170, 0}, {0, 0}), line({1e149, -1e149}, {0, 1e149})}) {
    expect_valid(found);
    EXPECT_TRUE(found.converged);
  }
  EXPECT_NEAR(line({1e-170, 0}, {0, 0}).value / 1e-170, std::sqrt(.5), 1e-15);
}

// An atom lighter than a unit of mass, so far away that it is all of the distance.
TEST(Distance, TheLightestAtomCountsOnALine) {
  const DiscreteMeasure a = test::line_measure({0, 1e12}, {1, 1e-19});
  for (const W2Method method : {W2Method::line, W2Method::exact, W2Method::semidiscrete}) {
    const Distance found = compute_w2(a, test::line_measure({0}, {1}), {.method = method});
    const double expected = std::sqrt(1e-19) * 1e12;
    EXPECT_LE(found.lower, expected) << name_of(method);
    EXPECT_GE(found.upper, expected) << name_of(method);
  }
}

TEST(Distance, SquaresThatUnderflowAreNotZero) {
  const DiscreteMeasure a{2, 2, {0, 1, 0, 0}, {.5, .5}, true};
  const DiscreteMeasure b{2, 2, {1e-170, 1, 0, 0}, {.5, .5}, true};
  for (const W2Method method : {W2Method::automatic, W2Method::exact, W2Method::semidiscrete,
                                W2Method::sinkhorn, W2Method::sliced, W2Method::bounds}) {
    const Distance found = compute_w2(a, b, {.method = method});
    EXPECT_GE(found.upper, 1e-170) << name_of(method);
    EXPECT_LE(found.lower, 1e-170) << name_of(method);
  }
}

TEST(Distance, AnglesBeyondTheCutAreTurnedBack) {
  // -992268.8980436826 is 157924 turns and a little more than pi behind 0.
  const DiscreteMeasure a = test::line_measure({-pi, -992268.8980436826}, {.5, .5});
  const DiscreteMeasure b = test::line_measure({-pi + .1, -pi + 1.1}, {.5, .5});
  const Distance found = compute_w2(a, b, {.method = W2Method::circle});
  const double reduced = std::atan2(std::sin(-992268.8980436826), std::cos(-992268.8980436826));
  // Both behind -pi, in their order: by .1 and by what is left to the second.
  const double second = std::remainder(-pi + 1.1 - reduced, 2 * pi);
  const double expected = std::sqrt((.1 * .1 + second * second) / 2);
  EXPECT_NEAR(found.value, expected, 1e-15);
  EXPECT_LE(found.lower, expected);
  EXPECT_GE(found.upper, expected);
}

TEST(Distance, AnglesOfManyTurnsAreReducedByTheTrueTurn) {
  // 1e10 and 1e15 less whole turns, from sine and cosine, whose argument is reduced exactly.
  for (const double angle : {7., 1e3, 1e6, 1e10, 1e15}) {
    const Distance found = compute_w2(test::line_measure({angle}, {1}),
                                      test::line_measure({0}, {1}), {.method = W2Method::circle});
    const double expected = std::abs(std::atan2(std::sin(angle), std::cos(angle)));
    EXPECT_LE(found.lower, expected);
    EXPECT_GE(found.upper, expected);
    EXPECT_TRUE(found.converged);
  }
}

TEST(Distance, OfUnitVectorsIsThatOfTheirDirections) {
  // Norms off by what is let through count for nothing.
  const auto at = [](double x, double y, double z) {
    return DiscreteMeasure{1, 3, {x, y, z}, {1}, true};
  };
  for (const W2Method method :
       {W2Method::automatic, W2Method::exact, W2Method::semidiscrete, W2Method::sinkhorn}) {
    const DistanceOptions options{.method = method, .cost = GroundCost::geodesic, .rtol = 1e-6};
    EXPECT_LE(compute_w2(at(1, 0, 0), at(1 + 4e-10, 0, 0), options).upper, 1e-14);
    const Distance opposite = compute_w2(at(1, 0, 0), at(-1 - 4e-10, 0, 0), options);
    EXPECT_GE(opposite.upper, pi);
    EXPECT_LE(opposite.lower, pi);
  }
  EXPECT_THROW(compute_w2(at(1, 0, 0), at(1 + 1e-8, 0, 0), {.cost = GroundCost::geodesic}),
               InputError);
}

TEST(Distance, ChoosesByDimensionSizeAndTolerance) {
  const auto chosen = [](const DiscreteMeasure& a, const DiscreteMeasure& b,
                         const DistanceOptions& options) {
    return compute_w2(a, b, options).method;
  };
  const auto cloud = [](std::size_t n, std::size_t d, std::uint64_t seed) {
    return test::random_measure(n, d, seed, false);
  };
  EXPECT_EQ(chosen(cloud(50, 1, 1), cloud(60, 1, 2), {}), W2Method::line);
  EXPECT_EQ(chosen(cloud(50, 3, 1), cloud(60, 3, 2), {}), W2Method::exact);
  EXPECT_EQ(chosen(cloud(20000, 3, 1), cloud(20, 3, 2), {}), W2Method::semidiscrete);
  EXPECT_EQ(chosen(cloud(20, 3, 1), cloud(20000, 3, 2), {}), W2Method::semidiscrete);
  EXPECT_EQ(chosen(cloud(50, 3, 1), test::translated(cloud(50, 3, 1), 1), {}), W2Method::bounds);
  EXPECT_EQ(chosen(cloud(50, 3, 1), cloud(60, 3, 2), {.rtol = .99}), W2Method::bounds);
}

TEST(Distance, DoesNoWorkForWhatTheBoundsProve) {
  const DiscreteMeasure a = test::random_measure(500, 3, 1, true);
  for (const W2Method method : {W2Method::exact, W2Method::semidiscrete}) {
    const Distance found = compute_w2(a, test::translated(a, 1), {.method = method, .rtol = 1e-9});
    EXPECT_TRUE(found.converged);
    EXPECT_EQ(found.method, method);
    EXPECT_EQ(found.iterations, 0);
    EXPECT_NEAR(found.value, std::sqrt(3.), 1e-9);
  }
}

// As a run does from record to record.
TEST(Distance, StartsFromThePotentialsOfANearbyProblem) {
  const DiscreteMeasure a = test::random_measure(4000, 3, 21, false);
  const DiscreteMeasure b = test::translated(test::random_measure(40, 3, 22, false), .2);
  for (const W2Method method : {W2Method::exact, W2Method::semidiscrete, W2Method::sinkhorn}) {
    W2Options options{{.method = method, .rtol = method == W2Method::sinkhorn ? .02 : 1e-6}};
    const Distance first = compute_w2(a, b, options);
    ASSERT_EQ(first.psi.size(), b.n) << name_of(method);
    const DiscreteMeasure next = test::translated(a, 1e-4);
    const Distance cold = compute_w2(next, b, options);
    options.psi = first.psi;
    const Distance warm = compute_w2(next, b, options);
    EXPECT_TRUE(warm.converged) << name_of(method);
    // Those of exact are a handful of epsilons: one less, or none.
    EXPECT_LE(warm.iterations, cold.iterations) << name_of(method);
    if (method != W2Method::exact) {
      EXPECT_LT(warm.iterations, cold.iterations) << name_of(method);
    }
    EXPECT_LE(warm.lower, cold.upper) << name_of(method);
    EXPECT_GE(warm.upper, cold.lower) << name_of(method);
  }
}

/// The deviation of W2 over many draws from N(0, I) and from N(s, I).
TEST(Distance, SamplingErrorIsTheDeviationOverSamples) {
  for (const auto& [d, method, m] :
       std::vector<std::tuple<std::size_t, W2Method, std::size_t>>{{1, W2Method::line, 200},
                                                                   {2, W2Method::exact, 200},
                                                                   {2, W2Method::semidiscrete, 15},
                                                                   {3, W2Method::bounds, 200}}) {
    for (const Sampled sampled : {Sampled::both, Sampled::first}) {
      const DiscreteMeasure fixed = test::translated(test::random_measure(m, d, 999, false), 2);
      constexpr int draws = 60;
      double sum = 0, squares = 0, told = 0;
      for (int draw = 0; draw < draws; ++draw) {
        const auto seed = static_cast<std::uint64_t>(2 * draw);
        const DiscreteMeasure a = test::random_measure(200, d, seed, false);
        const DiscreteMeasure b =
            sampled == Sampled::both
                ? test::translated(test::random_measure(m, d, seed + 1, false), 2)
                : fixed;
        const Distance found =
            compute_w2(a, b, {.method = method, .rtol = 1e-4, .sampled = sampled});
        sum += found.value;
        squares += found.value * found.value;
        told += found.sampling_error.value() / draws;
      }
      const double deviation = std::sqrt((squares - sum * sum / draws) / (draws - 1));
      // A deviation from 60 draws has a relative one of 1/sqrt(118); four of them.
      EXPECT_NEAR(told, deviation, 4 / std::sqrt(118.) * deviation)
          << name_of(method) << ", " << static_cast<int>(sampled);
    }
  }
}

TEST(Distance, SamplingErrorOnTheCircle) {
  constexpr int draws = 60;
  double sum = 0, squares = 0, told = 0;
  for (int draw = 0; draw < draws; ++draw) {
    const auto angles = [&](std::uint64_t seed, double by) {
      DiscreteMeasure measure = test::random_measure(300, 1, seed, false);
      for (double& x : measure.planes) x = .4 * x + by;
      return measure;
    };
    const Distance found = compute_w2(angles(2 * static_cast<std::uint64_t>(draw), 0),
                                      angles(2 * static_cast<std::uint64_t>(draw) + 1, 1.5),
                                      {.method = W2Method::circle});
    sum += found.value;
    squares += found.value * found.value;
    told += found.sampling_error.value() / draws;
  }
  const double deviation = std::sqrt((squares - sum * sum / draws) / (draws - 1));
  EXPECT_NEAR(told, deviation, 4 / std::sqrt(118.) * deviation);
}

TEST(Distance, EqualMeasuresAreAtZero) {
  const DiscreteMeasure a = test::random_measure(300, 3, 5, true);
  for (const W2Method method : {W2Method::automatic, W2Method::exact, W2Method::semidiscrete,
                                W2Method::sinkhorn, W2Method::sliced, W2Method::bounds}) {
    const Distance found = compute_w2(a, a, {.method = method});
    EXPECT_EQ(found.value, 0);
    EXPECT_EQ(found.upper, 0);
    EXPECT_TRUE(found.converged);
  }
}

TEST(Distance, ToTheUniformLawStopsInTimeWithABracket) {
  const DiscreteMeasure one = test::random_measure(1, 1, 1, false);
  for (const std::size_t n : {1, 1000}) {
    const DiscreteMeasure a = n == 1 ? one : test::random_measure(n, 1, 1, true);
    const Distance whole = compute_w2_to_uniform(a, DistanceOptions{});
    EXPECT_TRUE(whole.converged);
    const Distance early = compute_w2_to_uniform(a, {.time_limit = 1e-9});
    EXPECT_FALSE(early.converged);
    EXPECT_EQ(early.lower, 0);
    EXPECT_GE(early.upper, whole.value) << "an atom is as far as that";
    EXPECT_LE(early.upper, 1.8138);
  }
}

TEST(Distance, OfLargeEqualCloudsKeepsToItsTime) {
  const DiscreteMeasure a = test::random_measure(100000, 3, 5, true);
  const Distance early = compute_w2(a, a, {.time_limit = 1e-3});
  EXPECT_EQ(early.lower, 0);
  EXPECT_TRUE(std::isfinite(early.upper));
  // The sort alone has some two million comparisons of points far apart in memory.
  EXPECT_LT(early.seconds, compute_w2(a, a, DistanceOptions{}).seconds + .2);
}

TEST(Distance, StopsInTimeWithABracket) {
  const DiscreteMeasure a = test::random_measure(1000, 5, 7, false);
  const DiscreteMeasure b = test::translated(test::random_measure(1000, 5, 8, false), .1);
  const Distance whole = compute_w2(a, b, {.method = W2Method::exact});
  for (const W2Method method : {W2Method::exact, W2Method::semidiscrete, W2Method::sinkhorn}) {
    const Distance early = compute_w2(a, b, {.method = method, .time_limit = 1e-6});
    expect_valid(early);
    EXPECT_FALSE(early.converged);
    EXPECT_TRUE(std::isfinite(early.upper)) << name_of(method);
    EXPECT_LE(early.lower, whole.upper);
    EXPECT_GE(early.upper, whole.lower);
  }
}

}  // namespace
}  // namespace mckean
