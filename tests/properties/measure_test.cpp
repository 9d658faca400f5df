// What makes a flow of particles a flow of measures: the weak form, permutations, copies.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <random>

#include "problem.hpp"

namespace mckean {
namespace {

using test::adaptive;
using test::backend;
using test::run;

using TestFunction = std::function<double(double a, const double* b)>;

double average(const ParticleArray& w, const TestFunction& g) {
  double sum = 0;
  for (std::size_t j = 0; j < w.m; ++j) {
    const double b[3] = {w.values[w.m + j], w.values[2 * w.m + j], w.values[3 * w.m + j]};
    sum += g(w.values[j], b);
  }
  return sum / static_cast<double>(w.m);
}

// (0.5): d/dt int g dpi_t = -int grad g . v(w; pi_t) dpi_t. The left side by central differences of
// order 4 over the flow, the right side with grad g by central differences and v from a naive
// double loop over the definition.
TEST(Measure, SatisfiesTheWeakForm) {
  const test::SmoothData data;
  const auto field = data.field();
  const ParticleArray start = test::gaussian_particles(25, data.d);
  const double t = .5;
  const double h = .02;
  const std::vector<TestFunction> functions{
      [](double a, const double* b) { return a * b[0]; },
      [](double a, const double* b) { return std::exp(-a * a / 9) * std::cos(b[1] - b[2]); },
      [](double a, const double* b) { return std::tanh(a) + b[0] * b[1] * b[2]; }};
  std::vector<ParticleArray> states;
  for (const double time : {t - 2 * h, t - h, t, t + h, t + 2 * h}) {
    states.push_back(run(field, {}, adaptive(test::sized(1e-12, 1e-10)), start, {time}).particles);
  }
  const ParticleArray& w = states[2];
  const std::size_t m = w.m, d = w.d, n = data.n;

  std::vector<double> error(n);
  const auto dot = [&](std::size_t i, std::size_t j) {
    double sum = 0;
    for (std::size_t k = 0; k < d; ++k) sum += w.values[(1 + k) * m + j] * data.x[i * d + k];
    return sum;
  };
  for (std::size_t i = 0; i < n; ++i) {
    error[i] = -data.y[i];
    for (std::size_t j = 0; j < m; ++j)
      error[i] += w.values[j] * std::tanh(dot(i, j)) / static_cast<double>(m);
  }
  for (const TestFunction& g : functions) {
    double right = 0;
    for (std::size_t j = 0; j < m; ++j) {
      double at[4] = {w.values[j], w.values[m + j], w.values[2 * m + j], w.values[3 * m + j]};
      double v[4] = {};
      for (std::size_t i = 0; i < n; ++i) {
        const double z = dot(i, j);
        v[0] += error[i] * std::tanh(z) / static_cast<double>(n);
        for (std::size_t k = 0; k < d; ++k) {
          v[1 + k] += error[i] * at[0] * data.x[i * d + k] / (std::cosh(z) * std::cosh(z)) /
                      static_cast<double>(n);
        }
      }
      for (int c = 0; c < 4; ++c) {
        const double step = 1e-5;
        const double value = at[c];
        at[c] = value + step;
        const double above = g(at[0], at + 1);
        at[c] = value - step;
        const double below = g(at[0], at + 1);
        at[c] = value;
        right -= (above - below) / (2 * step) * v[c] / static_cast<double>(m);
      }
    }
    const double left = (8 * (average(states[3], g) - average(states[1], g)) -
                         (average(states[4], g) - average(states[0], g))) /
                        (12 * h);
    EXPECT_GT(std::abs(right), 1e-3);
    // h^4 times a fifth derivative of order one over 30, and 1e-12/h from the integration.
    EXPECT_NEAR(left, right, 5e-7 * (1 + std::abs(right)));
  }
}

// f is a sum over particles in another order: relative to sum |terms|, 2 gamma_m.
TEST(Measure, IsEquivariantUnderPermutations) {
  const test::SmoothData data;
  const ParticleArray w = test::gaussian_particles(1003, data.d);
  std::vector<std::size_t> order(w.m);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::shuffle(order.begin(), order.end(), std::mt19937_64(3));
  ParticleArray shuffled(w.m, w.d);
  for (std::size_t plane = 0; plane <= w.d; ++plane) {
    for (std::size_t j = 0; j < w.m; ++j)
      shuffled.values[plane * w.m + j] = w.values[plane * w.m + order[j]];
  }
  for (const ActivationKind kind : {ActivationKind::tanh, ActivationKind::piecewise_linear}) {
    const auto field = data.field({kind});
    const std::vector<double> v = test::velocity_of(field, w).values;
    const std::vector<double> permuted = test::velocity_of(field, shuffled).values;
    for (std::size_t plane = 0; plane <= w.d; ++plane) {
      for (std::size_t j = 0; j < w.m; ++j) {
        ASSERT_NEAR(permuted[plane * w.m + j], v[plane * w.m + order[j]], 1e-11);
      }
    }
  }
}

// Two copies of every particle are the same measure, and under mean-field scaling they move as one.
TEST(Measure, CopiesOfEveryParticleGiveTheSameFlow) {
  const test::SmoothData data;
  const ParticleArray w = test::gaussian_particles(31, data.d);
  ParticleArray twice(2 * w.m, w.d);
  for (std::size_t plane = 0; plane <= w.d; ++plane) {
    for (std::size_t j = 0; j < w.m; ++j) {
      twice.values[plane * 2 * w.m + 2 * j] = twice.values[plane * 2 * w.m + 2 * j + 1] =
          w.values[plane * w.m + j];
    }
  }
  FieldSpec spec;
  spec.regularizer = Regularizer::l2;
  spec.lambda = .01;
  const auto field = data.field();
  const IntegratorSpec integrator = adaptive(test::sized(1e-11, 1e-7));
  const auto once = run(field, spec, integrator, w, {0, 2});
  const auto both = run(field, spec, integrator, twice, {0, 2});
  EXPECT_NEAR(both.records[1].objective, once.records[1].objective, 1e-10);
  EXPECT_NEAR(both.records[1].dissipation, once.records[1].dissipation, 1e-9);
  for (std::size_t plane = 0; plane <= w.d; ++plane) {
    for (std::size_t j = 0; j < w.m; ++j) {
      const double* pair = both.particles.values.data() + plane * 2 * w.m + 2 * j;
      EXPECT_EQ(pair[0], pair[1]);
      EXPECT_NEAR(pair[0], once.particles.values[plane * w.m + j], 1e-8);
    }
  }
}

}  // namespace
}  // namespace mckean
