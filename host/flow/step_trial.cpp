// The criteria of Adaptive, from numbers that have been read.
#include "host/flow/step_trial.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace mckean {
namespace {

/// Error of a step that raised J: the next one is tried at less than half the size.
constexpr double risen = 10;

double identity_rounding(const FlowFormula& formula, double h, const FlowPoint& before,
                         const FlowPoint& end) {
  Rounding larger = end.rounding;
  larger.velocity_a = std::max(larger.velocity_a, before.rounding.velocity_a);
  larger.velocity_b = std::max(larger.velocity_b, before.rounding.velocity_b);
  const double decay = formula.decay_error(std::max(before.decay, end.decay), larger);
  return before.rounding.objective + end.rounding.objective + h * decay;
}

}  // namespace

FlowPoint FlowPoint::of(const FlowFormula& formula, const StateScalars& at) {
  return {at, formula.energy(at), formula.rounding(at), formula.decay(at), formula.norm(at)};
}

bool FlowPoint::finite() const {
  return std::isfinite(energy.objective) && std::isfinite(decay) && std::isfinite(norm);
}

StepTrial judge_step(const FlowFormula& formula, const EnergyAudit& audit,
                     const IntegratorSpec& spec, const FlowPoint& before, const FlowPoint& end,
                     const StepEstimate& estimate) {
  StepTrial tried;
  tried.end = end;
  tried.finite = std::isfinite(estimate.error) && end.finite();
  if (!tried.finite) {
    tried.error = std::numeric_limits<double>::infinity();
    return tried;
  }
  tried.error = estimate.error / (*spec.atol + *spec.rtol * std::max(before.norm, end.norm));
  tried.dissipated = estimate.dissipated;
  const double h = estimate.h;
  const double j_before = before.energy.objective;
  const double j_after = end.energy.objective;
  const double defect = std::abs(j_before - j_after - tried.dissipated);
  std::optional<double> jump;
  if (estimate.captured) jump = h * std::abs(before.decay - end.decay) / 2;
  tried.identity_rounding = identity_rounding(formula, h, before, end);
  tried.identity_limit = audit.step_limit(j_before, j_after, tried.identity_rounding, jump);
  tried.error = std::max(tried.error, defect / tried.identity_limit);
  double own_error = before.rounding.objective + end.rounding.objective;
  if (estimate.may_chatter) own_error += std::sqrt(formula.mu * end.decay) * estimate.error;
  tried.rises = j_after > j_before + own_error;
  if (tried.rises) tried.error = std::max(tried.error, risen);
  return tried;
}

void judge_turn(const FlowPoint& before, const FlowPoint& end, StepTrial& tried) {
  const double fall = tried.end.energy.objective - end.energy.objective;
  const double rise = end.energy.objective - before.energy.objective;
  tried.end = end;
  tried.error = std::max(tried.error, std::abs(fall) / tried.identity_limit);
  if (rise > before.rounding.objective + end.rounding.objective)
    tried.error = std::max(tried.error, risen);
}

}  // namespace mckean
