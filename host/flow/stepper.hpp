// A flow in progress, step by step: what the records of a run and the public Flow stand on.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "host/flow/energy_audit.hpp"
#include "host/flow/fixed_audit.hpp"
#include "host/flow/make_integrator.hpp"
#include "mckean/run_result.hpp"

namespace mckean {

/// Times are compared up to the rounding of k dt.
inline constexpr double time_rounding = 1e-12;

/// What is found after a step.
enum class Found {
  nothing,   // the flow goes on
  end,       // it has ended, as result() says
  risk,      // a stop rule is met: it ends here
  gradient,  // likewise
};

inline constexpr const char* reached_risk = "the risk to stop at is reached";
inline constexpr const char* reached_gradient = "the gradient to stop at is reached";

/// Takes steps and guards them by the energy; knows nothing of records.
template <Backend B>
class Stepper {
 public:
  using State = Particles<double, B::space>;
  using ConstState = Particles<const double, B::space>;

  /// At t = 0. `flow` outlives it.
  Stepper(GradientFlow<B>& flow, const IntegratorSpec& spec, ConstState initial)
      : flow_(flow),
        spec_(with_tolerances(spec, flow)),
        integrator_(make_integrator(flow, spec_, initial)),
        beside_(flow.backend().template allocate<double>(flow.size())),
        audited_(flow.deterministic() && spec.temperature == 0) {
    if (!spec.adaptive()) fixed_.emplace(flow, spec, audited_);
  }

  /// Before the first step: J(0), from which the audit goes on.
  Found begin() {
    if (begun_) return Found::nothing;
    if (audited_) {
      energy_ = integrator_->energy();
      if (!std::isfinite(energy_.objective))
        return end(Outcome::diverged, "the objective of the start is not finite");
      audit_.emplace(make_audit(flow_, energy_.objective, *spec_.rtol));
    }
    if (fixed_) fixed_->begin(integrator_->state(), energy_);
    begun_ = true;
    return Found::nothing;
  }

  /// One step of the size that the method chooses. An adaptive one meets t_end > t() where it would
  /// pass it, and at rest takes no time where t_end is infinite; others stand at k dt. What a fixed
  /// step did to J is found by look().
  Found step(double t_end) {
    change_when_stiff();
    double& t = result_.reached.t;
    last_ = {t, 0, audit_ ? audit_->dissipated() : 0, energy_.objective};
    const double limit = std::isfinite(t_end) ? t_end - t : far * std::max(1.0, t);
    const Step step = integrator_->step(t, limit);
    if (step.outcome != Outcome::finished) return end(step.outcome, step.failure);
    last_.size = step.size;
    if (fixed_) {
      try {
        fixed_->add(fixed().sums(fixed_->measured()), integrator_->state());
      } catch (...) {
        fixed().take_back();  // a step that the audit has not seen has not been taken
        throw;
      }
      t = time_of(integrator_->steps());
    } else {
      const bool rests = integrator_->at_rest();
      if (std::isfinite(t_end)) {
        t = step.size == limit ? t_end : t + step.size;
      } else if (!rests) {
        t += step.size;
      }
      if (rests && !result_.at_rest_from) result_.at_rest_from = last_.before;
      energy_ = integrator_->energy();
      audit_->add(step.dissipated, step.allowed, step.rounding);
    }
    update();
    return Found::nothing;
  }

  /// Takes over what is known of the audit of fixed steps, which may end the flow at the step where
  /// it found something; `wait`, or as far as that is known without waiting.
  Found look(bool wait) {
    if (!fixed_) return Found::nothing;
    const std::optional<AuditState> now = fixed_->look(wait || fixed().waits());
    if (!now) return Found::nothing;
    if (audit_) {
      energy_ = now->energy;
      audit_->assign(now->dissipated, now->rounding);
    }
    if (now->event == AuditEvent::none) return Found::nothing;
    const bool ruled =
        now->event == AuditEvent::risk_reached || now->event == AuditEvent::gradient_reached;
    const auto number = static_cast<std::uint64_t>(now->number);
    if (number != integrator_->steps()) {
      fixed().go_back(number, now->event == AuditEvent::state_not_finite);
      // Only stop rules have more to do with the state.
      if (ruled) fixed().resume(fixed_->kept());
    }
    result_.reached.t = time_of(number);
    if (!ruled) return end(Outcome::diverged, message_of(now->event));
    update();
    return now->event == AuditEvent::risk_reached ? Found::risk : Found::gradient;
  }

