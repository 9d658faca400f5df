// A run: steps that nothing but the state decides, records beside them, and the energy as a guard.
#pragma once

#include <cmath>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/flow/dopri5.hpp"
#include "host/flow/energy_audit.hpp"
#include "host/flow/proximal.hpp"
#include "host/flow/rkc.hpp"
#include "host/flow/runge_kutta.hpp"
#include "mckean/error.hpp"
#include "mckean/interruption.hpp"
#include "mckean/particle_array.hpp"
#include "mckean/record.hpp"

namespace mckean {

/// How far a run has come.
struct Progress {
  double t = 0;
  double t_end = 0;
  std::uint64_t step = 0;
  std::uint64_t rejected = 0;
  std::uint64_t evaluations = 0;
};

/// Gives the particles of a record on the host; copies them at the first call only.
using FetchParticles = std::function<const ParticleArray&()>;

struct IntegrateCallbacks {
  /// At each record; may fill what the flow does not know (test_risk, w2).
  std::function<void(Record&, const FetchParticles&)> on_record;
  /// After each step; false ends the run as interrupted.
  std::function<bool(const Progress&)> on_step;
};

struct IntegrationResult {
  Outcome outcome = Outcome::finished;
  std::string message;  // why, where the outcome is not finished
  Progress reached;
  double solver_residual = 0;             // the largest of the proximal steps
  std::optional<double> at_rest_from;     // t from which the velocity was nothing but rounding
  std::size_t sliding = 0;                // particle-kink pairs at the end
  std::optional<double> stiff_from;       // where the automatic method changed to rkc
  std::optional<double> energy_residual;  // of the whole run, relative to J(0) - J(t)
};

/// The integrator that `spec` asks for, started at `initial`.
template <Backend B>
std::unique_ptr<Integrator<B>> make_integrator(GradientFlow<B>& flow, const IntegratorSpec& spec,
                                               Particles<const double, B::space> initial) {
  using Method = IntegratorSpec::Method;
  if (spec.adaptive() && (!flow.deterministic() || spec.temperature > 0)) {
    throw InputError(
        "integrator: adaptive steps would take the noise of samples for error: choose euler, heun "
        "or rk4");
  }
  switch (spec.method) {
    case Method::euler:
      return std::make_unique<RungeKutta<B>>(flow, initial, euler_tableau, spec);
    case Method::heun:
      return std::make_unique<RungeKutta<B>>(flow, initial, heun_tableau, spec);
    case Method::rk4:
      return std::make_unique<RungeKutta<B>>(flow, initial, rk4_tableau, spec);
    case Method::proximal:
      return std::make_unique<Proximal<B>>(flow, initial, spec);
    case Method::dopri5:
      return std::make_unique<Dopri5<B>>(flow, initial, spec);
    case Method::rkc:
      return std::make_unique<Rkc<B>>(flow, initial, spec);
    case Method::automatic:
      break;
  }
  // Between kinks a high order is of no use; smooth flows change once they are stiff.
  if (Sliding<B>(flow).kinked()) return std::make_unique<Rkc<B>>(flow, initial, spec);
  return std::make_unique<Dopri5<B>>(flow, initial, spec);
}

/// One run in progress.
template <Backend B>
class Integration {
 public:
  using State = Particles<double, B::space>;
  using ConstState = Particles<const double, B::space>;

  Integration(GradientFlow<B>& flow, const IntegratorSpec& spec, ConstState initial,
              const std::vector<double>& record_times, const IntegrateCallbacks& callbacks)
      : flow_(flow),
        spec_(spec),
        callbacks_(callbacks),
        times_(record_times),
        integrator_(make_integrator(flow, spec, initial)),
        beside_(flow.backend().template allocate<double>(flow.size())),
        audited_(flow.deterministic() && spec.temperature == 0) {
    result_.reached.t_end = times_.empty() ? 0 : times_.back();
  }

  /// To the end, or to where something ends the run before.
  void run() {
    try {
      if (begin()) {
        while (result_.reached.t < result_.reached.t_end * (1 - time_rounding) && advance()) {
        }
      }
    } catch (const Interrupted&) {
      // The state is still that of before the step, or that after it, whose energy is not known.
      const bool measured = audit_ && result_.reached.step == integrator_->steps();
      clear_interruption();
      end(Outcome::interrupted, "as asked");
      record_interruption(measured);
    }
    update();
    if (audit_) result_.energy_residual = relative_residual(energy_.objective);
  }

  /// The state reached; after a divergence the last one whose J had not risen.
  void store(State w) const {
    const bool good = result_.outcome == Outcome::diverged && has_good_;
    flow_.backend().copy(good           ? good_.view()
                         : ends_beside_ ? beside_.view()
                                        : integrator_->state().values,
                         w.values);
  }
  const IntegrationResult& result() const { return result_; }

 private:
  /// Times are compared up to the rounding of k dt.
  static constexpr double time_rounding = 1e-12;
  /// A run of fixed steps is given up where its identity is broken by more than this, or where J
  /// has risen to so many times its first value.
  static constexpr double broken = 0.1;
  static constexpr double risen = 10;

