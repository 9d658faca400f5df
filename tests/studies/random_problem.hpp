// Small training problems drawn at random, each a pure function of its number.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "mckean/field_spec.hpp"
#include "mckean/formula/activation.hpp"
#include "mckean/particle_array.hpp"

namespace mckean::study {

struct RandomProblem {
  std::uint64_t number = 0;
  std::string activation, target, data, start;
  AnyActivation sigma;
  FieldSpec spec;
  std::size_t n = 0, d = 0;
  std::vector<double> x, y;  // x is n x d, row-major
  ParticleArray particles;
  double t_end = 0;

  /// Whether the velocity jumps anywhere.
  bool kinked() const {
    const bool hinges = sigma.kind == ActivationKind::piecewise_linear && spec.rate_b() > 0;
    return hinges || (spec.regularizer == Regularizer::path && spec.lambda > 0);
  }

  std::string describe() const {
    static const char* const scalings[] = {"mean-field", "standard", "ntk"};
    static const char* const trained[] = {"both", "inner", "outer"};
    static const char* const regularizers[] = {"none", "path", "l2"};
    char text[300];
    std::snprintf(text, sizeof text,
                  "#%llu %s %s train=%s%s %s lambda=%.3g %s y=%s start=%s d=%zu n=%zu m=%zu t=%.4g",
                  static_cast<unsigned long long>(number), activation.c_str(),
                  scalings[static_cast<int>(spec.scaling)], trained[static_cast<int>(spec.train)],
                  spec.constraint == Constraint::sphere ? " sphere" : "",
                  regularizers[static_cast<int>(spec.regularizer)], spec.lambda, data.c_str(),
                  target.c_str(), start.c_str(), d, n, particles.m, t_end);
    return text;
  }
};

/// Draws that do not depend on the standard library's distributions.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : engine_(seed * 0x9E3779B97F4A7C15u + 1) {}
  double uniform() { return (static_cast<double>(engine_() >> 11) + .5) * 0x1p-53; }
  double log_uniform(double low, double high) { return low * std::pow(high / low, uniform()); }
  std::size_t whole(std::size_t low, std::size_t high) {
    return low + static_cast<std::size_t>(uniform() * static_cast<double>(high - low + 1));
  }
  double normal() {
    return std::sqrt(-2 * std::log(uniform())) * std::cos(2 * 3.14159265358979323846 * uniform());
  }
  bool coin() { return uniform() < .5; }

 private:
  std::mt19937_64 engine_;
};

