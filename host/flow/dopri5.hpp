// The adaptive method of Dormand and Prince with a PI step-size controller.
#pragma once

#include <algorithm>
#include <cmath>

#include "host/flow/runge_kutta.hpp"

namespace mckean {

/// Proportional-integral control of the step size for an error estimate of order 5: Hairer and
/// Wanner, Solving Ordinary Differential Equations II, IV.2.
class StepController {
 public:
  /// The factor for the next step after one whose weighted error was `error` <= 1.
  double accepted(double error) {
    constexpr double beta = 0.04;
    constexpr double alpha = 1. / 5 - 0.75 * beta;
    const double bounded = std::max(error, 1e-10);
    double factor =
        std::clamp(0.9 * std::pow(bounded, -alpha) * std::pow(previous_, beta), 0.2, 10.0);
    if (after_rejection_) factor = std::min(factor, 1.0);
    previous_ = std::max(error, 1e-4);
    after_rejection_ = false;
    return factor;
  }
  /// The factor for another try; `error` > 1 or not finite.
  double rejected(double error) {
    after_rejection_ = true;
    return std::isfinite(error) ? std::max(0.2, 0.9 * std::pow(error, -1. / 5)) : 0.2;
  }

 private:
  double previous_ = 1e-4;
  bool after_rejection_ = false;
};

template <Backend B>
class Dopri5 : public Integrator<B> {
 public:
  using typename Integrator<B>::ConstState;

  Dopri5(GradientFlow<B>& flow, ConstState initial, const IntegratorSpec& spec)
      : Integrator<B>(flow, initial),
        stages_(flow, dopri5_tableau),
        error_(this->allocate()),
        spec_(spec),
        proposal_(spec.dt) {}

  Step step(double t, double limit) override {
    drift_at_state();
    if (proposal_ == 0) proposal_ = first_proposal(limit);
    const double smallest = 1e-12 * std::max(t, limit);
    for (;;) {
      // Two equal steps rather than a whole one and a tiny rest.
      const double h = proposal_ >= limit ? limit : std::min(proposal_, limit / 2);
      const bool shortened = h < proposal_;
      const double error = attempt(h);
      if (error <= 1) {
        const double next = h * controller_.accepted(error);
        proposal_ = shortened ? std::max(proposal_, next) : next;
        const double dissipated = this->flow().deterministic() ? stages_.dissipated(h) : 0;
        stages_.last_becomes_first();
        first_is_current_ = this->flow().deterministic();
        this->accept();
        return {Outcome::finished, h, dissipated};
      }
      this->reject();
      proposal_ = h * controller_.rejected(error);
      if (proposal_ < smallest) return failure(error);
    }
  }

  ConstState drift() override {
    if (this->flow().deterministic()) {
      drift_at_state();
    } else {
      this->flow().full_drift(this->state(), stages_.first());
    }
    return stages_.first();
  }

 private:
  void drift_at_state() {
    if (first_is_current_) return;
    this->flow().drift(this->state(), stages_.first(), this->steps());
    first_is_current_ = this->flow().deterministic();
  }

  /// The weighted error of a step of size h, NaN where it made a value that is not finite.
  double attempt(double h) {
    stages_.run(this->state(), h, this->steps(), this->trial());
    stages_.error(h, error_.view());
    return norm(error_.view(), this->trial().values);
  }

  double norm(View<const double, B::space> x, View<const double, B::space> after) {
    return this->flow().backend().weighted_error(x, this->state().values, after, spec_.atol,
                                                 spec_.rtol);
  }

  /// Hairer, Norsett and Wanner, Solving Ordinary Differential Equations I, II.4, starting step
  /// size.
  double first_proposal(double limit) {
    const B& backend = this->flow().backend();
    const View<const double, B::space> w = this->state().values;
    const ConstState drift = stages_.first();
    const double size = norm(w, w);
    const double slope = norm(drift.values, w);
    if (!std::isfinite(slope)) return limit;
    double h = size < 1e-5 || slope < 1e-5 ? 1e-6 : 0.01 * size / slope;
    h = std::min(h, limit);
    LinearTerms<B::space> euler;
    euler.add(1, w);
    euler.add(h, drift.values);
    backend.linear_combination(euler, this->trial().values);
    this->flow().retract(this->trial());
    const Particles<double, B::space> change = this->flow().state(error_.view());
    this->flow().drift(this->trial(), change, this->steps());
    LinearTerms<B::space> difference;
    difference.add(1 / h, change.values);
    difference.add(-1 / h, drift.values);
    backend.linear_combination(difference, change.values);
    const double curvature = norm(change.values, w);
    const double steepest = std::max(slope, curvature);
    const double next =
        steepest <= 1e-15 ? std::max(1e-6, h * 1e-3) : std::pow(0.01 / steepest, 1. / 5);
    return std::isfinite(next) ? std::min({100 * h, next, limit}) : h;
  }

  static Step failure(double error) {
    if (!std::isfinite(error)) {
      return {Outcome::diverged, 0, 0,
              "every step, however small, makes values that are not finite"};
    }
    return {Outcome::not_converged, 0, 0,
            "the step size fell to rounding without meeting the tolerance: raise rtol or atol, or "
            "use --precision double"};
  }

  Stages<B> stages_;
  Buffer<double, B::space> error_;
  IntegratorSpec spec_;
  StepController controller_;
  double proposal_;
  bool first_is_current_ = false;
};

}  // namespace mckean
