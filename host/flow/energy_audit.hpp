// The energy identity J(0) - J(t) = int_0^t decay dt as a guard of every step and of the whole run.
#pragma once

#include <algorithm>
#include <cmath>

#include "host/flow/gradient_flow.hpp"
#include "mckean/compensated_sum.hpp"

namespace mckean {

/// Along w~(t) with w~' = F(w~) + r the identity is off by int <grad J, r> dt: what an audit of a
/// step finds is the effect of its error on J, to the order of the quadrature. A step may be off by
///   allowance min(J, 3 (J(0) - J)) + rounding:
/// relative to J, so that J is right to many digits while it falls by many orders, and relative to
/// what has been dissipated since the start, so that J(0) - J(t) is. Errors of one step decay with
/// J, and steps that resolve the decay number a few for each factor of e: the whole identity then
/// holds to a small multiple of allowance (J(0) - J(t)); `slack` of it are allowed.
class EnergyAudit {
 public:
  static constexpr double slack = 30;

  EnergyAudit(double start, double allowance) : start_(start), allowance_(allowance) {}

  /// What |J_before - J_after - dissipated| of one step may be.
  double step_limit(double before, double after, double rounding) const {
    const double fallen = std::max(start_ - after, 0.0);
    return allowance_ * std::min(std::abs(before), 3 * fallen) + rounding;
  }

  void add(double dissipated, double rounding) {
    dissipated_.add(dissipated);
    rounding_ += rounding;
  }

  double start() const { return start_; }
  double dissipated() const { return dissipated_.value(); }
  /// J(0) - J(t) - dissipated.
  double residual(double objective) const { return start_ - objective - dissipated(); }
  /// Whether the identity of the whole run holds within `relative` of J(0) - J(t), and rounding.
  bool holds(double objective, double relative) const {
    const double limit = relative * std::abs(start_ - objective) + rounding_;
    return std::abs(residual(objective)) <= limit;
  }
  /// The same to what the tolerance of an adaptive method implies.
  bool holds(double objective) const { return holds(objective, slack * allowance_); }

 private:
  double start_;
  double allowance_;
  CompensatedSum dissipated_;
  double rounding_ = 0;
};

/// The allowance of an adaptive method of relative tolerance rtol. 0.02 rtol keeps J of smooth flows
/// within about 10 rtol while it falls by ten orders. Where the velocity has kinks, the decay jumps
/// with it: what the audit finds is then of first order in the step, its sign changes from step to
/// step, and rtol itself is allowed.
template <Backend B>
double energy_allowance(const GradientFlow<B>& flow, double rtol) {
  const FieldSpec& spec = flow.spec();
  const bool path = spec.regularizer == Regularizer::path && spec.lambda > 0;
  const bool hinges = spec.rate_b() > 0 && flow.field().hinges().has_value();
  return (path || hinges ? 1 : 0.02) * rtol;
}

}  // namespace mckean