  /// Whether the state meets a stop rule. After fixed steps with an audit look() finds that;
  /// without one, of mini-batches, fresh samples and noise, it is looked at once in as many steps
  /// as cost one velocity over all the data.
  Found stop_rule() {
    const StopRules& rules = spec_.stop;
    if (!(rules.risk || rules.gradient)) return Found::nothing;
    if (audited_ ? fixed_ && integrator_->steps() > 0 : integrator_->steps() % epoch() != 0)
      return Found::nothing;
    if (rules.risk && risk() <= *rules.risk) return Found::risk;
    const bool gradient =
        rules.gradient &&
        std::sqrt(flow_.formula().dissipation(integrator_->scalars())) <= *rules.gradient;
    return gradient ? Found::gradient : Found::nothing;
  }

  /// At the end of a run the identity of all steps together must hold.
  Found check_identity() {
    if (!audit_ || !spec_.audit) return Found::nothing;
    const double j = energy_.objective;
    if (spec_.adaptive() ? audit_->holds(j) : audit_->holds(j, broken)) return Found::nothing;
    char text[200];
    std::snprintf(
        text, sizeof text,
        "the energy identity is off by %.3g of J(0) - J(t): the flow was not resolved; %s",
        std::abs(relative_residual(j, audit_->dissipated())),
        spec_.adaptive() ? "lower rtol" : "take a smaller step, or do without the audit");
    return end(Outcome::not_converged, text);
  }

  Found end(Outcome outcome, const std::string& message) {
    update();
    result_.outcome = outcome;
    result_.message = message;
    return Found::end;
  }
  /// The flow goes on after an interruption, or after the end of a run.
  void resume() {
    result_.outcome = Outcome::finished;
    result_.message.clear();
  }

  /// What is told of the flow: counters and, of a flow with an audit, its residual.
  const IntegrationResult& update() {
    result_.reached.step = integrator_->steps();
    result_.reached.rejected = integrator_->rejected();
    result_.reached.evaluations = flow_.evaluations();
    result_.solver_residual = integrator_->solver_residual();
    result_.sliding = integrator_->sliding();
    return result_;
  }
  /// The same at the end of a run.
  const IntegrationResult& conclude() {
    update();
    if (audit_)
      result_.energy_residual = relative_residual(energy_.objective, audit_->dissipated());
    return result_;
  }
  const IntegrationResult& result() const { return result_; }
  void set_end(double t_end) { result_.reached.t_end = t_end; }

  double t() const { return result_.reached.t; }
  bool is_at(double t_end) const { return t() >= t_end * (1 - time_rounding); }
  bool begun() const { return begun_; }
  /// Whether R and J are known at every step, and once begun, whether their audit runs.
  bool audited() const { return audited_; }
  bool audits() const { return audit_.has_value(); }
  bool adaptive() const { return !fixed_; }
  bool waits() { return fixed_ && fixed().waits(); }
  const IntegratorSpec& spec() const { return spec_; }
  GradientFlow<B>& flow() { return flow_; }
  Integrator<B>& integrator() { return *integrator_; }
  /// J and R at the state, where the audit runs.
  const Energy& energy() const { return energy_; }
  double dissipated() const { return audit_ ? audit_->dissipated() : 0; }
  /// (J(0) - J - dissipated)/(J(0) - J).
  double relative_residual(double objective, double dissipated) const {
    const double fallen = audit_->start() - objective;
    const double residual = fallen - dissipated;
    return residual == 0 ? 0 : residual / std::abs(fallen);
  }

  /// Where the last step began, and what was known there.
  struct LastStep {
    double before = 0;
    double size = 0;
    double dissipated = 0;
    double objective = 0;
  };
  const LastStep& last_step() const { return last_; }

  /// A state beside the steps, where records are interpolated.
  State beside() { return flow_.state(beside_.view()); }
  /// The flow ends with that state, of time t.
  void end_beside(double t) {
    result_.reached.t = t;
    ends_beside_ = true;
  }

  /// The state reached; after a divergence the last one whose J had not risen.
  ConstState reached() const {
    const bool kept = result_.outcome == Outcome::diverged && fixed_ && begun_;
    if (kept) return fixed_->kept();
    return ends_beside_ ? flow_.state(std::as_const(beside_).view()) : integrator_->state();
  }

