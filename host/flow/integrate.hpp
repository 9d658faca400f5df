// A run: steps that nothing but the state decides, records beside them, and the energy as a guard.
#pragma once

#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/flow/energy_audit.hpp"
#include "host/flow/fixed_audit.hpp"
#include "host/flow/make_integrator.hpp"
#include "host/flow/recorder.hpp"
#include "mckean/interruption.hpp"

namespace mckean {

/// One run in progress.
template <Backend B>
class Integration {
 public:
  using State = Particles<double, B::space>;
  using ConstState = Particles<const double, B::space>;

  Integration(GradientFlow<B>& flow, const IntegratorSpec& spec, ConstState initial,
              Recorder<B> recorder, const IntegrateCallbacks& callbacks)
      : flow_(flow),
        spec_(spec),
        callbacks_(callbacks),
        recorder_(std::move(recorder)),
        integrator_(make_integrator(flow, spec, initial)),
        beside_(flow.backend().template allocate<double>(flow.size())),
        scalars_(flow.backend().template allocate<double>(StateScalars::count)),
        audited_(flow.deterministic() && spec.temperature == 0) {
    if (!spec.adaptive()) steps_.emplace(flow, spec, audited_);
    result_.reached.t_end = recorder_.end();
  }

  /// To the end, or to where something ends the run before.
  void run() {
    try {
      if (begin()) {
        while (!is_last() && advance()) {
        }
      }
    } catch (const Interrupted&) {
      clear_interruption();
      interrupt();
    }
    update();
    if (audit_) result_.energy_residual = relative_residual(energy_.objective);
  }

  /// The state reached; after a divergence the last one whose J had not risen.
  void store(State w) const {
    const bool kept = result_.outcome == Outcome::diverged && steps_ && begun_;
    flow_.backend().copy(kept           ? steps_->kept().values
                         : ends_beside_ ? beside_.view()
                                        : integrator_->state().values,
                         w.values);
  }
  const IntegrationResult& result() const { return result_; }

 private:
  /// A run of fixed steps is not resolved where its identity is off by more than this.
  static constexpr double broken = 0.1;

  /// Steps to the first record; false where the run can't start.
  bool begin() {
    if (recorder_.empty()) return false;
    if (audited_) {
      energy_ = integrator_->energy();
      if (!std::isfinite(energy_.objective))
        return end(Outcome::diverged, "the objective of the start is not finite");
      audit_.emplace(make_audit(flow_, energy_.objective, spec_.rtol));
    }
    if (steps_) steps_->begin(integrator_->state(), energy_);
    begun_ = true;
    if (!recorder_.take_until(0)) return !stops();
    return record_state(0) && !stops();
  }

  bool advance() {
    if (!(steps_ ? advance_fixed() : advance_adaptive())) return false;
    if (callbacks_.on_step && !callbacks_.on_step(result_.reached)) {
      interrupt();
      return false;
    }
    return !is_last() || check_identity();
  }

  /// One step and the records that it passes; false where the run has ended.
  bool advance_adaptive() {
    double& t = result_.reached.t;
    const double before = t;
    const double limit = result_.reached.t_end - t;
    const Step step = integrator_->step(t, limit);
    if (step.outcome != Outcome::finished) return end(step.outcome, step.failure);
    t = step.size == limit ? result_.reached.t_end : t + step.size;
    if (integrator_->at_rest() && !result_.at_rest_from) result_.at_rest_from = before;
    const double dissipated = audit_->dissipated();
    const double objective = energy_.objective;
    energy_ = integrator_->energy();
    audit_->add(step.dissipated, step.allowed, step.rounding);
    update();
    if (!record_between(before, step.size, dissipated, objective) || stops()) return false;
    if (spec_.method == IntegratorSpec::Method::automatic) change_when_stiff();
    return true;
  }
  /// The automatic method starts with dopri5 and ends with rkc.
  void change_when_stiff() {
    const auto* const smooth = dynamic_cast<Dopri5<B>*>(integrator_.get());
    if (smooth == nullptr || !smooth->prefers_stabilised()) return;
    auto stabilised = std::make_unique<Rkc<B>>(flow_, smooth->state(), spec_);
    stabilised->continue_from(*smooth);
    integrator_ = std::move(stabilised);
    result_.stiff_from = result_.reached.t;
  }
  bool is_last() const { return result_.reached.t >= result_.reached.t_end * (1 - time_rounding); }

  /// The same with a step of the one size. What it did to J is seen when the host next looks, at
  /// the latest at a record.
  bool advance_fixed() {
    double& t = result_.reached.t;
    const Step step = integrator_->step(t, result_.reached.t_end - t);
    if (step.outcome != Outcome::finished) return end(step.outcome, step.failure);
    t = time_of(integrator_->steps());
    steps_->add(fixed().sums(steps_->measured()), integrator_->state());
    update();
    const bool due = recorder_.take_passed(t);
    if (!look(due || is_last() || fixed().waits())) return false;
    return !due || record_state(t);
  }
  FixedSteps<B>& fixed() { return static_cast<FixedSteps<B>&>(*integrator_); }
  double time_of(std::uint64_t step) const {
    return static_cast<double>(step) * spec_.fixed_size();
  }

