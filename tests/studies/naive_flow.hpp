// The flow of a problem as plain loops over its definition, and two plain integrators for it: the
// reference that shares nothing with the library but the list of the activations.
#pragma once

#include <chrono>
#include <cmath>
#include <optional>
#include <vector>

#include "random_problem.hpp"

namespace mckean::study {

class NaiveFlow {
 public:
  explicit NaiveFlow(const RandomProblem& problem)
      : p_(problem), m_(problem.particles.m), z_(problem.n * m_), e_(problem.n) {}

  std::size_t m() const { return m_; }

  void normalize(std::vector<double>& w) const {
    if (p_.spec.constraint != Constraint::sphere) return;
    for (std::size_t j = 0; j < m_; ++j) {
      const double norm = norm_b(w, j);
      for (std::size_t k = 1; k <= p_.d; ++k) w[k * m_ + j] /= norm;
    }
  }

  /// out = dw/dt at w with b brought on the sphere; returns J.
  double drift(std::vector<double> w, std::vector<double>& out) {
    normalize(w);
    return visit(p_.sigma, [&](const auto& sigma) { return drift_of(sigma, w, out); });
  }

 private:
  double norm_b(const std::vector<double>& w, std::size_t j) const {
    double square = 0;
    for (std::size_t k = 1; k <= p_.d; ++k) square += w[k * m_ + j] * w[k * m_ + j];
    return std::sqrt(square);
  }

  template <class A>
  double drift_of(const A& sigma, const std::vector<double>& w, std::vector<double>& out) {
    const FieldSpec& spec = p_.spec;
    const auto m = static_cast<double>(m_), n = static_cast<double>(p_.n);
    const double s = spec.scaling == Scaling::mean_field ? 1 / m
                     : spec.scaling == Scaling::standard ? 1
                                                         : 1 / std::sqrt(m);
    const double time = spec.scaling == Scaling::ntk ? 1 / std::sqrt(m) : 1;
    out.assign(w.size(), 0);
    double risk = 0;
    for (std::size_t i = 0; i < p_.n; ++i) {
      double f = 0;
      for (std::size_t j = 0; j < m_; ++j) {
        double z = 0;
        for (std::size_t k = 0; k < p_.d; ++k) z += w[(k + 1) * m_ + j] * p_.x[i * p_.d + k];
        z_[i * m_ + j] = z;
        f += s * w[j] * sigma.value(z);
      }
      e_[i] = f - p_.y[i];
      risk += e_[i] * e_[i] / n;
    }
    for (std::size_t i = 0; i < p_.n; ++i) {
      for (std::size_t j = 0; j < m_; ++j) {
        const double z = z_[i * m_ + j];
        out[j] += e_[i] / n * sigma.value(z);
        const double g = e_[i] / n * w[j] * sigma.derivative(z);
        for (std::size_t k = 0; k < p_.d; ++k) out[(k + 1) * m_ + j] += g * p_.x[i * p_.d + k];
      }
    }
    double penalty = 0;
    for (std::size_t j = 0; j < m_; ++j) penalty += add_penalty(w, out, j);
    for (std::size_t j = 0; j < m_; ++j) finish(w, out, j, time);
    return risk / 2 + s * spec.lambda * penalty;
  }

  static double shrink(double v, double by) { return v > by ? v - by : (v < -by ? v + by : 0.); }

  /// Adds lambda grad r to v; at a kink the subgradient that leaves the least.
  double add_penalty(const std::vector<double>& w, std::vector<double>& v, std::size_t j) const {
    const double lambda = p_.spec.lambda, a = w[j], b = norm_b(w, j);
    if (p_.spec.regularizer == Regularizer::none) return 0;
    if (p_.spec.regularizer == Regularizer::l2) {
      for (std::size_t k = 0; k <= p_.d; ++k) v[k * m_ + j] += lambda * w[k * m_ + j];
      return (a * a + b * b) / 2;
    }
    v[j] = a == 0 ? shrink(v[j], lambda * b) : v[j] + lambda * (a > 0 ? b : -b);
    double square = 0;
    for (std::size_t k = 1; k <= p_.d; ++k) square += v[k * m_ + j] * v[k * m_ + j];
    for (std::size_t k = 1; k <= p_.d; ++k) {
      double& vb = v[k * m_ + j];
      if (b > 0) {
        vb += lambda * std::abs(a) * w[k * m_ + j] / b;
      } else if (square > 0) {
        vb *= shrink(std::sqrt(square), lambda * std::abs(a)) / std::sqrt(square);
      }
    }
    return std::abs(a) * b;
  }