  /// Steps to the first record; false where the run can't start.
  bool begin() {
    if (times_.empty()) return false;
    if (audited_) {
      energy_ = integrator_->energy();
      if (!std::isfinite(energy_.objective))
        return end(Outcome::diverged, "the objective of the start is not finite");
      audit_.emplace(make_audit(flow_, energy_.objective, spec_.rtol));
      keep_good();
    }
    if (times_.front() > 0) return !stops();
    next_ = 1;
    return record(0, integrator_->state(), audit_ ? energy_ : integrator_->energy(), 0) && !stops();
  }

  /// One step and the records that it passes; false where the run has ended.
  bool advance() {
    double& t = result_.reached.t;
    const double before = t;
    const double limit = result_.reached.t_end - t;
    const Step step = integrator_->step(t, limit);
    if (step.outcome != Outcome::finished) return end(step.outcome, step.failure);
    const bool adaptive = spec_.adaptive();
    t = !adaptive            ? static_cast<double>(integrator_->steps()) * spec_.fixed_size()
        : step.size == limit ? result_.reached.t_end
                             : t + step.size;
    if (integrator_->at_rest() && !result_.at_rest_from) result_.at_rest_from = before;
    const double dissipated = audit_ ? audit_->dissipated() : 0;
    const double objective = energy_.objective;
    if (audit_) {
      energy_ = integrator_->energy();
      audit_->add(step.dissipated, step.allowed, step.rounding);
    }
    update();
    if (adaptive ? !record_between(before, step.size, dissipated, objective) : !check_fixed())
      return false;
    if (!adaptive && !record_passed()) return false;
    if (stops()) return false;
    if (spec_.method == IntegratorSpec::Method::automatic) change_when_stiff();
    if (callbacks_.on_step && !callbacks_.on_step(result_.reached)) {
      end(Outcome::interrupted, "as asked");
      record_interruption(audit_.has_value());
      return false;
    }
    return !is_last() || check_identity();
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

  /// Adaptive steps: records at their own times, beside the steps. An interpolated state whose J is
  /// not between those of the ends, which is possible where J hardly falls, gives way to the chord.
  bool record_between(double before, double size, double dissipated, double objective) {
    const double t = result_.reached.t;
    while (next_ < times_.size() && times_[next_] <= t) {
      const double time = times_[next_++];
      const bool at_end = time == t;
      const double theta = at_end ? 1 : (time - before) / size;
      const State w = flow_.state(beside_.view());
      const double part = integrator_->interpolate(theta, w);
      Energy energy = at_end ? energy_ : flow_.energy(w);
      if (!at_end && !(energy.objective <= objective && energy.objective >= energy_.objective)) {
        integrator_->interpolate_chord(theta, w);
        energy = flow_.energy(w);
      }
      const double so_far = at_end ? audit_->dissipated() : dissipated + part;
      if (!record(time, at_end ? integrator_->state() : ConstState(w), energy, so_far))
        return false;
    }
    return true;
  }

  /// Fixed steps: records at the first step at or after their times.
  bool record_passed() {
    const double t = result_.reached.t;
    bool due = false;
    while (next_ < times_.size() && times_[next_] * (1 - time_rounding) <= t) {
      due = true;
      ++next_;
    }
    if (!due) return true;
    const Energy energy = audit_ ? energy_ : integrator_->energy();
    return record(t, integrator_->state(), energy, audit_ ? audit_->dissipated() : 0);
  }

  /// Fixed steps: a flow can't raise J.
  bool check_fixed() {
    if (!audit_) return true;
    const double j = energy_.objective;
    if (!std::isfinite(j))
      return end(Outcome::diverged, "the objective is not finite: take a smaller dt");
    if (!spec_.audit) {
      keep_good();
      return true;
    }
    const Rounding rounding = flow_.rounding(integrator_->state(), energy_);
    if (j > risen * audit_->start() + rounding.objective) {
      return end(Outcome::diverged,
                 "J has risen to more than ten times its first value, which no gradient flow does: "
                 "take a smaller step, or --no-audit");
    }
    keep_good();
    return true;
  }

  /// Keeps the state while J falls.
  void keep_good() {
    if (spec_.adaptive() || energy_.objective > good_objective_) return;
    if (good_.size() == 0) good_ = flow_.backend().template allocate<double>(flow_.size());
    flow_.backend().copy(integrator_->state().values, good_.view());
    good_objective_ = energy_.objective;
    has_good_ = true;
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

  /// Whether a stop rule ends the run here; it then has its record.
  bool stops() {
    const StopRules& rules = spec_.stop;
    if (!audit_ || !(rules.risk || rules.gradient)) return false;
    const bool risk = rules.risk && energy_.risk <= *rules.risk;
    const bool gradient = !risk && rules.gradient &&
                          std::sqrt(flow_.dissipation(integrator_->drift())) <= *rules.gradient;
    if (!risk && !gradient) return false;
    if (recorded_at_ != result_.reached.t &&
        !record(result_.reached.t, integrator_->state(), energy_, audit_->dissipated()))
      return true;
    if (result_.outcome == Outcome::finished && (is_zero_ || check_identity()))
      end(Outcome::converged, risk ? "stop-risk is reached" : "stop-gradient is reached");
    return true;
  }

  /// Writes a record; false where the run ends with it.
  bool record(double t, ConstState w, const Energy& energy, double dissipated) {
    Record row = make_record(t, w, energy, dissipated);
    row.dissipation = dissipation_at(w);
    if (!std::isfinite(energy.objective) || !std::isfinite(row.dissipation))
      return end(Outcome::diverged, "the objective or its dissipation is not finite");
    publish(row, w);
    recorded_at_ = t;
    const StopRules& rules = spec_.stop;
    if (rules.w2 && row.w2 && *row.w2 <= *rules.w2) {
      // The run ends with the state of its last record.
      result_.reached.t = t;
      ends_beside_ = w.values.data() == std::as_const(beside_).view().data();
      if (is_zero_ || check_identity()) end(Outcome::converged, "stop-w2 is reached");
      return false;
    }
    if (audit_) return true;
    if (rules.risk && row.risk <= *rules.risk)
      return end(Outcome::converged, "stop-risk is reached");
    if (rules.gradient && std::sqrt(row.dissipation) <= *rules.gradient)
      return end(Outcome::converged, "stop-gradient is reached");
    return true;
  }

  Record make_record(double t, ConstState w, const Energy& energy, double dissipated) const {
    const ParticleSums sums = flow_.backend().particle_sums(Regularizer::none, 1, w);
    Record row;
    row.t = t;
    row.objective = energy.objective;
    row.risk = energy.risk;
    if (audit_) row.energy_residual = relative_residual(energy.objective, dissipated);
    row.path_norm = output_scale(flow_.spec().scaling, flow_.m()) * sums.path;
    row.n_eff = sums.path_squared > 0 ? sums.path * sums.path / sums.path_squared : 0;
    return row;
  }

  double dissipation_at(ConstState w) {
    if (w.values.data() == integrator_->state().values.data())
      return flow_.dissipation(integrator_->drift());
    if (drift_beside_.size() == 0)
      drift_beside_ = flow_.backend().template allocate<double>(flow_.size());
    const State drift = flow_.state(drift_beside_.view());
    integrator_->drift_beside(w, drift);
    return flow_.dissipation(drift);
  }

  void publish(Record& row, ConstState w) {
    update();
    row.step = result_.reached.step;
    row.rejected = result_.reached.rejected;
    row.evaluations = result_.reached.evaluations;
    is_zero_ = row.t == 0;
    if (!callbacks_.on_record) return;
    std::optional<ParticleArray> fetched;
    callbacks_.on_record(row, [&]() -> const ParticleArray& {
      if (!fetched) {
        fetched.emplace(flow_.m(), flow_.d());
        flow_.backend().copy(w.values,
                             HostView<double>(fetched->values.data(), fetched->values.size()));
      }
      return *fetched;
    });
  }

  /// The row of the point where an interruption came, from what is known there: where energy_ is
  /// not that of the state, neither J nor its dissipation, which are then NaN.
  void record_interruption(bool measured) {
    if (recorded_at_ == result_.reached.t || (audited_ && !audit_)) return;
    constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
    Record row = make_record(result_.reached.t, integrator_->state(),
                             measured ? energy_ : Energy{unknown, unknown},
                             measured ? audit_->dissipated() : 0);
    if (!measured) row.energy_residual.reset();
    row.interrupted = true;
    row.dissipation = measured ? flow_.dissipation(integrator_->drift()) : unknown;
    recorded_at_ = row.t;
    publish(row, integrator_->state());
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
  std::vector<double> times_;
  std::size_t next_ = 0;
  std::unique_ptr<Integrator<B>> integrator_;
  Buffer<double, B::space> beside_;        // the state of a record
  Buffer<double, B::space> drift_beside_;  // and its drift
  Buffer<double, B::space> good_;
  double good_objective_ = std::numeric_limits<double>::infinity();
  bool has_good_ = false;
  bool audited_;
  std::optional<EnergyAudit> audit_;
  Energy energy_;
  std::optional<double> recorded_at_;
  bool is_zero_ = false;
  bool ends_beside_ = false;
  IntegrationResult result_;
};

/// Integrates from w at t = 0 to the last of the record times (increasing, from 0 on), and leaves
/// in w the state that was reached, after a divergence the last one whose J had not risen. What is
/// recorded changes no bit of what is computed: fixed steps stand at t = k dt, and a record at the
/// first of them at or after its time (one row where several times share a step); adaptive steps
/// are interpolated.
template <Backend B>
IntegrationResult integrate(GradientFlow<B>& flow, const IntegratorSpec& spec,
                            Particles<double, B::space> w, const std::vector<double>& record_times,
                            const IntegrateCallbacks& callbacks = {}) {
  if (!flow.backend().all_finite(w.values)) {
    IntegrationResult result;
    result.outcome = Outcome::diverged;
    result.message = "the initial particles are not finite";
    return result;
  }
  Integration<B> integration(flow, spec, w, record_times, callbacks);
  integration.run();
  integration.store(w);
  return integration.result();
}

}  // namespace mckean