  /// Takes over what is known of the audit of fixed steps; false where it has ended the run, at the
  /// step where it did.
  bool look(bool wait) {
    const std::optional<AuditState> now = steps_->look(wait);
    if (!now) return true;
    if (audit_) {
      energy_ = now->energy;
      audit_->assign(now->dissipated, now->rounding);
    }
    if (now->event == AuditEvent::none) return true;
    const auto number = static_cast<std::uint64_t>(now->number);
    if (number != integrator_->steps()) {
      fixed().go_back(number, now->event == AuditEvent::state_not_finite);
      // Only stop rules have more to do with the state.
      if (now->event == AuditEvent::risk_reached || now->event == AuditEvent::gradient_reached)
        fixed().resume(steps_->kept());
    }
    result_.reached.t = time_of(number);
    switch (now->event) {
      case AuditEvent::state_not_finite:
        return end(Outcome::diverged,
                   "the step made a value that is not finite: take a smaller dt");
      case AuditEvent::objective_not_finite:
        return end(Outcome::diverged, "the objective is not finite: take a smaller dt");
      case AuditEvent::objective_risen:
        return end(Outcome::diverged,
                   "J has risen to more than ten times its first value, which no gradient flow "
                   "does: take a smaller step, or --no-audit");
      default:
        update();
        stop(now->event == AuditEvent::risk_reached);
        return false;
    }
  }

  /// Adaptive steps: records at their own times, beside the steps. An interpolated state whose J is
  /// not between those of the ends, which is possible where J hardly falls, gives way to the chord.
  bool record_between(double before, double size, double dissipated, double objective) {
    const double t = result_.reached.t;
    while (const std::optional<double> time = recorder_.take_until(t)) {
      if (*time == t) {
        if (!record_state(t)) return false;
        continue;
      }
      const double theta = (*time - before) / size;
      const State w = flow_.state(beside_.view());
      const double part = integrator_->interpolate(theta, w);
      Energy energy = flow_.energy(w);
      if (!(energy.objective <= objective && energy.objective >= energy_.objective)) {
        integrator_->interpolate_chord(theta, w);
        energy = flow_.energy(w);
      }
      if (drift_beside_.size() == 0)
        drift_beside_ = flow_.backend().template allocate<double>(flow_.size());
      const State drift = flow_.state(drift_beside_.view());
      integrator_->drift_beside(w, drift);
      flow_.measure(w, drift, scalars_.view());
      const StateScalars at = flow_.read(scalars_.view());
      if (!record(*time, w, {at, energy, dissipated + part})) return false;
    }
    return true;
  }

  bool check_identity() {
    if (!audit_ || !spec_.audit) return true;
    const double j = energy_.objective;
    if (spec_.adaptive() ? audit_->holds(j) : audit_->holds(j, broken)) return true;
    char text[200];
    std::snprintf(
        text, sizeof text,
        "the energy identity is off by %.3g of J(0) - J(t): the flow was not resolved; %s",
        std::abs(relative_residual(j)),
        spec_.adaptive() ? "lower rtol" : "take a smaller step, or --no-audit");
    return end(Outcome::not_converged, text);
  }

  /// (J(0) - J - dissipated)/(J(0) - J).
  double relative_residual(double objective, double dissipated) const {
    const double fallen = audit_->start() - objective;
    const double residual = fallen - dissipated;
    return residual == 0 ? 0 : residual / std::abs(fallen);
  }
  double relative_residual(double objective) const {
    return relative_residual(objective, audit_->dissipated());
  }

  /// Whether a stop rule ends the run here.
  bool stops() {
    const StopRules& rules = spec_.stop;
    if (!audit_ || !(rules.risk || rules.gradient)) return false;
    // After fixed steps, the audit of these knows.
    if (steps_ && integrator_->steps() > 0) return false;
    const bool risk = rules.risk && energy_.risk <= *rules.risk;
    const bool gradient =
        !risk && rules.gradient &&
        std::sqrt(flow_.formula().dissipation(integrator_->scalars())) <= *rules.gradient;
    if (risk || gradient) stop(risk);
    return risk || gradient;
  }
  /// Ends the run by a stop rule, with a record.
  void stop(bool risk) {
    const double t = result_.reached.t;
    if (recorder_.last() != t && !record_state(t)) return;
    if (result_.outcome == Outcome::finished && (recorder_.is_start() || check_identity()))
      end(Outcome::converged, risk ? "stop-risk is reached" : "stop-gradient is reached");
  }

  /// What a record is made of.
  struct Measured {
    StateScalars at;
    Energy energy;
    double dissipated;
  };

