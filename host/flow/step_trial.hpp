// A step that an adaptive method has tried: what is known of its ends, and whether it may be taken.
#pragma once

#include "host/flow/energy_audit.hpp"
#include "mckean/formula/flow_scalars.hpp"
#include "mckean/integrator_spec.hpp"

namespace mckean {

/// The flow at one state, by the sums at it and of its drift.
struct FlowPoint {
  StateScalars at;
  Energy energy;
  Rounding rounding;
  double decay = 0;
  double norm = 0;

  static FlowPoint of(const FlowFormula& formula, const StateScalars& at);
  bool finite() const;
};

/// What a method knows of a step of size h beside its ends.
struct StepEstimate {
  double h = 0;
  double error = 0;          // in L2(pi)
  double dissipated = 0;     // by the quadrature of the method
  bool captured = false;     // particles were moved onto kinks at its end
  bool may_chatter = false;  // across hinges too many to look at
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

StepTrial judge_step(const FlowFormula& formula, const EnergyAudit& audit,
                     const IntegratorSpec& spec, const FlowPoint& before, const FlowPoint& end,
                     const StepEstimate& estimate);

/// After the end of a step that is accepted was moved to `end`: J must not have risen from
/// `before`, nor have fallen by this move by more than the identity of the step allows.
void judge_turn(const FlowPoint& before, const FlowPoint& end, StepTrial& tried);

}  // namespace mckean
