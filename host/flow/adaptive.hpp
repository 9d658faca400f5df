// One step of an adaptive method: tried, measured in the metric of the flow and by the energy,
// accepted or tried shorter.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "host/flow/integrator.hpp"
#include "host/flow/sliding.hpp"
#include "host/flow/step_controller.hpp"
#include "host/flow/step_trial.hpp"

namespace mckean {

/// A step is accepted where all of this holds, and never otherwise:
///   the estimate of its error in L2(pi) is within the ErrorScale, in a and in b,
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
        slots_(this->allocate_slots(slot_count)),
        spec_(spec),
        scale_(*spec.rtol, spec.atol, flow.field().scale().unit),
        controller_(order),
        proposal_(spec.dt) {
    if (flow.spread() && sliding_.holds()) {
      throw InputError(
          "integrator: adaptive steps of a flow with kinks need all particles on one rank: choose "
          "euler, heun or rk4");
    }
  }

  Step step(double t, double limit) final {
    start();
    resting_ = rests();
    if (resting_) return {Outcome::finished, limit};
    if (tolerance() < 8 * std::numeric_limits<double>::epsilon() * now_.norm) return impossible();
    if (proposal_ == 0) proposal_ = first_proposal(limit);
    held_before_ = sliding_.held();
    try {
      return find_step(t, limit);
    } catch (...) {
      sliding_.restore(held_before_);  // a step that was interrupted has not been taken
      throw;
    }
  }

  ConstState drift() final {
    start();
    return this->flow().state(std::as_const(first_).view());
  }
  bool knows_scalars() const final { return started_; }
  StateScalars scalars() final {
    start();
    return now_.at;
  }
  /// As the step was judged by it.
  Energy energy() final {
    start();
    return now_.energy;
  }
  bool at_rest() const final { return resting_; }
  /// Goes on, with sizes like its last one and with its audit, from where another method stopped.
  void continue_from(const Adaptive& other) {
    this->count_from(other);
    proposal_ = other.size_;
    audit_ = other.audit_;
    scale_ = other.scale_;
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
    const double c1 = 6 * mean - 4 * decay_before_ - 2 * now_.decay;
    const double c2 = 3 * (decay_before_ + now_.decay - 2 * mean);
    return size_ * theta * (decay_before_ + theta * (c1 / 2 + theta * c2 / 3));
  }

  void exchange(FlowArchive& archive) override {
    Integrator<B>::exchange(archive);
    bool audited = audit_.has_value();
    archive(started_, resting_, controller_, proposal_, first_size_, wary_, raised_, audited);
    if (audited && !audit_) audit_.emplace(make_audit(this->flow(), 0, *spec_.rtol));
    if (audited) archive(*audit_);
    StateScalars& at = now_.at;
    archive(at.risk, at.sums.path, at.sums.path_squared, at.sums.regularizer, at.sums.radial,
            at.squared_a, at.squared_b, at.drift_a, at.drift_b);
    archive(now_.energy.objective, now_.energy.risk, now_.rounding.objective,
            now_.rounding.velocity_a, now_.rounding.velocity_b, now_.decay, now_.norm, now_.norm_a,
            now_.norm_b, size_);
    archive(scale_.largest, scale_.largest_a, scale_.largest_b);
    archive(sliding_);
    held_before_ = held_now_ = sliding_.held();
    if (started_) archive.buffer(this->flow().backend(), first_);
  }

 protected:
  /// Sums of squares (a, b) of the drifts of at most so many inner stages.
  static constexpr std::size_t most_inner = 5;
  /// What a method measures for itself, again in pairs.
  static constexpr std::size_t most_own = 3;
  /// A step from w with drift f to trial, with drift f_trial there.
  struct Ends {
    ConstState w, f, trial, f_trial;
  };

