// One step of an adaptive method: tried, measured in the metric of the flow and by the energy,
// accepted or tried shorter.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>

#include "host/flow/energy_audit.hpp"
#include "host/flow/integrator.hpp"
#include "host/flow/sliding.hpp"
#include "host/flow/step_controller.hpp"

namespace mckean {

/// A step is accepted where all of this holds, and never otherwise:
///   the estimate of its error in L2(pi) is at most atol + rtol |w| (norms over what moves),
///   J has not risen by more than its own error: its rounding, and where particles may chatter
///   across hinges too many to look at, what the estimated error does to J to first order,
///   the energy identity of the step holds within EnergyAudit::step_limit().
/// Its size depends on the state and on nothing else: records are interpolated. The fields of
/// stochastic flows change from step to step and have no such errors: deterministic flows only.
template <Backend B>
class Adaptive : public Integrator<B> {
 public:
  using typename Integrator<B>::State;
  using typename Integrator<B>::ConstState;

  Adaptive(GradientFlow<B>& flow, ConstState initial, const IntegratorSpec& spec, double order)
      : Integrator<B>(flow, initial),
        sliding_(flow),
        first_(this->allocate()),
        last_(this->allocate()),
        error_(this->allocate()),
        spec_(spec),
        controller_(order),
        proposal_(spec.dt) {}

  Step step(double t, double limit) final {
    start();
    resting_ = rests();
    if (resting_) return {Outcome::finished, limit};
    if (tolerance() < 8 * std::numeric_limits<double>::epsilon() * norm_) return impossible();
    if (proposal_ == 0) proposal_ = first_proposal(limit);
    held_before_ = sliding_.held();
    for (;;) {
      // Two equal steps rather than a whole one and a tiny rest.
      double h = proposal_ >= limit ? limit : std::min(proposal_, limit / 2);
      const double stable = stable_size(h);
      const bool ends = h < proposal_ && stable >= h;
      h = std::min(h, stable);
      const Try tried = attempt(h);
      if (tried.error <= 1) {
        const double next = h * controller_.accepted(h, tried.error);
        if (next < growing * h) wary_ = patience;
        proposal_ = ends ? std::max(proposal_, next) : next;
        return accept_try(h, tried);
      }
      this->reject();
      sliding_.restore(held_before_);
      wary_ = patience;
      if (tried.rises) raised_ = patience;
      proposal_ = h * controller_.rejected(tried.error);
      on_rejection();
      if (t + proposal_ == t || proposal_ < 1e-14 * first_size_) return failure(tried);
    }
  }

  ConstState drift() final {
    start();
    return this->flow().state(std::as_const(first_).view());
  }
  Energy energy() final {
    start();
    return energy_;
  }
  bool at_rest() const final { return resting_; }
  /// Goes on, with sizes like its last one and with its audit, from where another method stopped.
  void continue_from(const Adaptive& other) {
    this->count_from(other);
    proposal_ = other.size_;
    audit_ = other.audit_;
    sliding_.restore(other.sliding_.held());
  }
  std::size_t sliding() const final { return sliding_.count(); }
  void interpolate_chord(double theta, State out) final {
    Integrator<B>::interpolate_chord(theta, out);
    sliding_.restore(held_before_);
    sliding_.place(out);
    sliding_.restore(held_now_);
  }
  void drift_beside(ConstState w, State out) final {
    Integrator<B>::drift_beside(w, out);
    if (!resting_) sliding_.restore(held_before_);
    sliding_.project(w, out);
    if (!resting_) sliding_.restore(held_now_);
  }

  double interpolate(double theta, State out) final {
    if (theta == 1 || resting_) {
      this->flow().backend().copy(this->state().values, out.values);
    } else {
      // The state before the step is the trial of the next one, with its drift in last_.
      const std::uint64_t counted = this->flow().evaluations();
      sliding_.restore(held_before_);
      fill(theta, this->trial_state(), last_state(), out);
      this->keep_frozen(this->state(), out);
      this->flow().retract(out);
      sliding_.place(out);
      sliding_.restore(held_now_);
      this->flow().forget_evaluations_after(counted);
    }
    // The quadratic with the decay at both ends and the integral of the step.
    if (resting_) return 0;
    const double mean = dissipated_ / size_;
    const double c1 = 6 * mean - 4 * decay_before_ - 2 * decay_;
    const double c2 = 3 * (decay_before_ + decay_ - 2 * mean);
    return size_ * theta * (decay_before_ + theta * (c1 / 2 + theta * c2 / 3));
  }

