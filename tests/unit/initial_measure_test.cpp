// Starting particles: quantiles against bisection, moments of the laws, purity, pairs and
// rejections.
#include "mckean/initial_measure.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <set>
#include <string>
#include <vector>

#include "host/transport/line/circle.hpp"
#include "mckean/cloud.hpp"
#include "mckean/error.hpp"

namespace mckean {
namespace {

constexpr double kPi = std::numbers::pi;

InitialMeasure make(InitLaw law, InitSampling sampling = InitSampling::iid,
                    Amplitude amplitude = Amplitude::one) {
  InitialMeasure measure;
  measure.law = law;
  measure.sampling = sampling;
  measure.amplitude = amplitude;
  return measure;
}

/// theta in [0, 2 pi] with F(theta) = u by plain bisection in long double; k = 0 for the uniform
/// law.
double quantile_by_bisection(int k, long double u) {
  constexpr long double kPiLong = std::numbers::pi_v<long double>;
  long double low = 0;
  long double high = 2 * kPiLong;
  for (int step = 0; step < 80; ++step) {
    const long double middle = (low + high) / 2;
    const long double wave = k == 0 ? 0 : 0.8L / k * std::sin(k * middle);
    (middle + wave < 2 * kPiLong * u ? low : high) = middle;
  }
  return static_cast<double>((low + high) / 2);
}

TEST(DrawInitial, PutsQuantilesWhereTheDistributionFunctionSays) {
  for (const auto& [law, k] : std::vector<std::pair<InitLaw, int>>{
           {InitLaw::uniform, 0}, {InitLaw::cos1, 1}, {InitLaw::cos2, 2}}) {
    for (const std::size_t m : {1, 2, 3, 10, 1001, 4096}) {
      const auto particles = draw_initial(make(law, InitSampling::quantile), m, 2, 1);
      for (std::size_t j = 0; j < m; ++j) {
        const double theta = quantile_by_bisection(
            k, (static_cast<long double>(j) + 0.5L) / static_cast<long double>(m));
        // F is known to 3 roundings of numbers below 2 pi, and its slope times 2 pi is at least .2.
        constexpr double kTolerance = 3 * 4.5e-16 / 0.2;
        ASSERT_NEAR(particles.view().b(0)[j], std::cos(theta), kTolerance) << m << " " << j;
        ASSERT_NEAR(particles.view().b(1)[j], std::sin(theta), kTolerance) << m << " " << j;
        ASSERT_EQ(particles.view().a()[j], 1);
      }
    }
  }
}

TEST(DrawInitial, StartsAtTheKnownDistanceFromTheUniformLaw) {
  // W2 at t = 0 of the design: .2828 = .4/sqrt 2 for cos2 (r = -.4 sin 2 theta), .8/sqrt 2 for
  // cos1.
  const auto distance = [](InitLaw law) {
    return w2_circle_uniform(
               angles(draw_initial(make(law, InitSampling::quantile), 20000, 2, 1)).points.values)
        .w2;
  };
  // theta - u has, in u, the variance of .8/k sin(k theta) under the law, by quadrature in theta.
  for (const int k : {1, 2}) {
    double squares = 0;
    double mean = 0;
    constexpr int kPoints = 1000;
    for (int i = 0; i < kPoints; ++i) {
      const double theta = 2 * kPi * i / kPoints;
      const double density = (1 + 0.8 * std::cos(k * theta)) / kPoints;
      const double r = -0.8 / k * std::sin(k * theta);
      squares += density * r * r;
      mean += density * r;
    }
    // The particles are quantiles of cells of width 2 pi/20000: second order in it.
    EXPECT_NEAR(distance(k == 1 ? InitLaw::cos1 : InitLaw::cos2), std::sqrt(squares - mean * mean),
                1e-6);
  }
  EXPECT_NEAR(distance(InitLaw::cos2), 0.2828, 5e-5);
}

/// Mean of f over the particles, minus what is expected, in standard deviations.
template <class F>
double deviations(std::size_t m, double expected, F f) {
  double sum = 0;
  double squares = 0;
  for (std::size_t j = 0; j < m; ++j) {
    sum += f(j);
    squares += f(j) * f(j);
  }
  const auto n = static_cast<double>(m);
  const double mean = sum / n;
  return (mean - expected) / std::sqrt((squares / n - mean * mean) / n);
}

TEST(DrawInitial, DrawsAnglesOfTheLaw) {
  constexpr std::size_t kParticles = 40000;
  // E cos(l theta) = .4 where l is the law's mode, else 0; E sin = 0.
  for (const auto& [law, mode] : std::vector<std::pair<InitLaw, int>>{
           {InitLaw::uniform, 0}, {InitLaw::cos1, 1}, {InitLaw::cos2, 2}}) {
    const std::vector<double> theta =
        angles(draw_initial(make(law), kParticles, 2, 3)).points.values;
    for (const int l : {1, 2, 3, 4}) {
      EXPECT_LT(std::abs(deviations(kParticles, l == mode ? 0.4 : 0,
                                    [&](std::size_t j) { return std::cos(l * theta[j]); })),
                5);
      EXPECT_LT(std::abs(deviations(kParticles, 0,
                                    [&](std::size_t j) { return std::sin(l * theta[j]); })),
                5);
    }
  }
}

TEST(DrawInitial, DrawsGaussianAndUniformDirectionsInAnyDimension) {
  constexpr std::size_t kParticles = 40000;
  for (const std::size_t d : {1, 2, 3, 8}) {
    for (const InitLaw law : {InitLaw::uniform, InitLaw::gaussian}) {
      if (law == InitLaw::uniform && d == 1) continue;  // b^2 = 1 has no deviation; see below
      const auto particles = draw_initial(make(law), kParticles, d, 3);
      for (std::size_t k = 0; k < d; ++k) {
        const auto b = particles.view().b(k);
        EXPECT_LT(std::abs(deviations(kParticles, 0, [&](std::size_t j) { return b[j]; })), 5);
        EXPECT_LT(std::abs(deviations(kParticles, 1 / static_cast<double>(d),
                                      [&](std::size_t j) { return b[j] * b[j]; })),
                  5);
      }
    }
    const auto particles = draw_initial(make(InitLaw::uniform), 100, d, 3);
    for (std::size_t j = 0; j < 100; ++j) {
      double square = 0;
      for (std::size_t k = 0; k < d; ++k) square += std::pow(particles.view().b(k)[j], 2);
      EXPECT_NEAR(square, 1, (static_cast<double>(d) + 3) * 2.3e-16);
    }
  }
}

TEST(DrawInitial, DrawsTheAmplitudes) {
  constexpr std::size_t kParticles = 40000;
  for (const auto sampling : {InitSampling::iid, InitSampling::quantile}) {
    const auto draw = [&](Amplitude amplitude) {
      auto measure = make(InitLaw::uniform, sampling, amplitude);
      measure.scale_a = 3;
      measure.scale_b = 0.5;
      return draw_initial(measure, kParticles, 2, 3);
    };
    const auto zero = draw(Amplitude::zero);
    const auto one = draw(Amplitude::one);
    const auto sign = draw(Amplitude::sign);
    const auto gaussian = draw(Amplitude::gaussian);
    for (std::size_t j = 0; j < kParticles; ++j) {
      ASSERT_EQ(zero.values[j], 0);
      ASSERT_EQ(one.values[j], 3);
      ASSERT_EQ(std::abs(sign.values[j]), 3);
      ASSERT_NEAR(std::hypot(one.view().b(0)[j], one.view().b(1)[j]), 0.5, 1e-15);
    }
    for (const auto* particles : {&sign, &gaussian}) {
      const auto a = particles->view().a();
      EXPECT_LT(std::abs(deviations(kParticles, 0, [&](std::size_t j) { return a[j]; })), 5);
    }
    const auto a = gaussian.view().a();
    EXPECT_LT(std::abs(deviations(kParticles, 9, [&](std::size_t j) { return a[j] * a[j]; })), 5);
  }
}

TEST(DrawInitial, DrawsAmplitudesIndependentlyOfDirections) {
  constexpr std::size_t kParticles = 40000;
  for (const InitLaw law : {InitLaw::uniform, InitLaw::gaussian, InitLaw::cos1, InitLaw::cos2}) {
    for (const Amplitude amplitude : {Amplitude::sign, Amplitude::gaussian}) {
      const auto particles =
          draw_initial(make(law, InitSampling::iid, amplitude), kParticles, 2, 3);
      const auto a = particles.view().a();
      for (std::size_t k = 0; k < 2; ++k) {
        const auto b = particles.view().b(k);
        const auto product = [&](std::size_t j) { return a[j] * b[j]; };
        EXPECT_LT(std::abs(deviations(kParticles, 0, product)), 5);
      }
    }
  }
}

TEST(DrawInitial, PairsOppositeAmplitudes) {
  for (const auto sampling : {InitSampling::iid, InitSampling::quantile}) {
    auto measure = make(InitLaw::cos2, sampling, Amplitude::gaussian);
    const auto single = draw_initial(measure, 50, 2, 3);
    measure.paired = true;
    const auto paired = draw_initial(measure, 100, 2, 3);
    std::set<double> distinct;
    for (std::size_t i = 0; i < 50; ++i) {
      EXPECT_EQ(paired.view().a()[2 * i], single.view().a()[i]);
      EXPECT_EQ(paired.view().a()[2 * i + 1], -single.view().a()[i]);
      for (std::size_t k = 0; k < 2; ++k) {
        EXPECT_EQ(paired.view().b(k)[2 * i], single.view().b(k)[i]);
        EXPECT_EQ(paired.view().b(k)[2 * i + 1], single.view().b(k)[i]);
      }
      distinct.insert(single.view().b(0)[i]);
    }
    EXPECT_GE(distinct.size(), 25u);
  }
}

TEST(DrawInitial, IsAPureFunctionOfItsArguments) {
  for (const InitLaw law : {InitLaw::uniform, InitLaw::gaussian, InitLaw::cos1, InitLaw::cos2}) {
    const auto measure = make(law, InitSampling::iid, Amplitude::gaussian);
    const auto particles = draw_initial(measure, 30, 2, 3);
    EXPECT_EQ(draw_initial(measure, 30, 2, 3).values, particles.values);
    EXPECT_NE(draw_initial(measure, 30, 2, 4).values, particles.values);
    const auto more = draw_initial(measure, 60, 2, 3);
    for (std::size_t j = 0; j < 30; ++j) {
      EXPECT_EQ(more.view().a()[j], particles.view().a()[j]);
      EXPECT_EQ(more.view().b(1)[j], particles.view().b(1)[j]);
    }
  }
}

void expect_rejection(const InitialMeasure& measure, std::size_t m, std::size_t d,
                      const std::string& mend) {
  try {
    draw_initial(measure, m, d, 1);
    FAIL() << "accepted where it should say: " << mend;
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("; " + mend), std::string::npos) << error.what();
  }
}

TEST(DrawInitial, RejectsCombinationsThatDoNotExist) {
  expect_rejection(make(InitLaw::uniform), 0, 2, "give at least 1");
  expect_rejection(make(InitLaw::uniform), 5, 0, "give d >= 1");
  expect_rejection(make(InitLaw::file), 5, 2, "name it");
  expect_rejection(make(InitLaw::cos1), 5, 3, "take uniform or gaussian");
  expect_rejection(make(InitLaw::cos2), 5, 1, "take uniform or gaussian");
  expect_rejection(make(InitLaw::gaussian, InitSampling::quantile), 5, 2, "take iid");
  expect_rejection(make(InitLaw::uniform, InitSampling::quantile), 5, 3, "take iid");
  auto measure = make(InitLaw::uniform);
  measure.paired = true;
  expect_rejection(measure, 5, 2, "give an even number");
  measure = make(InitLaw::uniform);
  measure.scale_a = std::numeric_limits<double>::infinity();
  expect_rejection(measure, 5, 2, "give a number");
  measure.scale_a = 1;
  measure.scale_b = std::numeric_limits<double>::quiet_NaN();
  expect_rejection(measure, 5, 2, "give a number");
}

}  // namespace
}  // namespace mckean