  /// The largest size up to h that the method can take, given the flow at hand.
  virtual double stable_size(double h) { return h; }
  virtual void on_rejection() {}
  /// The first size to try, at most limit; first drift and energy are known.
  virtual double first_proposal(double limit) = 0;
  /// trial = the state after a step of size h from w with drift f.
  virtual void run_stages(ConstState w, ConstState f, double h, State trial) = 0;
  /// Appends the squares of the drifts of inner stages that the quadrature needs, where
  /// run_stages() has not left them in inner_slots().
  virtual void add_inner(InnerProducts<B::space>&) const {}
  /// The estimated local error of a step of size h.
  virtual LinearTerms<B::space> estimate(const Ends&, double h) const = 0;
  /// Norms of a step of size h that accepted() wants.
  virtual void measure_own(const Ends&, double /*h*/, View<double, B::space> /*own*/) {}
  /// A step of size h is accepted, with the squares (a, b) that measure_own() has left.
  virtual void accepted(double /*h*/, const double* /*own*/) {}
  /// The mean of -dJ/dt over a step, from its values at both ends and the squares (a, b) of inner
  /// stages.
  virtual double mean_decay(double before, double after, const double* inner) const = 0;
  /// out = the state at a fraction theta of the last step, which went from w with drift f.
  virtual void fill(double theta, ConstState w, ConstState f, State out) = 0;

  /// The drift of the flow, without what is held; on the sphere of the field extended by b/|b|.
  void drift_at(ConstState w, State out) {
    this->flow().drift(w, out, this->steps());
    sliding_.project(w, out);
  }
  /// Whether there may be anything to take out.
  bool keep_settled(ConstState w, ConstState drift, View<double, B::space> displacement) const {
    return sliding_.keep_settled(w, drift, displacement);
  }
  ConstState first_state() const { return this->flow().state(first_.view()); }
  /// Scratch until the stages of a try begin.
  View<double, B::space> spare() { return last_.view(); }
  State first_drift() { return this->flow().state(first_.view()); }
  /// Of the inner stages, in the memory of the back end.
  View<double, B::space> inner_slots(std::size_t stages) {
    return slots_.view().subview(inner_slot, 2 * stages);
  }
  const StateScalars& at() const { return now_.at; }
  double last_size() const { return size_; }
  double size() const { return now_.norm; }
  const IntegratorSpec& spec() const { return spec_; }
  /// What may be wrong with (a, b), in L2(pi); at w = 0, which has no size, a first guess.
  double tolerance() const {
    const double allowed = scale_.allowed(now_.norm);
    return allowed > 0 ? allowed : scale_.rtol / 100;
  }

 private:
  // The scalars of a try, which are read at once: those of its end, the squares of inner stages,
  // of the error and of what a method measures for itself.
  static constexpr std::size_t inner_slot = StateScalars::count;
  static constexpr std::size_t error_slot = inner_slot + 2 * most_inner;
  static constexpr std::size_t own_slot = error_slot + 2;
  static constexpr std::size_t slot_count = own_slot + 2 * most_own;
  /// Steps after a rejection in which captures are looked for.
  static constexpr int patience = 10;
  /// Steps that grow less than this may be held short by chatter.
  static constexpr double growing = 1.1;
  /// The part of the tolerance that chatter may take.
  static constexpr double immaterial = 0.01;

  ConstState last_state() const { return this->flow().state(last_.view()); }

  void start() {
    if (started_) return;
    const State f = first_drift();
    sliding_.begin(this->current());
    this->flow().drift(this->state(), f, this->steps(), risk_slot());
    sliding_.remember(f);
    sliding_.project(this->state(), f);
    sliding_.release(this->current(), f);
    held_before_ = held_now_ = sliding_.held();
    measure(this->state(), first_state(), false);
    now_ = FlowPoint::of(this->flow().formula(), read_sums());
    if (!audit_) audit_.emplace(make_audit(this->flow(), now_.energy.objective, *spec_.rtol));
    scale_.see(now_);
    started_ = true;
  }

  StateScalars read_sums() {
    return this->flow().read(
        std::as_const(slots_).view().subview(0, std::size_t{StateScalars::count}));
  }