 protected:
  /// The largest size up to h that the method can take, given the flow at hand.
  virtual double stable_size(double h) { return h; }
  virtual void on_rejection() {}
  /// After a step of size h from w with drift f that is going to be accepted.
  virtual void on_acceptance(ConstState /*w*/, ConstState /*f*/, double /*h*/, ConstState /*trial*/,
                             ConstState /*f_trial*/) {}
  /// The first size to try, at most limit; first drift and energy are known.
  virtual double first_proposal(double limit) = 0;
  /// trial = the state after a step of size h from w with drift f; int decay over the inner stages
  /// is kept for mean_decay().
  virtual void run_stages(ConstState w, ConstState f, double h, State trial) = 0;
  /// out = the estimated local error of that step, its ends with their drifts being known.
  virtual void estimate(ConstState w, ConstState f, double h, ConstState trial, ConstState f_trial,
                        View<double, B::space> out) = 0;
  /// The mean of -dJ/dt over that step, from its values at both ends and at the inner stages.
  virtual double mean_decay(double before, double after) const = 0;
  /// out = the state at a fraction theta of the last step, which went from w with drift f.
  virtual void fill(double theta, ConstState w, ConstState f, State out) = 0;

  /// The drift of the flow, without what is held; on the sphere of the field extended by b/|b|.
  void drift_at(ConstState w, State out) {
    this->flow().drift(w, out, this->steps());
    sliding_.project(w, out);
  }
  void keep_settled(ConstState w, ConstState drift, View<double, B::space> displacement) const {
    sliding_.keep_settled(w, drift, displacement);
  }
  ConstState first_state() const { return this->flow().state(first_.view()); }
  State first_drift() { return this->flow().state(first_.view()); }
  double last_size() const { return size_; }
  double size() const { return norm_; }
  const IntegratorSpec& spec() const { return spec_; }
  double decay() const { return decay_; }
  /// atol + rtol |w|.
  double tolerance() const { return spec_.atol + spec_.rtol * norm_; }

 private:
  struct Try {
    double error = 0;  // the largest of all, in units of what is allowed
    Energy energy;
    double decay = 0;
    double dissipated = 0;
    double norm = 0;
    Rounding rounding;
    bool finite = false;
    bool rises = false;
    double identity_rounding = 0;  // of J_before - J_after - dissipated
    double identity_limit = 0;     // what it may be
  };
  /// Steps after a rejection in which captures are looked for.
  static constexpr int patience = 10;
  /// Steps that grow less than this may be held short by chatter.
  static constexpr double growing = 1.1;
  /// The part of the tolerance that chatter may take.
  static constexpr double immaterial = 0.01;
  /// Error of a step that raised J: the next one is tried at less than half the size.
  static constexpr double risen = 10;

  ConstState last_state() const { return this->flow().state(last_.view()); }

  void start() {
    if (started_) return;
    const State f = first_drift();
    sliding_.begin(this->current());
    energy_ = this->flow().drift_and_energy(this->state(), f, this->steps());
    sliding_.project(this->state(), f);
    held_before_ = held_now_ = sliding_.held();
    decay_ = this->flow().decay(f);
    norm_ = this->flow().norm(this->state().values);
    rounding_ = this->flow().rounding(this->state(), energy_);
    if (!audit_) audit_.emplace(make_audit(this->flow(), energy_.objective, spec_.rtol));
    started_ = true;
  }

  /// Whether the velocity is nothing but rounding: a shorter one can't be told from 0.
  bool rests() const { return this->flow().raw_speed(first_state()) <= rounding_.velocity; }

