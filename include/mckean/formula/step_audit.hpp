// The audit of steps of a fixed size, which runs where the particles are: the host looks at it when
// it likes.
#pragma once

#include <limits>

#include "mckean/formula/compensated_sum.hpp"
#include "mckean/formula/flow_scalars.hpp"

namespace mckean {

/// What the audit has found: the first of these ends it, and all else stays as it was then.
enum class AuditEvent {
  none,
  state_not_finite,      // the step after the last one counted made a value that is not finite
  objective_not_finite,  // J is not, at the last step
  objective_risen,       // to more than ten times its first value, which no gradient flow does
  risk_reached,          // the stop rules
  gradient_reached
};

/// What stays the same over a run.
struct AuditRules {
  FlowFormula formula;
  bool measured = true;  // R and J are known at every step; otherwise only values that are not
                         // finite are looked for
  bool guarded = true;   // J may not rise
  // Stop rules; below 0: none.
  double stop_risk = -1;
  double stop_gradient = -1;

  /// Times its first value that J may rise to.
  static constexpr double risen = 10;
};

/// A step from one state to the next: its number, counted from 1, its size, and the weights of its
/// quadrature of the decay. Weight 0 is of the drift at the state before.
struct AuditStep {
  static constexpr int most_stages = 4;

  double number = 0;
  double size = 0;
  int stages = 1;
  double weight[most_stages] = {};
};

/// Where the sums of a step are: StateScalars before and after it, sums of squares (a, b) of the
/// drifts of the stages from 1 on, and check_finite() of the state.
template <Space S>
struct AuditSlots {
  View<const double, S> before;
  View<const double, S> after;
  View<const double, S> stages;
  View<const double, S> finite;
};

/// The audit so far, as doubles in the memory of a back end.
struct AuditState {
  static constexpr std::size_t count = 10;
  static constexpr std::size_t keep_slot = 9;
  static constexpr double unbounded = std::numeric_limits<double>::infinity();

  double start = 0;  // J(0)
  double lowest = unbounded;
  Energy energy;
  CompensatedSum dissipated;  // int decay dt
  double rounding = 0;        // that this and the Js may have, added up
  double number = 0;          // of the last step
  AuditEvent event = AuditEvent::none;
  bool keep = false;  // the state after this step is the one to go back to

  static MCKEAN_HD AuditState load(const double* s) {
    AuditState state;
    state.start = s[0];
    state.lowest = s[1];
    state.energy = {s[2], s[3]};
    state.dissipated = CompensatedSum(s[4], s[5]);
    state.rounding = s[6];
    state.number = s[7];
    state.event = static_cast<AuditEvent>(static_cast<int>(s[8]));
    state.keep = s[keep_slot] != 0;
    return state;
  }
  MCKEAN_HD void store(double* s) const {
    s[0] = start;
    s[1] = lowest;
    s[2] = energy.objective;
    s[3] = energy.risk;
    s[4] = dissipated.high();
    s[5] = dissipated.low();
    s[6] = rounding;
    s[7] = number;
    s[8] = static_cast<double>(static_cast<int>(event));
    s[keep_slot] = keep ? 1 : 0;
  }

  /// Counts a step.
  MCKEAN_HD void add(const AuditRules& rules, const AuditStep& step, const double* before_slots,
                     const double* after_slots, const double* stage_slots, double finite) {
    keep = false;
    if (event != AuditEvent::none) return;
    if (!(finite == 0)) {
      event = AuditEvent::state_not_finite;
      return;
    }
    number = step.number;
    keep = !rules.measured;
    if (!rules.measured) return;
    const StateScalars before = StateScalars::load(before_slots);
    const StateScalars after = StateScalars::load(after_slots);
    double sum = step.weight[0] * rules.formula.decay(before);
    for (int i = 1; i < step.stages; ++i) {
      const double* const squares = stage_slots + 2 * (i - 1);
      sum += step.weight[i] * rules.formula.decay(squares[0], squares[1]);
    }
    dissipated.add(step.size * sum);
    rounding += 2 * rules.formula.rounding(before).objective;
    energy = rules.formula.energy(after);
    judge(rules, after);
  }

 private:
  MCKEAN_HD void judge(const AuditRules& rules, const StateScalars& after) {
    const double j = energy.objective;
    if (!(j - j == 0)) {
      event = AuditEvent::objective_not_finite;
      return;
    }
    if (rules.guarded && j > AuditRules::risen * start + rules.formula.rounding(after).objective) {
      event = AuditEvent::objective_risen;
      return;
    }
    keep = j <= lowest;
    if (keep) lowest = j;
    if (energy.risk <= rules.stop_risk) {
      event = AuditEvent::risk_reached;
    } else if (std::sqrt(rules.formula.dissipation(after)) <= rules.stop_gradient) {
      event = AuditEvent::gradient_reached;
    }
    keep = keep || event != AuditEvent::none;
  }
};

}  // namespace mckean
