// A run: steps that nothing but the state decides, and records beside them.
#pragma once

#include <cmath>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "host/flow/recorder.hpp"
#include "host/flow/stepper.hpp"
#include "mckean/interruption.hpp"

namespace mckean {

/// One run of a stepper, from where it stands.
template <Backend B>
class Integration {
 public:
  using State = Particles<double, B::space>;
  using ConstState = Particles<const double, B::space>;

  Integration(Stepper<B>& stepper, Recorder<B> recorder, const IntegrateCallbacks& callbacks)
      : stepper_(stepper),
        flow_(stepper.flow()),
        callbacks_(callbacks),
        recorder_(std::move(recorder)),
        scalars_(flow_.backend().template allocate<double>(StateScalars::count)) {
    stepper.set_end(recorder_.end());
  }

  /// To the end, or to where something ends the run before.
  void run() {
    try {
      if (begin()) {
        while (!is_last() && advance()) {
        }
      }
    } catch (const Interrupted&) {
      interrupt();
    }
    stepper_.conclude();
  }

 private:
  const IntegrationResult& result() const { return stepper_.result(); }
  double t() const { return stepper_.t(); }
  bool is_last() const { return stepper_.is_at(recorder_.end()); }
  bool end(Outcome outcome, const std::string& message) {
    stepper_.end(outcome, message);
    return false;
  }

  /// Steps to the first record; false where the run can't start.
  bool begin() {
    if (recorder_.empty() || stepper_.begin() == Found::end) return false;
    if (recorder_.take_until(t()) && !record_state(t())) return false;
    return !stops(stepper_.stop_rule());
  }

  bool advance() {
    if (stepper_.step(recorder_.end()) == Found::end) return false;
    if (!(stepper_.adaptive() ? record_adaptive() : record_fixed())) return false;
    if (callbacks_.on_step && !callbacks_.on_step(result().reached)) {
      interrupt();
      return false;
    }
    return !is_last() || stepper_.check_identity() != Found::end;
  }
  /// The records that an adaptive step has passed; false where the run has ended.
  bool record_adaptive() { return record_between() && !stops(stepper_.stop_rule()); }
  /// The same of a step of the one size, whose effect on J is seen when the host next looks, at the
  /// latest at a record.
  bool record_fixed() {
    const bool due = recorder_.take_passed(t());
    if (stops(stepper_.look(due || is_last())) || stops(stepper_.stop_rule())) return false;
    return !due || record_state(t());
  }

  /// Adaptive steps: records at their own times, beside the steps. An interpolated state whose J is
  /// not between that of the record or step before and that of the end, which is possible where J
  /// hardly falls, gives way to one of the chord, as near to the end as it takes.
  bool record_between() {
    const typename Stepper<B>::LastStep& last = stepper_.last_step();
    Integrator<B>& integrator = stepper_.integrator();
    double before = last.objective;
    while (const std::optional<double> time = recorder_.take_until(t())) {
      if (*time == t()) {
        if (!record_state(t())) return false;
        continue;
      }
      const double theta = (*time - last.before) / last.size;
      const State w = stepper_.beside();
      const double part = integrator.interpolate(theta, w);
      Energy energy = flow_.energy(w);
      const Energy& end = stepper_.energy();
      const auto falls = [&] {
        return energy.objective <= before && energy.objective >= end.objective;
      };
      for (int quarter = 0; quarter < 4 && !falls(); ++quarter) {
        integrator.interpolate_chord(theta + quarter * (1 - theta) / 4, w);
        energy = flow_.energy(w);
      }
      if (!falls()) {
        integrator.interpolate(1, w);
        energy = end;
      }
      before = energy.objective;
      if (drift_beside_.size() == 0)
        drift_beside_ = flow_.backend().template allocate<double>(flow_.size());
      const State drift = flow_.state(drift_beside_.view());
      integrator.drift_beside(w, drift);
      flow_.measure(w, drift, scalars_.view());
      const StateScalars at = flow_.read(scalars_.view());
      if (!record(*time, w, {at, energy, last.dissipated + part})) return false;
    }
    return true;
  }

  /// Ends the run where something was found, by a stop rule with a record.
  bool stops(Found found) {
    if (found == Found::nothing) return false;
    if (found == Found::end) return true;
    if (recorder_.last() != t() && !record_state(t())) return true;
    if (result().outcome == Outcome::finished && holds_at_stop()) {
      end(Outcome::converged, found == Found::risk ? reached_risk : reached_gradient);
    }
    return true;
  }
  bool holds_at_stop() { return recorder_.is_start() || stepper_.check_identity() != Found::end; }