  Try attempt(double h) {
    Try tried;
    if (first_size_ == 0) first_size_ = h;
    const ConstState w = this->state();
    const State trial = this->trial();
    const ConstState f = first_state();
    run_stages(w, f, h, trial);
    this->keep_frozen(w, trial);
    this->flow().retract(trial);
    sliding_.place(trial);
    evaluate_end(tried);
    double moved = 0;
    bool captured = false;
    if (sliding_.holds() && std::isfinite(tried.energy.objective) && std::isfinite(tried.decay)) {
      const bool look = wary_ > 0 || sliding_.count() > 0;
      // Whatever raises J has to be held; otherwise only what the tolerance would notice.
      const double part = raised_ > 0 ? 0 : immaterial;
      const double limit =
          audit_->step_limit(energy_.objective, tried.energy.objective, rounding_.objective);
      const auto distance =
          sliding_.capture(w, f, last_state(), trial, h, {part * tolerance(), part * limit}, look);
      if (distance) {
        moved = *distance;
        captured = true;
        evaluate_end(tried);
      }
    }
    estimate(w, f, h, trial, last_state(), error_.view());
    const double error = this->flow().norm(std::as_const(error_).view()) + moved;
    tried.norm = this->flow().norm(trial.values);
    tried.finite = std::isfinite(error) && std::isfinite(tried.energy.objective) &&
                   std::isfinite(tried.decay) && std::isfinite(tried.norm);
    if (!tried.finite) {
      tried.error = std::numeric_limits<double>::infinity();
      return tried;
    }
    tried.error = error / (spec_.atol + spec_.rtol * std::max(norm_, tried.norm));
    tried.rounding = this->flow().rounding(trial, tried.energy);
    // Where particles were captured, the inner stages still chattered: the decay fell at some
    // moment of the step.
    tried.dissipated =
        h * (captured ? (decay_ + tried.decay) / 2 : mean_decay(decay_, tried.decay));
    const double before = energy_.objective;
    const double after = tried.energy.objective;
    const double defect = std::abs(before - after - tried.dissipated);
    std::optional<double> jump;
    if (captured) jump = h * std::abs(decay_ - tried.decay) / 2;
    tried.identity_rounding = identity_rounding(h, tried);
    tried.identity_limit = audit_->step_limit(before, after, tried.identity_rounding, jump);
    tried.error = std::max(tried.error, defect / tried.identity_limit);
    double own_error = rounding_.objective + tried.rounding.objective;
    if (sliding_.gave_up()) {
      const double mu = dissipation_factor(this->flow().spec().scaling, this->flow().m());
      own_error += std::sqrt(mu * tried.decay) * error;
    }
    tried.rises = after > before + own_error;
    if (tried.rises) tried.error = std::max(tried.error, risen);
    return tried;
  }

  /// What rounding may do to J_before - J_after - dissipated.
  double identity_rounding(double h, const Try& tried) const {
    const double decay = this->flow().decay_error(
        std::max(decay_, tried.decay), std::max(rounding_.velocity, tried.rounding.velocity));
    return rounding_.objective + tried.rounding.objective + h * decay;
  }

  void evaluate_end(Try& tried) {
    const State out = this->flow().state(last_.view());
    tried.energy = this->flow().drift_and_energy(this->trial(), out, this->steps());
    sliding_.remember(out);
    sliding_.project(this->trial(), out);
    tried.decay = this->flow().decay(out);
  }

  Step accept_try(double h, const Try& tried) {
    audit_->add(tried.dissipated, tried.identity_limit, tried.identity_rounding);
    decay_before_ = decay_;
    energy_ = tried.energy;
    decay_ = tried.decay;
    norm_ = tried.norm;
    rounding_ = tried.rounding;
    size_ = h;
    dissipated_ = tried.dissipated;
    on_acceptance(this->state(), first_state(), h, this->trial(), last_state());
    if (wary_ > 0) --wary_;
    if (raised_ > 0) --raised_;
    std::swap(first_, last_);
    this->accept();
    held_now_ = sliding_.held();
    const std::size_t held = sliding_.count();
    sliding_.release(this->current(), first_drift());
    if (sliding_.count() != held) {
      decay_ = this->flow().decay(first_state());
      held_now_ = sliding_.held();
    }
    return {Outcome::finished, h, tried.dissipated, tried.identity_limit, tried.identity_rounding};
  }

  static Step impossible() {
    return {
        .outcome = Outcome::not_converged,
        .failure = "the tolerance is below the rounding of the state itself: raise rtol or atol"};
  }
  static Step failure(const Try& tried) {
    if (!tried.finite) {
      return {.outcome = Outcome::diverged,
              .failure = "every step, however small, makes values that are not finite"};
    }
    return {.outcome = Outcome::not_converged,
            .failure =
                "the step size fell to rounding without meeting the tolerance: raise rtol "
                "or atol, or use --precision double"};
  }

  Sliding<B> sliding_;
  Buffer<double, B::space> first_;  // the drift at the state
  Buffer<double, B::space> last_;   // at the trial; after a step, at the state before it
  Buffer<double, B::space> error_;
  IntegratorSpec spec_;
  StepController controller_;
  double proposal_;
  std::optional<EnergyAudit> audit_;
  bool started_ = false;
  bool resting_ = false;
  Energy energy_;
  Rounding rounding_;
  double decay_ = 0;
  double norm_ = 0;
  double first_size_ = 0;
  int wary_ = 0;    // steps for which captures are still looked for
  int raised_ = 0;  // and among them those that look for whatever raises J
  // Of the last step:
  double size_ = 0;
  double dissipated_ = 0;
  double decay_before_ = 0;
  typename Sliding<B>::Held held_before_, held_now_;
};

}  // namespace mckean
