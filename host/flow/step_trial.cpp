// The criteria of Adaptive, from numbers that have been read.
#include "host/flow/step_trial.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

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

double ratio(double error, double allowed) { return error > 0 ? error / allowed : 0; }

/// The larger one of a and b, with what particles were moved by.
double relative_error(const ErrorScale& scale, const FlowPoint& before, const FlowPoint& end,
                      const StepEstimate& estimate) {
  const double norm_a = std::max(before.norm_a, end.norm_a);
  const double norm_b = std::max(before.norm_b, end.norm_b);
  const double a = ratio(estimate.error_a, scale.allowed(norm_a, scale.largest_a));
  const double b = ratio(estimate.error_b, scale.allowed(norm_b, scale.largest_b));
  return std::max(a, b) + ratio(estimate.moved, scale.allowed(std::max(before.norm, end.norm)));
}

}  // namespace

FlowPoint FlowPoint::of(const FlowFormula& formula, const StateScalars& at) {
  return {at,
          formula.energy(at),
          formula.rounding(at),
          formula.decay(at),
          formula.norm(at),
          formula.norm(at.squared_a, 0),
          formula.norm(0, at.squared_b)};
}

bool FlowPoint::finite() const {
  return std::isfinite(energy.objective) && std::isfinite(decay) && std::isfinite(norm);
}

ErrorScale::ErrorScale(double relative, std::optional<double> absolute, double unit)
    : rtol(relative),
      atol(absolute),
      // What the rounding of v does to an error is not looked at.
      part(std::clamp(10 * unit, 1e-6 * relative, relative)) {}

void ErrorScale::see(const FlowPoint& point) {
  largest = std::max(largest, point.norm);
  largest_a = std::max(largest_a, point.norm_a);
  largest_b = std::max(largest_b, point.norm_b);
}

StepTrial judge_step(const FlowFormula& formula, const EnergyAudit& audit, const ErrorScale& scale,
                     const FlowPoint& before, const FlowPoint& end, const StepEstimate& estimate) {
  StepTrial tried;
  tried.end = end;
  const double error = std::hypot(estimate.error_a, estimate.error_b) + estimate.moved;
  tried.finite = std::isfinite(error) && end.finite();
  if (!tried.finite) {
    tried.error = std::numeric_limits<double>::infinity();
    return tried;
  }
  tried.error = relative_error(scale, before, end, estimate);
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
  if (estimate.may_chatter) own_error += std::sqrt(formula.mu * end.decay) * error;
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
