// A step that an adaptive method has tried: what is known of its ends, and whether it may be taken.
#pragma once

#include <algorithm>
#include <optional>

#include "host/flow/energy_audit.hpp"
#include "mckean/formula/flow_scalars.hpp"

namespace mckean {

/// The flow at one state, by the sums at it and of its drift.
struct FlowPoint {
  StateScalars at;
  Energy energy;
  Rounding rounding;
  double decay = 0;
  double norm = 0;  // of (a, b), of what moves
  double norm_a = 0, norm_b = 0;

  static FlowPoint of(const FlowFormula& formula, const StateScalars& at);
  bool finite() const;
};

/// What the local error in L2(pi) may be: atol + rtol |w|, where an atol that is not given is a
/// small part of the largest |w| so far. The growth of a tiny start is then as right as that of any
/// other, and what has died out does not hold the steps. Of a and b each for itself.
struct ErrorScale {
  double rtol;
  std::optional<double> atol;
  double part;  // of the largest |w|, for an atol that is not given
  double largest = 0, largest_a = 0, largest_b = 0;

  /// `unit` is the unit roundoff of the field.
  ErrorScale(double relative, std::optional<double> absolute, double unit);
  void see(const FlowPoint& point);
  /// For an error of (a, b) together, at |w| = norm.
  double allowed(double norm) const { return allowed(norm, largest); }
  /// For one of a block.
  double allowed(double norm, double largest_norm) const {
    return atol.value_or(part * std::max(largest_norm, norm)) + rtol * norm;
  }
};

/// What a method knows of a step of size h beside its ends.
struct StepEstimate {
  double h = 0;
  double error_a = 0, error_b = 0;  // in L2(pi), of what moves
  double moved = 0;                 // onto kinks and rays at its end, likewise
  double dissipated = 0;            // by the quadrature of the method
  bool captured = false;            // particles were moved onto kinks at its end
  bool may_chatter = false;         // across hinges too many to look at
};

/// A step is accepted where `error` is at most 1.
struct StepTrial {
  FlowPoint end;
  double error = 0;  // the largest of all, in units of what is allowed
  double dissipated = 0;
  bool finite = false;
  bool rises = false;
  double identity_rounding = 0;  // of J_before - J_after - dissipated
  double identity_limit = 0;     // what it may be
};

StepTrial judge_step(const FlowFormula& formula, const EnergyAudit& audit, const ErrorScale& scale,
                     const FlowPoint& before, const FlowPoint& end, const StepEstimate& estimate);

/// After the end of a step that is accepted was moved to `end`: J must not have risen from
/// `before`, nor have fallen by this move by more than the identity of the step allows.
void judge_turn(const FlowPoint& before, const FlowPoint& end, StepTrial& tried);

}  // namespace mckean