  void finish(const std::vector<double>& w, std::vector<double>& v, std::size_t j,
              double time) const {
    double along = 0;
    if (p_.spec.constraint == Constraint::sphere)
      for (std::size_t k = 1; k <= p_.d; ++k) along += w[k * m_ + j] * v[k * m_ + j];
    v[j] = p_.spec.train == Train::inner ? 0 : -time * v[j];
    for (std::size_t k = 1; k <= p_.d; ++k) {
      double& vb = v[k * m_ + j];
      vb = p_.spec.train == Train::outer ? 0 : -time * (vb - along * w[k * m_ + j]);
    }
  }

  const RandomProblem& p_;
  std::size_t m_;
  std::vector<double> z_, e_;
};

/// Cash and Karp's pair 5(4) for smooth flows; Heun and Euler where the velocity jumps: its steps
/// chatter across what holds a particle, ever closer as the tolerance falls.
enum class NaiveMethod { cash_karp, heun };

/// J(t_end), or nothing where it took too long.
inline std::optional<double> naive_objective(const RandomProblem& problem, NaiveMethod method,
                                             double rtol, double seconds) {
  using Clock = std::chrono::steady_clock;
  using Row = std::vector<double>;
  static const std::vector<Row> cash_karp{
      {},
      {1. / 5},
      {3. / 40, 9. / 40},
      {3. / 10, -9. / 10, 6. / 5},
      {-11. / 54, 5. / 2, -70. / 27, 35. / 27},
      {1631. / 55296, 175. / 512, 575. / 13824, 44275. / 110592, 253. / 4096}};
  static const Row high5{37. / 378, 0, 250. / 621, 125. / 594, 0, 512. / 1771};
  static const Row low4{2825. / 27648, 0, 18575. / 48384, 13525. / 55296, 277. / 14336, 1. / 4};
  static const std::vector<Row> heun{{}, {1}};
  static const Row high2{.5, .5}, low1{1, 0};
  const bool fifth = method == NaiveMethod::cash_karp;
  const auto& stages = fifth ? cash_karp : heun;
  const Row& high = fifth ? high5 : high2;
  const Row& low = fifth ? low4 : low1;
  const double power = fifth ? .2 : .5;

  const auto start = Clock::now();
  NaiveFlow flow(problem);
  std::vector<double> w = problem.particles.values, next, error(w.size());
  flow.normalize(w);
  std::vector<std::vector<double>> k(stages.size());
  const auto rms = [&](const std::vector<double>& v) {
    double sum = 0;
    for (const double value : v) sum += value * value;
    return std::sqrt(sum / static_cast<double>(flow.m()));
  };
  double t = 0, h = 1e-6, j = flow.drift(w, k[0]);
  for (std::uint64_t step = 0; t < problem.t_end; ++step) {
    if (step % 64 == 0 && std::chrono::duration<double>(Clock::now() - start).count() > seconds)
      return {};
    h = std::min(h, problem.t_end - t);
    if (t + h == t) return {};
    for (std::size_t i = 1; i < stages.size(); ++i) {
      next = w;
      for (std::size_t l = 0; l < i; ++l)
        for (std::size_t c = 0; c < w.size(); ++c) next[c] += h * stages[i][l] * k[l][c];
      flow.drift(next, k[i]);
    }
    next = w;
    std::fill(error.begin(), error.end(), 0.);
    for (std::size_t i = 0; i < stages.size(); ++i) {
      for (std::size_t c = 0; c < w.size(); ++c) {
        next[c] += h * high[i] * k[i][c];
        error[c] += h * (high[i] - low[i]) * k[i][c];
      }
    }
    const double size = rms(error) / (rtol * (rms(w) + .01));
    const bool good = size <= 1;
    const double factor = .9 * std::pow(std::max(size, 1e-10), -power);
    if (good) {
      t = h == problem.t_end - t ? problem.t_end : t + h;
      w.swap(next);
      flow.normalize(w);
      j = flow.drift(w, k[0]);
    }
    h *= std::isfinite(size) ? std::min(4., std::max(.1, factor)) : .1;
  }
  return j;
}

}  // namespace mckean::study