  /// Whether the velocity is nothing but rounding: no longer, in a and in b, than the model of it
  /// says at most. In float J can still fall by as much as it is then: there the velocity must also
  /// be no longer than what it changes by where w changes by a few roundings.
  bool rests() {
    const GradientFlow<B>& flow = this->flow();
    if (!flow.formula().rests(now_.at, now_.rounding)) return false;
    const FieldScale scale = flow.field().scale();
    if (!scale.in_float()) return true;
    const State w = this->trial(), f = flow.state(last_.view());
    LinearTerms<B::space> scaled, change;
    scaled.add(1 + 8 * scale.unit, this->state().values);
    flow.backend().linear_combination(scaled, w.values);
    flow.retract(w);
    sliding_.place(w);
    drift_at(w, f);
    change.add(1, std::as_const(last_).view());
    change.add(-1, std::as_const(first_).view());
    flow.backend().linear_combination(change, f.values);
    const std::array<double, 2> squares = flow.squares(std::as_const(last_).view());
    return now_.at.drift_a <= squares[0] && now_.at.drift_b <= squares[1];
  }

  /// Tries sizes until one is accepted, and takes that step.
  Step find_step(double t, double limit) {
    for (;;) {
      // Two equal steps rather than a whole one and a tiny rest.
      double h = proposal_ >= limit ? limit : std::min(proposal_, limit / 2);
      const double stable = stable_size(h);
      const bool ends = h < proposal_ && stable >= h;
      h = std::min(h, stable);
      StepTrial tried = attempt(h);
      if (tried.error <= 1) release(tried);
      if (tried.error <= 1) {
        const double next = h * controller_.accepted(h, tried.error);
        if (next < growing * h) wary_ = patience;
        proposal_ = ends ? std::max(proposal_, next) : next;
        return accept(h, tried);
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

  StepTrial attempt(double h) {
    if (first_size_ == 0) first_size_ = h;
    const ConstState w = this->state();
    const State trial = this->trial();
    const ConstState f = first_state();
    run_stages(w, f, h, trial);
    this->keep_frozen(w, trial);
    this->flow().retract(trial);
    sliding_.place(trial);
    evaluate_end();
    const std::optional<double> captured = capture(h);
    if (captured) evaluate_end();
    const std::optional<double> aligned =
        sliding_.align(trial, last_state(), h, immaterial * tolerance(), wary_ > 0);
    if (aligned) evaluate_end();
    const Ends ends{w, f, trial, last_state()};
    const GradientFlow<B>& flow = this->flow();
    flow.backend().squared_norms(estimate(ends, h), flow.m(), flow.d(),
                                 slots_.view().subview(error_slot, 2));
    measure_own(ends, h, slots_.view().subview(own_slot, 2 * most_own));
    measure(trial, last_state(), true);
    flow.sum_over_ranks(slots_.view().subview(error_slot, slot_count - error_slot));
    flow.backend().read(std::as_const(slots_).view(), {values_, slot_count});
    return judge(h, captured, aligned.value_or(0));
  }

  /// Looks for particles that a kink holds at the end of the step. How far they were moved; nothing
  /// where none was.
  std::optional<double> capture(double h) {
    const bool look = wary_ > 0 || sliding_.count() > 0;
    if (!sliding_.may_capture(look)) return {};
    measure(this->trial(), last_state(), false);
    const StateScalars at = read_sums();
    const double objective = this->flow().formula().objective(at);
    if (!std::isfinite(objective) || !std::isfinite(this->flow().formula().decay(at))) return {};
    // Whatever raises J has to be held; otherwise only what the tolerance would notice.
    const double part = raised_ > 0 ? 0 : immaterial;
    const double limit =
        audit_->step_limit(now_.energy.objective, objective, now_.rounding.objective);
    return sliding_.capture({this->state(), first_state(), last_state(), this->trial(), h},
                            {part * tolerance(), part * limit, tolerance()}, look);
  }

  /// From the scalars of a try, whose particles were moved by `captured` onto kinks and by
  /// `aligned` onto rays.
  StepTrial judge(double h, std::optional<double> captured, double aligned) const {
    const FlowFormula& formula = this->flow().formula();
    const FlowPoint end = FlowPoint::of(formula, StateScalars::load(values_));
    StepEstimate estimate;
    estimate.h = h;
    estimate.error_a = formula.norm(values_[error_slot], 0);
    estimate.error_b = formula.norm(0, values_[error_slot + 1]);
    estimate.moved = captured.value_or(0) + aligned;
    // Where particles were captured, the inner stages still chattered: the decay fell at some
    // moment of the step.
    estimate.dissipated = h * (captured ? (now_.decay + end.decay) / 2
                                        : mean_decay(now_.decay, end.decay, values_ + inner_slot));
    estimate.captured = captured.has_value();
    estimate.may_chatter = sliding_.gave_up();
    return judge_step(formula, *audit_, scale_, now_, end, estimate);
  }

  View<double, B::space> risk_slot() { return slots_.view().subview(StateScalars::risk_slot, 1); }
  /// The drift at the trial, and R.
  void evaluate_end() {
    const State out = this->flow().state(last_.view());
    this->flow().drift(this->trial(), out, this->steps(), risk_slot());
    sliding_.remember(out);
    sliding_.project(this->trial(), out);
  }
  /// All sums at w and of its drift, where `of_try` with those of the inner stages.
  void measure(ConstState w, ConstState drift, bool of_try) {
    const GradientFlow<B>& flow = this->flow();
    flow.sum_particles(
        w, slots_.view().subview(StateScalars::sums_slot, std::size_t{ParticleSums::count}));
    InnerProducts<B::space> squares;
    flow.add_state_squares(squares, w, drift);
    if (of_try) add_inner(squares);
    const auto count = static_cast<std::size_t>(squares.count);
    flow.backend().inner_products(squares,
                                  slots_.view().subview(StateScalars::squares_slot, count));
    flow.sum_over_ranks(slots_.view().subview(1, (of_try ? error_slot : inner_slot) - 1));
  }

  /// Lets go of what is not held at the end of a try that meets the tolerance. Where this turns
  /// rays, J is judged again.
  void release(StepTrial& tried) {
    using Released = typename Sliding<B>::Released;
    const Released released = sliding_.release(this->trial(), this->flow().state(last_.view()));
    if (released == Released::nothing) return;
    measure(this->trial(), last_state(), false);
    if (released == Released::state) this->flow().field().risk(this->trial(), risk_slot());
    const StateScalars at = read_sums();
    if (released == Released::state) {
      judge_turn(now_, FlowPoint::of(this->flow().formula(), at), tried);
    } else {
      tried.end.at = at;
      tried.end.decay = this->flow().formula().decay(at);
    }
  }

  /// Throws nothing.
  Step accept(double h, const StepTrial& tried) {
    audit_->add(tried.dissipated, tried.identity_limit, tried.identity_rounding);
    decay_before_ = now_.decay;
    now_ = tried.end;
    scale_.see(now_);
    size_ = h;
    dissipated_ = tried.dissipated;
    accepted(h, values_ + own_slot);
    if (wary_ > 0) --wary_;
    if (raised_ > 0) --raised_;
    std::swap(first_, last_);
    Integrator<B>::accept();
    held_now_ = sliding_.held();
    return {Outcome::finished, h, tried.dissipated, tried.identity_limit, tried.identity_rounding};
  }

  static Step impossible() {
    return {
        .outcome = Outcome::not_converged,
        .failure = "the tolerance is below the rounding of the state itself: raise rtol or atol"};
  }
  static Step failure(const StepTrial& tried) {
    if (!tried.finite) {
      return {.outcome = Outcome::diverged,
              .failure = "every step, however small, makes values that are not finite"};
    }
    return {.outcome = Outcome::not_converged,
            .failure =
                "the step size fell to rounding without meeting the tolerance: raise rtol "
                "or atol, or compute in double precision"};
  }

  Sliding<B> sliding_;
  Buffer<double, B::space> first_;  // the drift at the state
  Buffer<double, B::space> last_;   // at the trial; after a step, at the state before it
  Buffer<double, B::space> slots_;
  double values_[slot_count] = {};  // and what was read from them
  IntegratorSpec spec_;
  ErrorScale scale_;
  StepController controller_;
  double proposal_;
  std::optional<EnergyAudit> audit_;
  bool started_ = false;
  bool resting_ = false;
  FlowPoint now_;  // of the state and its drift
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
