// Explicit Runge-Kutta steps of a given size, and Euler-Maruyama.
#pragma once

#include <array>
#include <cmath>

#include "host/flow/integrator.hpp"
#include "host/flow/tableau.hpp"

namespace mckean {

/// The stages of one step. On the sphere every stage evaluates the tangent field at b/|b| and moves
/// in ambient space; the step ends with one normalisation.
template <Backend B>
class Stages {
 public:
  using State = Particles<double, B::space>;
  using ConstState = Particles<const double, B::space>;

  Stages(GradientFlow<B>& flow, const Tableau& tableau) : flow_(flow), tableau_(tableau) {
    for (int i = 0; i < tableau.stages; ++i)
      drift_[i] = flow.backend().template allocate<double>(flow.size());
  }

  /// Drift 0, at the state a step starts from, and the last one.
  State first() { return flow_.state(drift_[0].view()); }
  void last_becomes_first() { std::swap(drift_[0], drift_[tableau_.stages - 1]); }

  /// trial = the state after a step of size h from w, given first().
  void run(ConstState w, double h, std::uint64_t step, State trial) {
    for (int i = 1; i < tableau_.stages; ++i) {
      combine(w, h, tableau_.stage[i], i, trial);
      flow_.retract(trial);
      flow_.drift(trial, flow_.state(drift_[i].view()), step);
    }
    if (!tableau_.first_same_as_last) combine(w, h, tableau_.weight, tableau_.stages, trial);
  }

  /// h sum_i error_i drift_i, the difference from the embedded method.
  void error(double h, View<double, B::space> out) const {
    LinearTerms<B::space> terms;
    for (int i = 0; i < tableau_.stages; ++i) {
      if (tableau_.error[i] != 0) terms.add(h * tableau_.error[i], drift_[i].view());
    }
    flow_.backend().linear_combination(terms, out);
  }

  /// h sum_i weight_i decay(drift_i).
  double dissipated(double h) const {
    double sum = 0;
    for (int i = 0; i < tableau_.stages; ++i) {
      if (tableau_.weight[i] == 0) continue;
      sum += tableau_.weight[i] * flow_.decay(flow_.state(drift_[i].view()));
    }
    return h * sum;
  }

 private:
  void combine(ConstState w, double h, const double* weight, int count, State out) const {
    LinearTerms<B::space> terms;
    terms.add(1, w.values);
    for (int i = 0; i < count; ++i) {
      if (weight[i] != 0) terms.add(h * weight[i], drift_[i].view());
    }
    flow_.backend().linear_combination(terms, out.values);
  }

  GradientFlow<B>& flow_;
  const Tableau& tableau_;
  std::array<Buffer<double, B::space>, 7> drift_;
};

/// Steps of size dt; with temperature tau > 0 each adds sqrt(2 tau dt) N(0, 1) to what moves.
template <Backend B>
class RungeKutta : public Integrator<B> {
 public:
  using typename Integrator<B>::ConstState;

  RungeKutta(GradientFlow<B>& flow, ConstState initial, const Tableau& tableau,
             const IntegratorSpec& spec)
      : Integrator<B>(flow, initial), stages_(flow, tableau), spec_(spec) {}

  Step step(double, double limit) override {
    // A remainder within rounding of dt is one step, not two.
    const double h = limit <= spec_.dt * (1 + 1e-9) ? limit : spec_.dt;
    if (!first_is_current_) this->flow().drift(this->state(), stages_.first(), this->steps());
    first_is_current_ = false;
    stages_.run(this->state(), h, this->steps(), this->trial());
    if (spec_.temperature > 0) {
      this->flow().backend().add_noise(this->flow().spec(), std::sqrt(2 * spec_.temperature * h),
                                       spec_.seed, this->steps(), this->trial());
    }
    this->flow().retract(this->trial());
    if (!this->trial_is_finite()) {
      first_is_current_ = this->flow().deterministic();
      return {Outcome::diverged, 0, 0,
              "the step made a value that is not finite: take a smaller dt"};
    }
    const bool audited = this->flow().deterministic() && spec_.temperature == 0;
    const double dissipated = audited ? stages_.dissipated(h) : 0;
    this->accept();
    return {Outcome::finished, h, dissipated};
  }

  ConstState drift() override {
    if (!this->flow().deterministic()) {
      this->flow().full_drift(this->state(), stages_.first());
    } else if (!first_is_current_) {
      this->flow().drift(this->state(), stages_.first(), this->steps());
      first_is_current_ = true;
    }
    return stages_.first();
  }

 private:
  Stages<B> stages_;
  IntegratorSpec spec_;
  bool first_is_current_ = false;
};

}  // namespace mckean
