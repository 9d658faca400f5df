// Teachers against sums written out, integrals by other rules, and sampled means.
#include "mckean/teacher.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <numbers>
#include <string>
#include <thread>
#include <vector>

#include "host/data/sphere_mean.hpp"
#include "mckean/data_set.hpp"
#include "mckean/error.hpp"
#include "mckean/initial_measure.hpp"
#include "mckean/interruption.hpp"
#include "mckean/linear_regression.hpp"

namespace mckean {
namespace {

constexpr double kPi = std::numbers::pi;

AnyActivation of_kind(ActivationKind kind) { return {kind, {}}; }
AnyActivation piecewise(double below, double above, double offset) {
  return {ActivationKind::piecewise_linear, {below, above, offset}};
}

double value_of(const AnyActivation& activation, double z) {
  return visit(activation, [z](const auto& sigma) { return double{sigma.value(z)}; });
}

const std::vector<AnyActivation>& smooth_activations() {
  static const std::vector<AnyActivation> all{
      of_kind(ActivationKind::tanh),  of_kind(ActivationKind::sigmoid),
      of_kind(ActivationKind::erf),   of_kind(ActivationKind::softplus),
      of_kind(ActivationKind::silu),  of_kind(ActivationKind::gelu),
      of_kind(ActivationKind::square)};
  return all;
}

/// E sigma(r t) for even d: with t = sin phi the integrand sigma_even(r sin phi) cos^{d-2} phi is
/// analytic with period pi, so that the trapezoidal rule converges geometrically.
double mean_by_trapezoids(const AnyActivation& activation, double r, std::size_t d) {
  constexpr int kPoints = 20000;
  long double sum = 0;
  long double mass = 0;
  for (int k = 0; k < kPoints; ++k) {
    const double phi = kPi * k / kPoints;
    const double weight = std::pow(std::cos(phi), static_cast<int>(d) - 2);
    const double z = r * std::sin(phi);
    sum += weight * (value_of(activation, z) + value_of(activation, -z)) / 2;
    mass += weight;
  }
  return static_cast<double>(sum / mass);
}

/// E sigma(r t) for odd d >= 3, where the density (1 - t^2)^{(d-3)/2} is a polynomial: Simpson's
/// rule, error (r h)^4 relative to the integrand.
double mean_by_simpson(const AnyActivation& activation, double r, std::size_t d) {
  constexpr int kPoints = 400000;
  long double sum = 0;
  long double mass = 0;
  for (int k = 0; k <= kPoints; ++k) {
    const double t = -1 + 2.0 * k / kPoints;
    const double simpson = k == 0 || k == kPoints ? 1 : (k % 2 == 1 ? 4 : 2);
    const double weight = simpson * std::pow(1 - t * t, (static_cast<int>(d) - 3) / 2);
    sum += weight * value_of(activation, r * t);
    mass += weight;
  }
  return static_cast<double>(sum / mass);
}

TEST(SphereMean, IsTheIntegralOverTheProjection) {
  for (const AnyActivation& activation : smooth_activations()) {
    for (const double r : {0.0, 0.01, 1.0, 3.0, 30.0}) {
      for (const std::size_t d : {2, 4, 10, 100}) {
        const double expected = mean_by_trapezoids(activation, r, d);
        EXPECT_NEAR(sphere_mean(activation, r, d), expected, 1e-13 * std::max(1e-2, expected))
            << static_cast<int>(activation.kind) << " r = " << r << " d = " << d;
      }
      for (const std::size_t d : {3, 5, 11}) {
        const double expected = mean_by_simpson(activation, r, d);
        EXPECT_NEAR(sphere_mean(activation, r, d), expected, 1e-13 * std::max(1e-2, expected))
            << static_cast<int>(activation.kind) << " r = " << r << " d = " << d;
      }
    }
  }
}

TEST(SphereMean, InDimensionOneIsTheMeanOfTwoValues) {
  for (const AnyActivation& activation : smooth_activations()) {
    for (const double r : {0.0, 0.7, 12.0}) {
      const double expected = (value_of(activation, r) + value_of(activation, -r)) / 2;
      EXPECT_NEAR(sphere_mean(activation, r, 1), expected, 1e-15 * (1 + std::abs(expected)));
    }
  }
  EXPECT_NEAR(sphere_mean(piecewise(0.1, 1, 0.5), 2, 1), (2.5 - 0.15) / 2, 1e-15);
  EXPECT_NEAR(sphere_mean(piecewise(-1, 1, 0), 2, 1), 2, 1e-15);
}

TEST(SphereMean, StaysAccurateForLargeInputsAndDimensions) {
  const AnyActivation softplus = of_kind(ActivationKind::softplus);
  // softplus(z) = max(z, 0) + log1p(exp(-|z|)), the latter with integral pi^2/6; t has density 1/pi
  // near 0 on the circle, so that E softplus(r t) = r/pi + pi/(6 r) + O(r^-3).
  const double r = 1e6;
  EXPECT_NEAR(sphere_mean(softplus, r, 2) / (r / kPi + kPi / 6 / r), 1, 1e-13);
  // High dimension: sqrt(d) t is nearly normal, E softplus = log 2 + r^2/(8 d) - r^4/(64 d (d + 2))
  // + O(r^6/d^3).
  const double d = 1e5;
  EXPECT_NEAR(sphere_mean(softplus, 1, 100000),
              std::log(2.0) + 1 / (8 * d) - 3 / (192 * d * (d + 2)), 1e-13);
}

TEST(SphereMean, OfAKinkIsExact) {
  for (const double r : {0.5, 2.0, 50.0}) {
    for (const double o : {-60.0, -1.0, -0.3, 0.3, 1.0, 60.0}) {
      // d = 3: t is uniform. d = 2: t = cos theta, cut where cos theta = -o/r.
      const double clipped = std::clamp(o / r, -1.0, 1.0);
      const double angle = std::acos(-clipped);
      const double three = std::abs(o) < r ? (r + o) * (r + o) / (4 * r) : std::max(o, 0.0);
      const double two = (r * std::sin(angle) + o * angle) / kPi;
      const double scale = r + std::abs(o);
      EXPECT_NEAR(sphere_mean(piecewise(0, 1, o), r, 3), three, 1e-14 * scale) << r << " " << o;
      EXPECT_NEAR(sphere_mean(piecewise(0, 1, o), r, 2), two, 1e-14 * scale) << r << " " << o;
      // A leaky one is below * (z + o) and a relu of the rest.
      EXPECT_NEAR(sphere_mean(piecewise(0.25, 1, o), r, 3), 0.25 * o + 0.75 * three, 1e-14 * scale);
    }
  }
}

TEST(SphereMean, OfHomogeneousActivationsHasTheKnownConstants) {
  EXPECT_NEAR(mean_positive_part(1), 0.5, 1e-16);
  EXPECT_NEAR(mean_positive_part(2), 1 / kPi, 1e-16);
  EXPECT_NEAR(mean_positive_part(3), 0.25, 1e-16);
  EXPECT_NEAR(mean_positive_part(4), 2 / (3 * kPi), 1e-16);
  // sqrt(2 pi d) c_d = 1 + 1/(4d) + 1/(32 d^2) + O(d^-3).
  const double d = 20000;
  EXPECT_NEAR(mean_positive_part(20000) * std::sqrt(2 * kPi * d), 1 + 1 / (4 * d), 1e-10);
  EXPECT_NEAR(sphere_mean({}, 3, 2), 3 / kPi, 1e-15);
  EXPECT_NEAR(sphere_mean(piecewise(0.01, 1, 0), 3, 2), 0.99 * 3 / kPi, 1e-15);
  EXPECT_NEAR(sphere_mean(piecewise(-1, 1, 0), 3, 2), 6 / kPi, 1e-15);
  EXPECT_NEAR(sphere_mean(of_kind(ActivationKind::square), 3, 5), 9.0 / 5, 1e-15);
}

TEST(Teacher, OfAtomsIsTheMeanOfItsNeurons) {
  Matrix rows(2, 3);
  rows.values = {2, 1, 0, -3, 1, 1};
  const Teacher teacher = make_file_teacher(rows);
  EXPECT_EQ(teacher.d, 2u);
  const std::vector<double> x{1, 2, -1, 0.5};
  // relu: (2*1 - 3*3)/2 and (0 - 0)/2; square: (2*1 - 3*9)/2 and (2*1 - 3*.25)/2.
  EXPECT_EQ(teacher.evaluate({}, x, 2), (std::vector<double>{-3.5, 0}));
  EXPECT_EQ(teacher.evaluate(of_kind(ActivationKind::square), x, 2),
            (std::vector<double>{-12.5, 0.625}));
  EXPECT_FALSE(teacher.radial({}, DataLaw::circle).has_value());
}

TEST(Teacher, OfNeuronsIsOnTheSphereAndPure) {
  const Teacher teacher = make_neurons(10, 3, 4);
  EXPECT_EQ(teacher.atoms.m, 10u);
  for (std::size_t k = 0; k < 10; ++k) {
    EXPECT_EQ(teacher.atoms.view().a()[k], 1);
    double square = 0;
    for (std::size_t c = 0; c < 3; ++c) square += std::pow(teacher.atoms.view().b(c)[k], 2);
    EXPECT_NEAR(square, 1, 1e-15);
  }
  EXPECT_EQ(make_neurons(10, 3, 4).atoms.values, teacher.atoms.values);
  EXPECT_NE(make_neurons(10, 3, 5).atoms.values, teacher.atoms.values);
}

TEST(Teacher, OfACircleApproachesTheUniformOne) {
  // A polygon of M atoms integrates cos(k theta) exactly for k < M, and relu's coefficients fall as
  // 1/k^2.
  const Teacher polygon = make_circle_neuron(2, 1000);
  const Teacher whole = make_uniform_sphere_teacher(2);
  const std::vector<double> x{0.6, 0.8, 2, 0, -1, 3};
  const auto f = polygon.evaluate({}, x, 3);
  const auto g = whole.evaluate({}, x, 3);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(f[i], g[i], 1e-5);
  const auto smooth = polygon.evaluate(of_kind(ActivationKind::gelu), x, 3);
  const auto exact = whole.evaluate(of_kind(ActivationKind::gelu), x, 3);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(smooth[i], exact[i], 1e-14);
  // In R^4 only the first two coordinates of x count.
  const Teacher embedded = make_circle_neuron(4, 1000);
  EXPECT_NEAR(embedded.evaluate({}, {0.6, 0.8, 7, -7}, 1)[0], f[0], 1e-15);
}

TEST(Teacher, IsRadialOnTheCircleAsTheLectureHasIt) {
  const auto radial = make_uniform_sphere_teacher(2).radial({}, DataLaw::circle);
  ASSERT_TRUE(radial.has_value());
  EXPECT_EQ(radial->power, 1);
  EXPECT_NEAR(radial->kappa, 1 / (kPi * kPi), 1e-16);
  EXPECT_NEAR(radial->constant, 1 / (kPi * kPi), 1e-16);
}

/// kappa |b|^power = E sigma(b . x) f*(x) and constant = E f*(x)^2, from samples, within 5 standard
/// deviations.
TEST(Teacher, HasTheRadialFormOfItsSamples) {
  constexpr std::size_t kSamples = 40000;
  for (const auto law : {DataLaw::sphere, DataLaw::gaussian, DataLaw::gaussian_scaled}) {
    for (const std::size_t d : {1, 2, 5}) {
      for (const auto kind :
           {ActivationKind::piecewise_linear, ActivationKind::square, ActivationKind::erf}) {
        const AnyActivation activation = of_kind(kind);
        const Teacher teacher = make_uniform_sphere_teacher(d);
        const auto radial = teacher.radial(activation, law);
        ASSERT_EQ(radial.has_value(), pair_kernel(activation, law, d).has_value());
        if (!radial) continue;
        const auto x = draw_samples(law, kSamples, d, 8, 0);
        const auto f = teacher.evaluate(activation, x, kSamples);
        constexpr double kNorm = 2;  // b = (2, 0, ...)
        double sums[4] = {};
        for (std::size_t i = 0; i < kSamples; ++i) {
          const double product = value_of(activation, kNorm * x[i * d]) * f[i];
          const double square = f[i] * f[i];
          sums[0] += product / kSamples;
          sums[1] += product * product / kSamples;
          sums[2] += square / kSamples;
          sums[3] += square * square / kSamples;
        }
        const auto error = [&](int k) {
          return 5 * std::sqrt(std::max(0.0, sums[k + 1] - sums[k] * sums[k]) / kSamples) +
                 kSamples * 2.3e-16 * std::abs(sums[k]);  // deviations, and rounding of the sum
        };
        EXPECT_NEAR(radial->kappa * std::pow(kNorm, radial->power), sums[0], error(0));
        EXPECT_NEAR(radial->constant, sums[2], error(2));
      }
    }
  }
  EXPECT_FALSE(make_uniform_sphere_teacher(2).radial({}, DataLaw::cube).has_value());
}

/// The threads of this process.
int count_threads() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("Threads:")) return std::stoi(line.substr(8));
  }
  return 0;
}