  /// What a record is made of.
  struct Measured {
    StateScalars at;
    Energy energy;
    double dissipated;
  };

  /// Writes the record of the state; false where the run ends with it.
  bool record_state(double t) {
    const StateScalars at = stepper_.integrator().scalars();
    return record(t, stepper_.integrator().state(),
                  {at, stepper_.audits() ? stepper_.energy() : flow_.formula().energy(at),
                   stepper_.dissipated()});
  }
  bool record(double t, ConstState w, const Measured& measured) {
    const Energy& energy = measured.energy;
    Record row = make_row(flow_, t, energy, measured.at.sums);
    if (stepper_.audits())
      row.energy_residual = stepper_.relative_residual(energy.objective, measured.dissipated);
    row.dissipation = flow_.formula().dissipation(measured.at);
    if (!std::isfinite(energy.objective) || !std::isfinite(row.dissipation))
      return end(Outcome::diverged, "the objective or its dissipation is not finite");
    recorder_.publish(row, w, stepper_.update().reached);
    return goes_on_after(row, w);
  }
  /// The stop rule of a record.
  bool goes_on_after(const Record& row, ConstState w) {
    const StopRules& rules = stepper_.spec().stop;
    if (rules.w2 && row.w2 && *row.w2 <= *rules.w2) {
      // The run ends with the state of its last record.
      if (w.values.data() == stepper_.beside().values.data()) stepper_.end_beside(row.t);
      if (holds_at_stop()) end(Outcome::converged, "the distance to stop at is reached");
      return false;
    }
    return true;
  }

  /// Ends the run where an interruption came, with the row of what is
  /// known there: what an evaluation would have to tell, J and its dissipation, is then NaN.
  void interrupt() {
    if (stepper_.begun() && stops(stepper_.look(true))) return;
    Integrator<B>& integrator = stepper_.integrator();
    const bool measured = stepper_.audits() && integrator.knows_scalars();
    end(Outcome::interrupted, "as asked");
    if (recorder_.last() == t() || (stepper_.audited() && !stepper_.audits())) return;
    constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
    const StateScalars at = measured ? integrator.scalars() : sums_at(integrator.state());
    Record row =
        make_row(flow_, t(), measured ? stepper_.energy() : Energy{unknown, unknown}, at.sums);
    if (measured) {
      row.energy_residual =
          stepper_.relative_residual(stepper_.energy().objective, stepper_.dissipated());
    }
    row.interrupted = true;
    row.dissipation = measured ? flow_.formula().dissipation(at) : unknown;
    recorder_.publish(row, integrator.state(), stepper_.update().reached);
  }
  StateScalars sums_at(ConstState w) {
    const HeldInterruptions held;
    const auto sums = scalars_.view().subview(0, std::size_t{ParticleSums::count});
    flow_.sum_particles(w, sums);
    flow_.sum_over_ranks(sums);
    double values[ParticleSums::count];
    flow_.backend().read(View<const double, B::space>(sums), {values, ParticleSums::count});
    StateScalars at;
    at.sums = {values[0], values[1], values[2], values[3]};
    return at;
  }

  Stepper<B>& stepper_;
  GradientFlow<B>& flow_;
  const IntegrateCallbacks& callbacks_;
  Recorder<B> recorder_;
  Buffer<double, B::space> drift_beside_;  // of the state of a record
  Buffer<double, B::space> scalars_;
};

/// Whether all of w is finite, on all ranks; waits.
template <Backend B>
bool is_finite(const GradientFlow<B>& flow, Particles<const double, B::space> w) {
  auto finite = flow.backend().template allocate<double>(1);
  flow.backend().check_finite(w.values, finite.view());
  flow.sum_over_ranks(finite.view());
  double zero = 0;
  flow.backend().read(std::as_const(finite).view(), {&zero, 1});
  return zero == 0;
}

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
  if (!is_finite<B>(flow, w)) {
    IntegrationResult result;
    result.outcome = Outcome::diverged;
    result.message = "the initial particles are not finite";
    return result;
  }
  Stepper<B> stepper(flow, spec, w);
  Integration<B> integration(stepper, Recorder<B>(flow, record_times, callbacks, test_field),
                             callbacks);
  integration.run();
  flow.backend().copy(stepper.reached().values, w.values);
  return stepper.result();
}

}  // namespace mckean
