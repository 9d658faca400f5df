// The energy identity J(0) - J(t) = int_0^t decay dt as a guard of every step and of the whole run.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>

#include "host/flow/gradient_flow.hpp"
#include "mckean/formula/compensated_sum.hpp"

namespace mckean {

/// The kinks of a velocity field: none; those of the path norm alone, on which particles settle in
/// a few steps; or planes that particles cross all the time.
enum class Kinks { none, settled_on, crossed };

/// Along w~(t) with w~' = F(w~) + r the identity is off by int <grad J, r> dt: what the audit of a
/// step finds is the effect of its error on J, to the order of the quadrature. A step may be off by
///   allowance min(J, 3 (J(0) - J)) + rounding:
/// relative to J, so that J is right to many digits while it falls by many orders, and relative to
/// what has been dissipated since the start, so that J(0) - J(t) is. The whole run may then be off
/// by the sum of these limits, and by no more than `broken` of J(0) - J(t).
class EnergyAudit {
 public:
  /// A run is not resolved where its identity is off by more than this part of J(0) - J(t).
  static constexpr double broken = 0.05;

  /// 0.02 rtol are allowed where the velocity is smooth: J is then right to about 10 rtol while it
  /// falls by ten orders. Where the velocity has kinks, the decay jumps with it: what the audit
  /// finds is of first order in the step and changes its sign from step to step, and rtol itself is
  /// allowed, as long as it does not add up: particles that chatter across a kink dissipate more
  /// than those that slide, whatever the step.
  EnergyAudit(double start, double rtol, Kinks kinks) : start_(start), rtol_(rtol), kinks_(kinks) {}

  /// What |J_before - J_after - dissipated| of one step may be. In a step that has met a kink the
  /// decay jumps at some moment of it, and the quadrature is off by up to `jump`: half the step
  /// times the jump. Where J itself ends there, or has hardly begun to fall, no step is right
  /// relative to J or to its fall.
  double step_limit(double before, double after, double rounding,
                    std::optional<double> jump = {}) const {
    const double fallen = std::max(start_ - after, 0.0);
    const double added_up = std::abs(residual(before));
    const double left = drift * rtol_ * fallen + rounding_;
    const double factor = kinks_ == Kinks::crossed
                              ? std::max(smooth, std::min(1.0, std::pow(left / added_up, 2)))
                              : smooth;
    const double scale = jump ? 3 * fallen : std::min(std::abs(before), 3 * fallen);
    const double begun = rtol_ * std::abs(start_);
    const double moment = jump && fallen < begun ? std::min(*jump, smooth * begun) : 0;
    return factor * rtol_ * scale + moment + rounding + nothing * std::abs(start_);
  }

  /// Counts a step; `limit` is what it was allowed, `rounding` the part of it that was rounding.
  void add(double dissipated, double limit, double rounding) {
    dissipated_.add(dissipated);
    limits_ += limit;
    rounding_ += rounding;
  }

  /// All steps so far, of fixed sizes, by the audit that runs beside them.
  void assign(const CompensatedSum& dissipated, double rounding) {
    dissipated_ = dissipated;
    rounding_ = rounding;
  }

  double start() const { return start_; }
  double dissipated() const { return dissipated_.value(); }
  /// J(0) - J(t) - dissipated.
  double residual(double objective) const { return start_ - objective - dissipated(); }
  /// Whether the identity of the whole run holds within `relative` of J(0) - J(t), and rounding.
  bool holds(double objective, double relative) const {
    return std::abs(residual(objective)) <= relative * std::abs(start_ - objective) + rounding_;
  }
  /// The same to what the tolerance of an adaptive method implies.
  bool holds(double objective) const {
    // A kink that was met before J had begun to fall may have cost step_limit() its moment.
    const double begun = kinks_ != Kinks::none ? smooth * rtol_ * std::abs(start_) : 0;
    const double off = std::abs(residual(objective));
    return off <= limits_ && off <= broken * std::abs(start_ - objective) + rounding_ + begun;
  }

  /// What it has counted, to or from an archive.
  template <class Archive>
  void exchange(Archive& archive) {
    double high = dissipated_.high(), low = dissipated_.low();
    archive(start_, high, low, limits_, rounding_);
    dissipated_ = CompensatedSum(high, low);
  }

 private:
  static constexpr double smooth = 0.02;
  static constexpr double nothing = 1e-40;  // of J(0): J has vanished
  /// Of rtol (J(0) - J): where defects of a kinked flow have come to add up to more, less is
  /// allowed, by the square of the ratio.
  static constexpr double drift = 2;

  double start_;
  double rtol_;
  Kinks kinks_;
  CompensatedSum dissipated_;
  double limits_ = 0;
  double rounding_ = 0;
};

template <Backend B>
Kinks kinks_of(const GradientFlow<B>& flow) {
  const FieldSpec& spec = flow.spec();
  const bool sphere = spec.constraint == Constraint::sphere;
  const bool hinges =
      flow.field().hinges() || (flow.d() == 1 && flow.field().homogeneous() && !sphere);
  if (spec.rate_b() > 0 && hinges) return Kinks::crossed;
  return spec.regularizer == Regularizer::path && spec.lambda > 0 ? Kinks::settled_on : Kinks::none;
}

/// The audit of a flow from J(0) = `start`.
template <Backend B>
EnergyAudit make_audit(const GradientFlow<B>& flow, double start, double rtol) {
  return {start, rtol, kinks_of(flow)};
}

}  // namespace mckean
