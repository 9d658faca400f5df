// Explicit Runge-Kutta steps of a given size, and Euler-Maruyama.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>

#include "host/flow/fixed_steps.hpp"
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
  void exchange_first(FlowArchive& archive) { archive.buffer(flow_.backend(), drift_[0]); }

  /// trial = the state after a step of size h from w, given first().
  void run(ConstState w, double h, std::uint64_t step, State trial) {
    for (int i = 1; i < tableau_.stages; ++i) {
      combine(w, h, tableau_.stage[i], i, trial);
      flow_.retract(trial);
      flow_.drift(trial, flow_.state(drift_[i].view()), step);
    }
    combine(w, h, tableau_.weight, tableau_.stages, trial);
  }

  /// Appends the squares of the drifts of the stages from 1 on.
  void add_squares(InnerProducts<B::space>& list) const {
    for (int i = 1; i < tableau_.stages; ++i) flow_.add_squares(list, drift_[i].view());
  }
  const Tableau& tableau() const { return tableau_; }

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
class RungeKutta : public FixedSteps<B> {
 public:
  using typename Integrator<B>::ConstState;
  using typename FixedSteps<B>::Slots;

  RungeKutta(GradientFlow<B>& flow, ConstState initial, const Tableau& tableau,
             const IntegratorSpec& spec)
      : FixedSteps<B>(flow, initial),
        stages_(flow, tableau),
        spec_(spec),
        slots_(this->allocate_slots(finite_slot + 1)),
        evaluated_before_(flow.evaluations()) {}

  Step step(double, double) override {
    const double h = spec_.dt;
    start(measures());
    GradientFlow<B>& flow = this->flow();
    stages_.run(this->state(), h, this->steps(), this->trial());
    if (spec_.temperature > 0) {
      const double time = time_scale(flow.spec().scaling, flow.total());
      flow.backend().add_noise(flow.spec(), std::sqrt(2 * spec_.temperature * time * h), spec_.seed,
                               this->steps(), this->trial());
    }
    flow.retract(this->trial());
    flow.backend().check_finite(std::as_const(*this).trial_state().values, finite());
    flow.sum_over_ranks(finite());
    first_is_current_ = sums_are_current_ = false;
    this->accept();
    return {Outcome::finished, h};
  }

  StepSums<B> sums(bool measured) override {
    const Tableau& tableau = stages_.tableau();
    AuditStep step{static_cast<double>(this->steps()), spec_.dt, tableau.stages, {}};
    std::copy_n(tableau.weight, tableau.stages, step.weight);
    const Slots inner = slots_.view().subview(inner_slot, 2 * (tableau.stages - 1));
    const Slots before = at();
    if (measured) {
      turn_ = 1 - turn_;
      if (tableau.stages > 1) {
        InnerProducts<B::space> squares;
        stages_.add_squares(squares);
        this->flow().backend().inner_products(squares, inner);
        this->flow().sum_over_ranks(inner);
      }
      start(true);
    }
    return {step, {before, at(), inner, finite()}};
  }

  void take_back() override {
    FixedSteps<B>::take_back();
    first_is_current_ = false;
    if (!sums_are_current_ && measures()) {
      turn_ = 1 - turn_;
      sums_are_current_ = true;
    }
  }
  void go_back(std::uint64_t number, bool failed) override {
    FixedSteps<B>::go_back(number, failed);
    // What the steps had cost up to there: that which failed was not evaluated at its end.
    const auto stages = static_cast<std::uint64_t>(stages_.tableau().stages);
    this->flow().forget_evaluations_after(evaluated_before_ +
                                          (failed ? (number + 1) * stages : number * stages + 1));
  }
  void resume(ConstState w) override {
    FixedSteps<B>::resume(w);
    first_is_current_ = sums_are_current_ = false;
    const std::uint64_t counted = this->flow().evaluations();
    start(true);
    this->flow().forget_evaluations_after(counted);
  }

  ConstState drift() override {
    if (this->flow().deterministic()) {
      start(true);
    } else {
      this->flow().full_drift(this->state(), stages_.first());
      first_is_current_ = false;
    }
    return stages_.first();
  }

  bool knows_scalars() const override { return sums_are_current_; }
  StateScalars scalars() override {
    if (this->flow().deterministic()) {
      if (!sums_are_current_) start(true);
    } else {
      this->flow().field().risk(this->state(), at().subview(StateScalars::risk_slot, 1));
      this->flow().measure(this->state(), drift(), at());
    }
    return this->flow().read(at());
  }

  void exchange(FlowArchive& archive) override {
    FixedSteps<B>::exchange(archive);
    archive(turn_, first_is_current_, sums_are_current_, evaluated_before_);
    archive.buffer(this->flow().backend(), slots_);
    if (first_is_current_) stages_.exchange_first(archive);
  }

 private:
  static constexpr std::size_t inner_slot = 2 * StateScalars::count;
  static constexpr std::size_t finite_slot = inner_slot + 2 * (AuditStep::most_stages - 1);

  /// Whether every step is audited, by the sums at its ends.
  bool measures() const { return this->flow().deterministic() && spec_.temperature == 0; }
  /// The drift at the state, and of a deterministic flow, where they are asked for, its sums.
  void start(bool with_sums) {
    GradientFlow<B>& flow = this->flow();
    const bool sums = with_sums && flow.deterministic();
    if (first_is_current_ && (sums_are_current_ || !sums)) return;
    const ConstState w = this->state();
    const std::uint64_t counted = flow.evaluations();
    if (sums) {
      flow.drift(w, stages_.first(), this->steps(), at().subview(StateScalars::risk_slot, 1));
      flow.measure(w, stages_.first(), at());
    } else {
      flow.drift(w, stages_.first(), this->steps());
    }
    if (first_is_current_) flow.forget_evaluations_after(counted);  // of a step that was given up
    first_is_current_ = flow.deterministic();
    sums_are_current_ = sums;
  }
  /// The sums at the state; beside them those at the state before.
  Slots at() { return slots_.view().subview(turn_ * StateScalars::count, StateScalars::count); }
  Slots finite() { return slots_.view().subview(finite_slot, 1); }

  Stages<B> stages_;
  IntegratorSpec spec_;
  Buffer<double, B::space> slots_;
  std::size_t turn_ = 0;
  bool first_is_current_ = false;
  bool sums_are_current_ = false;
  std::uint64_t evaluated_before_;
};

}  // namespace mckean