  /// All that the steps to come depend on, to or from an archive. Between steps, begun and not
  /// ended, what fixed steps have found looked at.
  void exchange(FlowArchive& archive) {
    bool stiff = result_.stiff_from.has_value();
    double stiff_from = result_.stiff_from.value_or(0);
    bool rests = result_.at_rest_from.has_value();
    double rests_from = result_.at_rest_from.value_or(0);
    archive(result_.reached.t, stiff, stiff_from, rests, rests_from, energy_.objective,
            energy_.risk);
    if (archive.loads()) {
      const ConstState state = integrator_->state();
      if (stiff) integrator_ = std::make_unique<Rkc<B>>(flow_, state, spec_);
      result_.stiff_from = stiff ? std::optional(stiff_from) : std::nullopt;
      result_.at_rest_from = rests ? std::optional(rests_from) : std::nullopt;
      begun_ = true;
      if (audited_) audit_.emplace(make_audit(flow_, 0, *spec_.rtol));
    }
    integrator_->exchange(archive);
    if (audit_) archive(*audit_);
    if (fixed_) fixed_->exchange(archive);
    update();
  }

 private:
  /// A run of fixed steps is not resolved where its identity is off by more than this.
  static constexpr double broken = 0.1;
  /// Where no end is known, no step goes beyond so many times t, or 1.
  static constexpr double far = 1e6;

  /// Steps that evaluate as many pairs as one velocity over all the data.
  std::uint64_t epoch() const {
    const std::size_t total = flow_.total();
    const Field<B>& field = flow_.field();
    return static_cast<std::uint64_t>(
        std::max(field.full_interactions(total) / field.interactions(total), 1.0));
  }
  /// R over all the data at the state.
  double risk() {
    if (audited_) return energy_.risk;
    // The evaluation of a deterministic flow serves its next step as well.
    if (flow_.deterministic()) return integrator_->energy().risk;
    return flow_.field().risk(integrator_->state());
  }

  /// The automatic method starts with dopri5 and ends with rkc.
  void change_when_stiff() {
    if (spec_.method != IntegratorSpec::Method::automatic) return;
    const auto* const smooth = dynamic_cast<Dopri5<B>*>(integrator_.get());
    if (smooth == nullptr || !smooth->prefers_stabilised()) return;
    auto stabilised = std::make_unique<Rkc<B>>(flow_, smooth->state(), spec_);
    stabilised->continue_from(*smooth);
    integrator_ = std::move(stabilised);
    result_.stiff_from = result_.reached.t;
  }

  /// With the tolerances that were left open. Which of two ways a particle goes on from a kink may
  /// be decided by the error of the steps before: for one of few that changes J by percents.
  static IntegratorSpec with_tolerances(IntegratorSpec spec, const GradientFlow<B>& flow) {
    if (!spec.rtol) {
      constexpr double loose = 1e-4;
      // In float, steps of less than 3e-5 would be judged by what rounding does to the field.
      const double tight = flow.field().scale().in_float() ? 3e-5 : 1e-6;
      const double pairs = flow.field().interactions(flow.total());
      const bool delicate = kinks_of(flow) == Kinks::crossed;
      spec.rtol = delicate ? std::clamp(pairs * 1e-10, tight, loose) : loose;
    }
    return spec;
  }

  static const char* message_of(AuditEvent event) {
    if (event == AuditEvent::state_not_finite)
      return "the step made a value that is not finite: take a smaller dt";
    if (event == AuditEvent::objective_not_finite)
      return "the objective is not finite: take a smaller dt";
    return "J has risen to more than ten times its first value, which no gradient flow does: take "
           "a smaller step, or do without the audit";
  }
  FixedSteps<B>& fixed() { return static_cast<FixedSteps<B>&>(*integrator_); }
  double time_of(std::uint64_t step) const {
    return static_cast<double>(step) * spec_.fixed_size();
  }

  GradientFlow<B>& flow_;
  IntegratorSpec spec_;
  std::unique_ptr<Integrator<B>> integrator_;
  Buffer<double, B::space> beside_;
  bool audited_;
  bool begun_ = false;
  std::optional<EnergyAudit> audit_;
  std::optional<FixedAudit<B>> fixed_;
  Energy energy_;
  LastStep last_;
  bool ends_beside_ = false;
  IntegrationResult result_;
};

}  // namespace mckean