TEST(Teacher, UsesAsManyThreadsAsItIsGiven) {
  if (count_threads() == 0) GTEST_SKIP() << "no /proc/self/status";
  const auto x = draw_samples(DataLaw::gaussian, 5000, 3, 1, 0);
  int threads = 7;  // more than any test before has used
  for (const Teacher& teacher : {make_neurons(50, 3, 1), make_uniform_sphere_teacher(3)}) {
    const int before = count_threads();
    const AnyActivation gelu = of_kind(ActivationKind::gelu);
    const std::vector<double> expected = teacher.evaluate(gelu, x, 5000, 1);
    EXPECT_LE(count_threads(), before);
    EXPECT_EQ(teacher.evaluate(gelu, x, 5000, threads), expected) << "not the same bits";
    EXPECT_EQ(count_threads(), threads);
    EXPECT_EQ(teacher.evaluate(gelu, x, 5000), expected);
    threads += 2;
  }
}

TEST(Teacher, SumsItsNeuronsInTheirOrderInBlocks) {
  // More than one block of atoms and of rows.
  constexpr std::size_t n = 1500;
  constexpr std::size_t m = 3000;
  constexpr std::size_t d = 40;
  const Teacher teacher = make_neurons(m, d, 3);
  const auto x = draw_samples(DataLaw::gaussian, n, d, 2, 0);
  const auto f = teacher.evaluate({}, x, n);
  for (std::size_t i = 0; i < n; i += 7) {
    double sum = 0;
    double size = 0;
    for (std::size_t k = 0; k < m; ++k) {
      double z = 0;
      for (std::size_t c = 0; c < d; ++c) z += teacher.atoms.view().b(c)[k] * x[i * d + c];
      sum += std::max(z, 0.0);
      size += std::abs(z);
    }
    // Where the compiler fuses, products differ in their last bit.
    EXPECT_NEAR(f[i], sum / m, (d + m) * 0x1p-53 * size / m);
  }
}

