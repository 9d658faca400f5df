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

/// A field with kinks (relu data, |a||b| at 0) can hold particles on a kink, where the velocity
/// jumps back and forth; an error of order 5 then falls only like h, and the tolerance asks for
/// steps without end. A step is let through above the tolerance where that is what happens: it is
/// already short beside t, and the last two tries show an order below 1.5. Stiffness does not pass
/// for a kink: there the error falls like h^5. Such steps are counted and reported.
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
    const double scale = std::max(t, limit);
    const double smallest = 1e-12 * scale;
    Try last;
    for (;;) {
      // Two equal steps rather than a whole one and a tiny rest.
      const double h = proposal_ >= limit ? limit : std::min(proposal_, limit / 2);
      const bool shortened = h < proposal_;
      const double error = attempt(h);
      const bool on_kink = error > 1 && is_kink_step(h / scale) && is_kink(last, {h, error});
      if (error <= 1 || on_kink) {
        if (on_kink) this->count_kink(error);
        const double factor = controller_.accepted(error);
        const double next = h * (on_kink ? kink_growth : factor);
        proposal_ = shortened ? std::max(proposal_, next) : next;
        if (on_kink || h > kink_step * scale / 100) short_steps_ = 0;
        // On a kink the tolerance itself can be met, by steps too short to arrive: look beyond.
        if (++short_steps_ == kink_patience) {
          proposal_ = kink_step * scale;
          short_steps_ = 0;
        }
        const double dissipated = this->flow().deterministic() ? stages_.dissipated(h) : 0;
        stages_.last_becomes_first();
        first_is_current_ = this->flow().deterministic();
        this->accept();
        return {Outcome::finished, h, dissipated};
      }
      this->reject();
      last = {h, error};
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
  struct Try {
    double h = 0;
    double error = 0;
  };
  static constexpr double kink_step = 1e-2;   // the longest step let through, in units of t
  static constexpr double kink_excess = 1e7;  // the largest error let through, where 1 is tolerance
  static constexpr double kink_growth = 10;   // after which the next is tried this much longer
  static constexpr int kink_patience =
      50;  // steps below kink_step / 100 before a long one is tried

  /// Of a length, in units of t, that is worth letting through: much shorter ones are rounding.
  static bool is_kink_step(double h) { return h <= kink_step && h >= 1e-3 * kink_step; }
  /// Whether the error fell by less than h^1.5 from one try of a step to the next.
  static bool is_kink(const Try& before, const Try& now) {
    if (!(before.error < kink_excess && now.error < kink_excess) || before.h == 0) return false;
    return now.error > before.error * std::pow(now.h / before.h, 1.5);
  }

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
  int short_steps_ = 0;
  bool first_is_current_ = false;
};

}  // namespace mckean
