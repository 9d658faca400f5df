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

/// Weights of the stages and, for the error, of two orders.
struct NaiveTableau {
  using Row = std::vector<double>;
  std::vector<Row> stages;
  Row high, low;
  double power;  // of the error in the size of the next step
};

inline const NaiveTableau& naive_tableau(NaiveMethod method) {
  static const NaiveTableau cash_karp{
      {{},
       {1. / 5},
       {3. / 40, 9. / 40},
       {3. / 10, -9. / 10, 6. / 5},
       {-11. / 54, 5. / 2, -70. / 27, 35. / 27},
       {1631. / 55296, 175. / 512, 575. / 13824, 44275. / 110592, 253. / 4096}},
      {37. / 378, 0, 250. / 621, 125. / 594, 0, 512. / 1771},
      {2825. / 27648, 0, 18575. / 48384, 13525. / 55296, 277. / 14336, 1. / 4},
      .2};
  static const NaiveTableau heun{{{}, {1}}, {.5, .5}, {1, 0}, .5};
  return method == NaiveMethod::cash_karp ? cash_karp : heun;
}

/// Embedded Runge-Kutta steps of a state.
class NaiveSteps {
 public:
  NaiveSteps(const RandomProblem& problem, const NaiveTableau& tableau, double rtol)
      : flow_(problem),
        tableau_(tableau),
        rtol_(rtol),
        w_(problem.particles.values),
        error_(w_.size()),
        k_(tableau.stages.size()) {
    flow_.normalize(w_);
    objective_ = flow_.drift(w_, k_[0]);
  }

  double objective() const { return objective_; }

  /// Tries a step of size h: the size of its error, which is taken where that is at most 1.
  double attempt(double h) {
    for (std::size_t i = 1; i < k_.size(); ++i) {
      next_ = w_;
      for (std::size_t l = 0; l < i; ++l)
        for (std::size_t c = 0; c < w_.size(); ++c)
          next_[c] += h * tableau_.stages[i][l] * k_[l][c];
      flow_.drift(next_, k_[i]);
    }
    next_ = w_;
    std::fill(error_.begin(), error_.end(), 0.);
    for (std::size_t i = 0; i < k_.size(); ++i) {
      for (std::size_t c = 0; c < w_.size(); ++c) {
        next_[c] += h * tableau_.high[i] * k_[i][c];
        error_[c] += h * (tableau_.high[i] - tableau_.low[i]) * k_[i][c];
      }
    }
    const double size = root_mean_square(error_) / (rtol_ * (root_mean_square(w_) + .01));
    if (size <= 1) {
      w_.swap(next_);
      flow_.normalize(w_);
      objective_ = flow_.drift(w_, k_[0]);
    }
    return size;
  }

 private:
  double root_mean_square(const std::vector<double>& v) const {
    double sum = 0;
    for (const double value : v) sum += value * value;
    return std::sqrt(sum / static_cast<double>(flow_.m()));
  }

  NaiveFlow flow_;
  const NaiveTableau& tableau_;
  double rtol_;
  double objective_ = 0;
  std::vector<double> w_, next_, error_;
  std::vector<std::vector<double>> k_;
};

/// J(t_end), or nothing where it took too long.
inline std::optional<double> naive_objective(const RandomProblem& problem, NaiveMethod method,
                                             double rtol, double seconds) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  const NaiveTableau& tableau = naive_tableau(method);
  NaiveSteps steps(problem, tableau, rtol);
  double t = 0, h = 1e-6;
  for (std::uint64_t step = 0; t < problem.t_end; ++step) {
    if (step % 64 == 0 && std::chrono::duration<double>(Clock::now() - start).count() > seconds)
      return {};
    h = std::min(h, problem.t_end - t);
    if (t + h == t) return {};
    const double size = steps.attempt(h);
    if (size <= 1) t = h == problem.t_end - t ? problem.t_end : t + h;
    const double factor = .9 * std::pow(std::max(size, 1e-10), -tableau.power);
    h *= std::isfinite(size) ? std::min(4., std::max(.1, factor)) : .1;
  }
  return steps.objective();
}

}  // namespace mckean::study
