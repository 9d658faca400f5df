// The pair kernels: against long double, near parallel and antiparallel pairs, series, Monte Carlo,
// finite differences.
#include "mckean/formula/population_kernel.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <numbers>
#include <random>

#include "mckean/formula/activation.hpp"
#include "reference/population.hpp"

namespace mckean {
namespace {

using std::numbers::pi;
using Vector = std::vector<double>;

/// The formulas of the library for one pair in precision Real: value, then the components of
/// grad_b.
template <class Real>
std::vector<Real> evaluate(const PairKernel& kernel, const Vector& b, const Vector& other) {
  const std::size_t d = b.size();
  double squared = 0, other_squared = 0;
  for (std::size_t k = 0; k < d; ++k) {
    squared += b[k] * b[k];
    other_squared += other[k] * other[k];
  }
  const double norm = std::sqrt(squared), other_norm = std::sqrt(other_squared);
  std::vector<Real> u(d), v(d);
  Pair<Real> pair{static_cast<Real>(norm), static_cast<Real>(other_norm), 0, 0};
  for (std::size_t k = 0; k < d; ++k) {
    u[k] = norm > 0 ? static_cast<Real>(b[k] / norm) : 0;
    v[k] = other_norm > 0 ? static_cast<Real>(other[k] / other_norm) : 0;
    pair.plus += (u[k] + v[k]) * (u[k] + v[k]);
    pair.minus += (u[k] - v[k]) * (u[k] - v[k]);
  }
  const Real moment = static_cast<Real>(kernel.moment);
  PairTerms<Real> terms{};
  if (kernel.kind == PairKernelKind::arc_cosine)
    terms = pair_terms<PairKernelKind::arc_cosine>(moment, pair);
  if (kernel.kind == PairKernelKind::arcsine)
    terms = pair_terms<PairKernelKind::arcsine>(moment, pair);
  if (kernel.kind == PairKernelKind::square)
    terms = pair_terms<PairKernelKind::square>(moment, pair);
  std::vector<Real> out{terms.value};
  for (std::size_t k = 0; k < d; ++k) out.push_back(terms.along * u[k] + terms.along_other * v[k]);
  return out;
}

Vector random_vector(std::size_t d, std::mt19937_64& engine) {
  std::normal_distribution<double> normal;
  Vector b(d);
  for (double& value : b) value = normal(engine);
  return b;
}

double length(const std::vector<reference::Long>& x) {
  reference::Long sum = 0;
  for (const auto value : x) sum += value * value;
  return static_cast<double>(std::sqrt(sum));
}

/// Largest error of value and gradient, each relative to its own length.
template <class Real>
std::pair<double, double> relative_errors(const PairKernel& kernel, const Vector& b,
                                          const Vector& other) {
  const auto exact = reference::pair_value(kernel, b, other);
  const std::vector<Real> got = evaluate<Real>(kernel, b, other);
  std::vector<reference::Long> difference;
  for (std::size_t k = 0; k < b.size(); ++k) difference.push_back(got[1 + k] - exact.gradient[k]);
  return {std::abs(static_cast<double>((got[0] - exact.value) / exact.value)),
          length(difference) / length(exact.gradient)};
}

const PairKernel kernels[] = {{PairKernelKind::arc_cosine, 1}, {PairKernelKind::arc_cosine, .25},
                              {PairKernelKind::arcsine, 1},    {PairKernelKind::arcsine, .25},
                              {PairKernelKind::square, 1},     {PairKernelKind::square, 1. / 24}};

// Away from antiparallel (angle <= pi - .1) the formulas lose a factor of at most 1/phi^2 = 100 of
// a few eps; the arcsine value is relative to its size where b . b' is near 0.
TEST(PopulationKernel, TwelveDigitsAwayFromAntiparallelPairs) {
  std::mt19937_64 engine(1);
  for (const std::size_t d : {std::size_t{2}, std::size_t{3}, std::size_t{10}}) {
    for (int trial = 0; trial < 500; ++trial) {
      const Vector b = random_vector(d, engine), other = random_vector(d, engine);
      const double cosine =
          static_cast<double>(reference::inner(b, other) /
                              std::sqrt(reference::inner(b, b) * reference::inner(other, other)));
      if (cosine < -.995 || std::abs(cosine) < .01) continue;
      for (const PairKernel& kernel : kernels) {
        const auto [value, gradient] = relative_errors<double>(kernel, b, other);
        EXPECT_LT(value, 1e-12);
        EXPECT_LT(gradient, 1e-12);
      }
    }
  }
}

// A pair at distance phi from antiparallel is given to eps/phi by its own rounding; C = 8 covers
// the arithmetic.
template <class Real>
void check_near_antiparallel(double phi) {
  const double bound = 8 * static_cast<double>(std::numeric_limits<Real>::epsilon()) / phi;
  // Exact in binary, so that rounding to Real moves no direction by itself.
  const Vector b{1, 0};
  const Vector other{-std::cos(phi), std::sin(phi)};
  const auto [value, gradient] = relative_errors<Real>({PairKernelKind::arc_cosine, 1}, b, other);
  EXPECT_LT(value, bound) << phi;
  EXPECT_LT(gradient, bound) << phi;
}

TEST(PopulationKernel, NearAntiparallelPairsKeepTheirDigits) {
  for (const double phi : {1e-1, 1e-2, 1e-3, 1e-5, 1e-8, 1e-12})
    check_near_antiparallel<double>(phi);
  for (const double phi : {1e-1, 1e-2, 1e-3, 1e-5}) check_near_antiparallel<float>(phi);
}

// In any direction, where the unit vectors themselves are rounded.
TEST(PopulationKernel, NearAntiparallelPairsInGeneralPosition) {
  std::mt19937_64 engine(2);
  for (int trial = 0; trial < 200; ++trial) {
    for (const double phi : {1e-3, 1e-8}) {
      const double angle = std::uniform_real_distribution<double>(-pi, pi)(engine);
      const Vector b{std::cos(angle), std::sin(angle)};
      Vector other{-b[0] - phi * b[1], -b[1] + phi * b[0]};
      const auto [value, gradient] =
          relative_errors<double>({PairKernelKind::arc_cosine, 1}, b, other);
      EXPECT_LT(value, 32 * 2.2e-16 / phi);
      EXPECT_LT(gradient, 32 * 2.2e-16 / phi);
    }
  }
}

TEST(PopulationKernel, NearParallelPairsKeepTheirDigits) {
  for (const double angle : {1e-2, 1e-5, 1e-8, 1e-12}) {
    for (const PairKernel& kernel : kernels) {
      const auto [value, gradient] =
          relative_errors<double>(kernel, {1.5, 0}, {2 * std::cos(angle), 2 * std::sin(angle)});
      EXPECT_LT(value, 1e-14);
      EXPECT_LT(gradient, 1e-14);
    }
  }
}

TEST(PopulationKernel, ExactlyParallelAntiparallelAndZero) {
  const PairKernel relu{PairKernelKind::arc_cosine, 1};
  // E relu(x)^2 = 1/2, E relu(x) relu(-x) = 0 for x ~ N(0, 1).
  const auto same = evaluate<double>(relu, {1, 0, 0}, {3, 0, 0});
  EXPECT_NEAR(same[0], 1.5, 1e-15);
  EXPECT_NEAR(same[1], 1.5, 1e-15);
  const auto opposite = evaluate<double>(relu, {1, 0, 0}, {-3, 0, 0});
  for (const double value : opposite) EXPECT_EQ(value, 0);
  for (const PairKernel& kernel : kernels) {
    for (const double value : evaluate<double>(kernel, {1, 2}, {0, 0})) EXPECT_EQ(value, 0);
    EXPECT_EQ(evaluate<double>(kernel, {0, 0}, {1, 2})[0], 0);
    for (const float value : evaluate<float>(kernel, {0, 0}, {0, 0})) EXPECT_EQ(value, 0);
  }
  // The subgradient of relu at 0 is 0; erf is smooth there.
  EXPECT_EQ(evaluate<double>(relu, {0, 0}, {1, 2})[1], 0);
  EXPECT_NEAR(evaluate<double>({PairKernelKind::arcsine, 1}, {0, 0}, {0, 2})[2],
              2 / pi * 2 / std::sqrt(5), 1e-15);
}

// On the circle with |b| = |b'| = 1: k = 1/pi^2 + cos(t)/8 + sum_j (2/pi^2)(4 j^2 - 1)^-2 cos(2 j
// t), whose tail after J terms is below 1/(24 pi^2 J^3).
TEST(PopulationKernel, FourierSeriesOnTheCircle) {
  for (double t = 0; t < pi; t += .1) {
    double series = 1 / (pi * pi) + std::cos(t) / 8;
    for (int j = 20000; j >= 1; --j) {
      const double q = 4. * j * j - 1;
      series += 2 / (pi * pi) / (q * q) * std::cos(2 * j * t);
    }
    const double k =
        evaluate<double>({PairKernelKind::arc_cosine, .5}, {1, 0}, {std::cos(t), std::sin(t)})[0];
    EXPECT_NEAR(k, series, 2e-14);
  }
}

// E[sigma(b . x) sigma(b' . x)] over the circle by the trapezoidal rule: relu has kinks, so the
// error is O(1/n^2).
TEST(PopulationKernel, QuadratureOverTheCircle) {
  const Vector b{.3, -1.2}, other{-.8, -.1};
  double relu = 0, squares = 0;
  const int n = 1000000;
  for (int i = 0; i < n; ++i) {
    const double t = 2 * pi * (i + .5) / n;
    const double z = b[0] * std::cos(t) + b[1] * std::sin(t);
    const double z2 = other[0] * std::cos(t) + other[1] * std::sin(t);
    relu += PiecewiseLinear{}.value(z) * PiecewiseLinear{}.value(z2) / n;
    squares += z * z * z2 * z2 / n;
  }
  EXPECT_NEAR(evaluate<double>({PairKernelKind::arc_cosine, .5}, b, other)[0], relu, 1e-10);
  EXPECT_NEAR(evaluate<double>({PairKernelKind::square, 1. / 8}, b, other)[0], squares, 1e-12);
}

// 4e5 Gaussian samples give a standard error, of which 5 are allowed.
TEST(PopulationKernel, MonteCarlo) {
  std::mt19937_64 engine(7);
  const Vector b = random_vector(3, engine), other = random_vector(3, engine);
  const int n = 400000;
  double sum[3] = {}, squares[3] = {};
  for (int i = 0; i < n; ++i) {
    const Vector x = random_vector(3, engine);
    double z = 0, z2 = 0;
    for (int k = 0; k < 3; ++k) {
      z += b[k] * x[k];
      z2 += other[k] * x[k];
    }
    const double product[3] = {PiecewiseLinear{}.value(z) * PiecewiseLinear{}.value(z2),
                               std::erf(z / std::sqrt(2.)) * std::erf(z2 / std::sqrt(2.)),
                               z * z * z2 * z2};
    for (int c = 0; c < 3; ++c) {
      sum[c] += product[c] / n;
      squares[c] += product[c] * product[c] / n;
    }
  }
  const PairKernelKind kinds[] = {PairKernelKind::arc_cosine, PairKernelKind::arcsine,
                                  PairKernelKind::square};
  for (int c = 0; c < 3; ++c) {
    const double standard_error = std::sqrt((squares[c] - sum[c] * sum[c]) / n);
    EXPECT_NEAR(evaluate<double>({kinds[c], 1}, b, other)[0], sum[c], 5 * standard_error);
  }
}

TEST(PopulationKernel, GradientIsTheDerivativeOfTheValue) {
  std::mt19937_64 engine(8);
  for (const PairKernel& kernel : kernels) {
    Vector b = random_vector(4, engine);
    const Vector other = random_vector(4, engine);
    const auto at = evaluate<double>(kernel, b, other);
    for (std::size_t k = 0; k < 4; ++k) {
      const double h = 1e-5, value = b[k];
      b[k] = value + h;
      const double above = evaluate<double>(kernel, b, other)[0];
      b[k] = value - h;
      const double below = evaluate<double>(kernel, b, other)[0];
      b[k] = value;
      EXPECT_NEAR(at[1 + k], (above - below) / (2 * h), 1e-9 * (1 + std::abs(at[1 + k])));
    }
  }
}

TEST(Arctangent, FourUnitsInTheLastPlace) {
  std::mt19937_64 engine(3);
  std::uniform_real_distribution<double> exponent(-30, 30);
  double worst = 0, worst_float = 0;
  for (int i = 0; i < 300000; ++i) {
    const double y = std::exp2(exponent(engine)), x = std::exp2(exponent(engine));
    const auto exact = std::atan2(static_cast<long double>(y), static_cast<long double>(x));
    worst = std::max(worst, static_cast<double>(std::abs((arctangent(y, x) - exact) / exact)));
    const auto yf = static_cast<float>(y), xf = static_cast<float>(x);
    const double exact_float = std::atan2(static_cast<double>(yf), static_cast<double>(xf));
    worst_float = std::max(worst_float, std::abs((arctangent(yf, xf) - exact_float) / exact_float));
  }
  EXPECT_LT(worst, 4 * std::numeric_limits<double>::epsilon());
  EXPECT_LT(worst_float, 4 * static_cast<double>(std::numeric_limits<float>::epsilon()));
  EXPECT_EQ(arctangent(0., 0.), 0);
  EXPECT_EQ(arctangent(0., 1.), 0);
  EXPECT_DOUBLE_EQ(arctangent(1., 0.), pi / 2);
}

}  // namespace
}  // namespace mckean
