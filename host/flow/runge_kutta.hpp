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

  /// Drift 0, at the state a step starts from.
  State first() { return flow_.state(drift_[0].view()); }

  /// trial = the state after a step of size h from w, given first().
  void run(ConstState w, double h, std::uint64_t step, State trial) {
    for (int i = 1; i < tableau_.stages; ++i) {
      combine(w, h, tableau_.stage[i], i, trial);
      flow_.retract(trial);
      flow_.drift(trial, flow_.state(drift_[i].view()), step);
    }
    combine(w, h, tableau_.weight, tableau_.stages, trial);
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
  std::array<Buffer<double, B::space>, 4> drift_;
};

/// Steps of size dt; with temperature tau > 0 each adds sqrt(2 tau T dt) N(0, 1) to what moves, T
/// the time scale of dw/dt = -T v: then with v = E[(f - y) grad psi] + lambda w the particles' law
/// at rest is proportional to exp(-(V + lambda |w|^2/2)/tau), grad V = v - lambda w, under every
/// scaling (without data N(0, tau/lambda)).
template <Backend B>
class RungeKutta : public Integrator<B> {
 public:
  using typename Integrator<B>::ConstState;

  RungeKutta(GradientFlow<B>& flow, ConstState initial, const Tableau& tableau,
             const IntegratorSpec& spec)
      : Integrator<B>(flow, initial), stages_(flow, tableau), spec_(spec) {}

  Step step(double, double) override {
    const double h = spec_.dt;
    start();
    const bool deterministic = this->flow().deterministic();
    stages_.run(this->state(), h, this->steps(), this->trial());
    if (spec_.temperature > 0) {
      const double time = time_scale(this->flow().spec().scaling, this->flow().m());
      this->flow().backend().add_noise(this->flow().spec(),
                                       std::sqrt(2 * spec_.temperature * time * h), spec_.seed,
                                       this->steps(), this->trial());
    }
    this->flow().retract(this->trial());
    if (!this->trial_is_finite()) {
      return {Outcome::diverged,
              0,
              0,
              0,
              0,
              "the step made a value that is not finite: take a smaller dt"};
    }
    const bool audited = deterministic && spec_.temperature == 0;
    const double dissipated = audited ? stages_.dissipated(h) : 0;
    const double rounding =
        audited ? 2 * this->flow().rounding(this->state(), energy_).objective : 0;
    first_is_current_ = false;
    this->accept();
    return {Outcome::finished, h, dissipated, rounding, rounding};
  }

  ConstState drift() override {
    if (this->flow().deterministic()) {
      start();
    } else {
      this->flow().full_drift(this->state(), stages_.first());
      first_is_current_ = false;
    }
    return stages_.first();
  }

  Energy energy() override {
    if (!this->flow().deterministic()) return this->flow().energy(this->state());
    start();
    return energy_;
  }

 private:
  /// The drift at the state, and of a deterministic flow its energy.
  void start() {
    if (first_is_current_) return;
    if (this->flow().deterministic()) {
      energy_ = this->flow().drift_and_energy(this->state(), stages_.first(), this->steps());
      first_is_current_ = true;
    } else {
      this->flow().drift(this->state(), stages_.first(), this->steps());
    }
  }

  Stages<B> stages_;
  IntegratorSpec spec_;
  Energy energy_;
  bool first_is_current_ = false;
};

}  // namespace mckean