TEST(Teacher, EndsWithinASecondOfAnInterruption) {
  using Clock = std::chrono::steady_clock;
  const Teacher atoms = make_neurons(200000, 8, 1);
  const Teacher uniform = make_uniform_sphere_teacher(8);
  const auto x = draw_samples(DataLaw::gaussian, 400000, 8, 1, 0);
  for (const Teacher* teacher : {&atoms, &uniform}) {
    std::atomic<Clock::rep> asked = 0;
    std::thread caller([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      asked = Clock::now().time_since_epoch().count();
      request_interruption();
    });
    EXPECT_THROW(teacher->evaluate(of_kind(ActivationKind::gelu), x, 400000, 1), Interrupted);
    const Clock::time_point end = Clock::now();
    caller.join();
    clear_interruption();
    EXPECT_LT(std::chrono::duration<double>(end - Clock::time_point(Clock::duration(asked.load())))
                  .count(),
              1);
  }
}

TEST(LongLoops, EndWhereAnInterruptionWasAskedFor) {
  const auto interrupted = [](const auto& loop) {
    request_interruption();
    EXPECT_THROW(loop(), Interrupted);
    clear_interruption();
    EXPECT_NO_THROW(loop());
  };
  interrupted([] { draw_samples(DataLaw::cube, 10, 3, 1, 0); });
  interrupted([] { draw_initial({}, 10, 3, 1); });
  interrupted([] { make_neurons(10, 3, 1); });
  Matrix x(4, 1);
  x.values = {1, 2, 3, 5};
  const std::vector<double> y{1, 2, 3, 4};
  interrupted([&] { linear_regression_risk(x, y, x, y); });
  interrupted([&] { split_data({x, y}, 0.5, 1); });
  interrupted([&] {
    Matrix train = x;
    Matrix test = x;
    standardize(train, test);
  });
}

TEST(Teacher, RejectsWhatMakesNoTeacher) {
  EXPECT_THROW(make_neurons(0, 2, 1), InputError);
  EXPECT_THROW(make_neurons(2, 0, 1), InputError);
  EXPECT_THROW(make_circle_neuron(1, 5), InputError);
  EXPECT_THROW(make_circle_neuron(2, 0), InputError);
  EXPECT_THROW(make_uniform_sphere_teacher(0), InputError);
  EXPECT_THROW(make_file_teacher(Matrix(3, 1)), InputError);
  EXPECT_THROW(make_uniform_sphere_teacher(3).evaluate({}, {1, 2}, 1), InputError);
  EXPECT_THROW(make_neurons(2, 3, 1).evaluate({}, {1, 2, 3, 4}, 1), InputError);
}

}  // namespace
}  // namespace mckean
