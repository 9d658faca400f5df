// The minimizing-movement step: w' = argmin J(w) + |w - w_k|^2/(2 eta), averaged over particles.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "host/flow/integrator.hpp"
#include "host/flow/lbfgs.hpp"

namespace mckean {

/// Jordan, Kinderlehrer and Otto (1998) in particle form, solved by L-BFGS from w_k. The distance
/// is weighed by the inverse mobilities and the scaling so that the stationary point is the
/// implicit Euler step w' = w_k + eta drift(w'); on the sphere it is the chord |b - b_k|, and both
/// sides are projected on the tangent plane at b. The residual is the root mean square over
/// particles of what is left of that equation, in the inverse mobilities' norm.
template <Backend B>
class Proximal : public Integrator<B> {
 public:
  using typename Integrator<B>::State;
  using typename Integrator<B>::ConstState;
  static constexpr int max_iterations = 500;
  static constexpr int patience = 60;  // iterations without a lower residual

  Proximal(GradientFlow<B>& flow, ConstState initial, const IntegratorSpec& spec)
      : Integrator<B>(flow, initial),
        drift_(this->allocate()),
        iterate_(this->allocate()),
        gradient_(this->allocate()),
        trial_gradient_(this->allocate()),
        direction_(this->allocate()),
        spec_(spec),
        lbfgs_(flow.backend(), flow.size(), [this](auto x, auto y) { return inner(x, y); }) {
    const double m = static_cast<double>(flow.m());
    objective_weight_ = time_scale(flow.spec().scaling, flow.m()) /
                        (m * output_scale(flow.spec().scaling, flow.m()));
    projection_.constraint = flow.spec().constraint;
  }

  Step step(double, double) override {
    eta_ = spec_.eta;
    const B& backend = this->flow().backend();
    lbfgs_.forget();
    backend.copy(this->state().values, iterate_.view());
    double value = evaluate(iterate(), gradient_.view());
    double residual = norm(gradient_.view());
    double lowest = residual;
    for (int i = 0, since_lowest = 0; residual > spec_.proximal_tolerance; ++i, ++since_lowest) {
      if (i == max_iterations || since_lowest == patience) break;
      if (!std::isfinite(value) || !std::isfinite(residual)) break;
      if (!search(value)) {
        if (lbfgs_.empty()) break;
        lbfgs_.forget();
        continue;
      }
      residual = norm(gradient_.view());
      if (residual < 0.9 * lowest) {
        lowest = residual;
        since_lowest = 0;
      }
    }
    if (!std::isfinite(residual)) {
      return {Outcome::diverged,
              0,
              0,
              0,
              0,
              "the proximal step made a value that is not finite: take a smaller eta"};
    }
    solver_residual_ = std::max(solver_residual_, residual);
    if (residual > spec_.proximal_tolerance) {
      char text[256];
      std::snprintf(
          text, sizeof text,
          "the proximal step stopped at residual %.3g, above its tolerance %.3g (a minimum "
          "on a kink has no smaller one): take a smaller eta or a larger proximal "
          "tolerance",
          residual, spec_.proximal_tolerance);
      return {Outcome::not_converged, 0, 0, 0, 0, text};
    }
    backend.copy(ConstView(iterate_.view()), this->trial().values);
    this->accept();
    drift_is_current_ = false;
    // The implicit Euler step's own quadrature takes the dissipation at its end.
    const double dissipated = eta_ * this->flow().decay(drift());
    const double rounding = 2 * this->flow().rounding(this->state(), energy_).objective;
    return {Outcome::finished, eta_, dissipated, rounding, rounding};
  }

  ConstState drift() override {
    if (!drift_is_current_) {
      const State out = this->flow().state(drift_.view());
      energy_ = this->flow().drift_and_energy(this->state(), out, this->steps());
      drift_is_current_ = true;
    }
    return this->flow().state(drift_.view());
  }
  Energy energy() override {
    drift();
    return energy_;
  }

  double solver_residual() const override { return solver_residual_; }

 private:
  using Vector = View<double, B::space>;
  using ConstView = View<const double, B::space>;

  State iterate() { return this->flow().state(iterate_.view()); }

  /// (1/m) sum over particles in the norm of the inverse mobilities; what does not move has no part
  /// in it.
  double inner(ConstView x, ConstView y) {
    const FieldSpec& spec = this->flow().spec();
    const std::size_t m = this->flow().m();
    const B& backend = this->flow().backend();
    double sum = 0;
    if (spec.rate_a() > 0) sum += backend.dot(x.subview(0, m), y.subview(0, m)) / spec.rate_a();
    if (spec.rate_b() > 0) {
      sum += backend.dot(x.subview(m, x.size() - m), y.subview(m, y.size() - m)) / spec.rate_b();
    }
    return sum / static_cast<double>(m);
  }
  double norm(ConstView x) { return std::sqrt(inner(x, x)); }

  /// The value of eta J (in units of |w|^2) + |w - w_k|^2/2, and its gradient in the inner product
  /// above: P (w - w_k) - eta drift(w).
  double evaluate(ConstState w, Vector gradient) {
    const B& backend = this->flow().backend();
    const State drift = this->flow().state(drift_.view());
    const double objective = this->flow().drift_and_energy(w, drift, this->steps()).objective;
    drift_is_current_ = false;
    const View<const double, B::space> origin = this->state().values;
    combine(1, w.values, -1, origin, gradient);
    const double distance = inner(gradient, gradient);
    combine(-1, gradient, eta_, drift.values, gradient);
    // -P applied to w_k - w + eta drift.
    backend.finish_drift(projection_, w, this->flow().state(gradient));
    return eta_ * objective_weight_ * objective + distance / 2;
  }

  /// Moves the iterate along the L-BFGS direction by backtracking; false where no step goes down.
  bool search(double& value) {
    lbfgs_.direction(gradient_.view(), direction_.view());
    const double slope = inner(gradient_.view(), direction_.view());
    if (!(slope < 0)) return false;
    const double before = norm(gradient_.view());
    const double rounding = 64 * std::numeric_limits<double>::epsilon() * std::abs(value);
    double length = 1;
    for (int tries = 0; tries < 40; ++tries, length /= 2) {
      combine(1, iterate_.view(), length, direction_.view(), this->trial().values);
      this->flow().retract(this->trial());
      const double next = evaluate(this->trial(), trial_gradient_.view());
      // Once J no longer resolves the descent, the gradient decides.
      const bool descends = next <= value + 1e-4 * length * slope;
      if (descends || (next <= value + rounding && norm(trial_gradient_.view()) < before)) {
        lbfgs_.learn(this->trial().values, iterate_.view(), trial_gradient_.view(),
                     gradient_.view());
        this->flow().backend().copy(ConstView(this->trial().values), iterate_.view());
        std::swap(gradient_, trial_gradient_);
        value = next;
        return true;
      }
    }
    return false;
  }

  void combine(double c1, ConstView x1, double c2, ConstView x2, Vector out) {
    LinearTerms<B::space> terms;
    terms.add(c1, x1);
    terms.add(c2, x2);
    this->flow().backend().linear_combination(terms, out);
  }

  Buffer<double, B::space> drift_, iterate_, gradient_, trial_gradient_, direction_;
  IntegratorSpec spec_;
  FieldSpec projection_;  // sphere or none, and nothing else: finish_drift is then -P
  Lbfgs<B> lbfgs_;
  double objective_weight_;
  double eta_ = 0;
  Energy energy_;
  bool drift_is_current_ = false;
  double solver_residual_ = 0;
};

}  // namespace mckean