namespace detail {

/// Columns of mean 0 and variance 1; a constant one stays.
inline void standardize_columns(std::vector<double>& values, std::size_t n, std::size_t d,
                                std::size_t columns) {
  for (std::size_t k = 0; k < columns; ++k) {
    double mean = 0, square = 0;
    for (std::size_t i = 0; i < n; ++i) mean += values[i * d + k] / static_cast<double>(n);
    for (std::size_t i = 0; i < n; ++i)
      square += std::pow(values[i * d + k] - mean, 2) / static_cast<double>(n);
    if (square == 0) continue;
    for (std::size_t i = 0; i < n; ++i)
      values[i * d + k] = (values[i * d + k] - mean) / std::sqrt(square);
  }
}

inline void draw_inputs(RandomProblem& p, Draws& draws) {
  const bool bias = p.d > 1 && draws.coin();
  const std::size_t columns = p.d - (bias ? 1 : 0);
  const bool standard = draws.coin();
  const double scale = draws.log_uniform(.3, 5);
  const bool offset = draws.coin();
  p.x.resize(p.n * p.d);
  for (std::size_t k = 0; k < columns; ++k) {
    const double shift = offset ? scale * draws.normal() : 0;
    for (std::size_t i = 0; i < p.n; ++i) p.x[i * p.d + k] = scale * draws.normal() + shift;
  }
  for (std::size_t i = 0; bias && i < p.n; ++i) p.x[i * p.d + columns] = 1;
  if (standard) standardize_columns(p.x, p.n, p.d, columns);
  char text[80];
  std::snprintf(text, sizeof text, "%s%s", standard ? "standardised" : "raw", bias ? "+bias" : "");
  p.data = text;
  if (!standard) {
    std::snprintf(text, sizeof text, "(scale %.3g%s)", scale, offset ? ", offset" : "");
    p.data += text;
  }
}

inline void draw_targets(RandomProblem& p, Draws& draws) {
  static const char* const names[] = {"teacher", "sin", "noise", "labels"};
  const std::size_t kind = draws.whole(0, 3);
  p.target = names[kind];
  std::vector<double> direction(3 * p.d);
  for (double& value : direction) value = draws.normal() / std::sqrt(static_cast<double>(p.d));
  p.y.assign(p.n, 0);
  for (std::size_t i = 0; i < p.n; ++i) {
    double z[3] = {0, 0, 0};
    for (std::size_t k = 0; k < p.d; ++k)
      for (std::size_t j = 0; j < 3; ++j) z[j] += direction[j * p.d + k] * p.x[i * p.d + k];
    const double noise = draws.normal();
    if (kind == 0) {
      visit(p.sigma, [&](const auto& sigma) {
        p.y[i] = (sigma.value(z[0]) + sigma.value(z[1]) - sigma.value(z[2])) / 3;
      });
    } else if (kind == 1) {
      p.y[i] = std::sin(2 * z[0]);
    } else {
      p.y[i] = kind == 2 ? noise : (z[0] + noise > 0 ? 1 : -1);
    }
  }
  if (p.data.front() == 's' && kind != 3) standardize_columns(p.y, p.n, 1, 1);
}

inline void draw_start(RandomProblem& p, std::size_t m, Draws& draws) {
  static const char* const names[] = {"gaussian", "sign", "zero"};
  std::size_t kind = draws.whole(0, 4) / 2;
  if (kind == 2 && p.spec.train == Train::inner) kind = 0;
  const bool small = p.spec.scaling == Scaling::standard && draws.coin();
  p.start = std::string(names[kind]) + (small ? "/sqrt(m)" : "");
  p.particles = ParticleArray(m, p.d);
  const double scale_a = small ? 1 / std::sqrt(static_cast<double>(m)) : 1;
  for (std::size_t j = 0; j < m; ++j) {
    const double value = draws.normal();
    p.particles.values[j] =
        kind == 0 ? scale_a * value : (kind == 1 ? (value > 0 ? scale_a : -scale_a) : 0);
    double square = 0;
    for (std::size_t k = 1; k <= p.d; ++k) {
      double& b = p.particles.values[k * m + j];
      b = draws.normal() / std::sqrt(static_cast<double>(p.d));
      square += b * b;
    }
    for (std::size_t k = 1; p.spec.constraint == Constraint::sphere && k <= p.d; ++k)
      p.particles.values[k * m + j] /= std::sqrt(square);
  }
}

}  // namespace detail

inline RandomProblem draw_problem(std::uint64_t number) {
  static const char* const activations[] = {"relu", "leaky-relu", "abs",   "relu:0.3",
                                            "tanh", "sigmoid",    "erf",   "softplus",
                                            "silu", "gelu",       "square"};
  Draws draws(number);
  RandomProblem p;
  p.number = number;
  p.activation = activations[draws.whole(0, 10)];
  p.sigma = find_activation(p.activation).value();
  p.spec.scaling = static_cast<Scaling>(draws.whole(0, 2));
  p.spec.regularizer = static_cast<Regularizer>(draws.whole(0, 2));
  const double lambda = draws.log_uniform(1e-4, 1e-1);
  p.spec.lambda = p.spec.regularizer == Regularizer::none ? 0 : lambda;
  p.d = draws.whole(1, 10);
  // A sphere of dimension 0 has nowhere to go.
  p.spec.constraint = draws.coin() && p.d > 1 ? Constraint::sphere : Constraint::none;
  p.spec.train = static_cast<Train>(std::max<int>(0, static_cast<int>(draws.whole(0, 3)) - 1));
  p.n = draws.whole(5, 100);
  const std::size_t m = draws.whole(5, 60);
  p.t_end = draws.log_uniform(1, 1e4);
  detail::draw_inputs(p, draws);
  detail::draw_targets(p, draws);
  detail::draw_start(p, m, draws);
  return p;
}

}  // namespace mckean::study