  /// Writes the record of the state; false where the run ends with it.
  bool record_state(double t) {
    const StateScalars at = integrator_->scalars();
    return record(
        t, integrator_->state(),
        {at, audit_ ? energy_ : flow_.formula().energy(at), audit_ ? audit_->dissipated() : 0});
  }
  bool record(double t, ConstState w, const Measured& measured) {
    const Energy& energy = measured.energy;
    Record row = recorder_.make_row(t, energy, measured.at.sums);
    if (audit_) row.energy_residual = relative_residual(energy.objective, measured.dissipated);
    row.dissipation = flow_.formula().dissipation(measured.at);
    if (!std::isfinite(energy.objective) || !std::isfinite(row.dissipation))
      return end(Outcome::diverged, "the objective or its dissipation is not finite");
    update();
    recorder_.publish(row, w, result_.reached);
    return goes_on_after(row, w);
  }
  /// The stop rules of a record.
  bool goes_on_after(const Record& row, ConstState w) {
    const StopRules& rules = spec_.stop;
    if (rules.w2 && row.w2 && *row.w2 <= *rules.w2) {
      // The run ends with the state of its last record.
      result_.reached.t = row.t;
      ends_beside_ = w.values.data() == std::as_const(beside_).view().data();
      if (recorder_.is_start() || check_identity()) end(Outcome::converged, "stop-w2 is reached");
      return false;
    }
    if (audit_) return true;
    if (rules.risk && row.risk <= *rules.risk)
      return end(Outcome::converged, "stop-risk is reached");
    if (rules.gradient && std::sqrt(row.dissipation) <= *rules.gradient)
      return end(Outcome::converged, "stop-gradient is reached");
    return true;
  }

  /// Ends the run where an interruption came, with the row of what is known there: where energy_ is
  /// not that of the state, neither J nor its dissipation, which are then NaN.
  void interrupt() {
    if (steps_ && begun_ && !look(true)) return;
    // The state is still that of before the step, or that after it, whose energy is not known.
    const bool measured = audit_ && result_.reached.step == integrator_->steps();
    end(Outcome::interrupted, "as asked");
    if (recorder_.last() == result_.reached.t || (audited_ && !audit_)) return;
    constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
    StateScalars at;
    if (measured) {
      at = integrator_->scalars();
    } else {
      const auto sums = scalars_.view().subview(0, std::size_t{ParticleSums::count});
      flow_.sum_particles(integrator_->state(), sums);
      flow_.sum_over_ranks(sums);
      double values[ParticleSums::count];
      flow_.backend().read(View<const double, B::space>(sums), {values, ParticleSums::count});
      at.sums = {values[0], values[1], values[2], values[3]};
    }
    Record row = recorder_.make_row(result_.reached.t,
                                    measured ? energy_ : Energy{unknown, unknown}, at.sums);
    if (measured) row.energy_residual = relative_residual(energy_.objective);
    row.interrupted = true;
    row.dissipation = measured ? flow_.formula().dissipation(at) : unknown;
    update();
    recorder_.publish(row, integrator_->state(), result_.reached);
  }

  void update() {
    result_.reached.step = integrator_->steps();
    result_.reached.rejected = integrator_->rejected();
    result_.reached.evaluations = flow_.evaluations();
    result_.solver_residual = integrator_->solver_residual();
    result_.sliding = integrator_->sliding();
  }
  bool end(Outcome outcome, const std::string& message) {
    update();
    result_.outcome = outcome;
    result_.message = message;
    return false;
  }

  GradientFlow<B>& flow_;
  IntegratorSpec spec_;
  const IntegrateCallbacks& callbacks_;
  Recorder<B> recorder_;
  std::unique_ptr<Integrator<B>> integrator_;
  Buffer<double, B::space> beside_;        // the state of a record
  Buffer<double, B::space> drift_beside_;  // and its drift
  Buffer<double, B::space> scalars_;
  bool audited_;
  bool begun_ = false;
  std::optional<EnergyAudit> audit_;
  std::optional<FixedAudit<B>> steps_;  // of fixed steps
  Energy energy_;
  bool ends_beside_ = false;
  IntegrationResult result_;
};

/// Integrates from w at t = 0 to the last of the record times (increasing, from 0 on), and leaves
/// in w the state that was reached, after a divergence the last one whose J had not risen. What is
/// recorded changes no bit of what is computed: fixed steps stand at t = k dt, and a record at the
/// first of them at or after its time (one row where several times share a step); adaptive steps
/// are interpolated. `test_field`, where there is one, gives the rows their test risk.
template <Backend B>
IntegrationResult integrate(GradientFlow<B>& flow, const IntegratorSpec& spec,
                            Particles<double, B::space> w, const std::vector<double>& record_times,
                            const IntegrateCallbacks& callbacks = {},
                            const Field<B>* test_field = nullptr) {
  auto finite = flow.backend().template allocate<double>(1);
  flow.backend().check_finite(w.values, finite.view());
  flow.sum_over_ranks(finite.view());
  double zero = 0;
  flow.backend().read(std::as_const(finite).view(), {&zero, 1});
  if (zero != 0) {
    IntegrationResult result;
    result.outcome = Outcome::diverged;
    result.message = "the initial particles are not finite";
    return result;
  }
  Integration<B> integration(flow, spec, w, Recorder<B>(flow, record_times, callbacks, test_field),
                             callbacks);
  integration.run();
  integration.store(w);
  return integration.result();
}

}  // namespace mckean
