// The flow dw/dt of a field under a constraint, a regulariser and frozen parameters, with its
// energies.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include "host/flow/field.hpp"

namespace mckean {

/// J and R at a state.
struct Energy {
  double objective = 0;
  double risk = 0;
};

/// How far rounding alone may move what is computed at a state.
struct Rounding {
  double objective = 0;  // of J
  double velocity = 0;   // of v, in L2(pi)
};

/// A back end, a field and the specification of the motion, for m particles in dimension d. Both
/// outlive the flow. States are on the constraint: retract() brings them there.
template <Backend B>
class GradientFlow {
 public:
  using State = Particles<double, B::space>;
  using ConstState = Particles<const double, B::space>;

  GradientFlow(const B& backend, const Field<B>& field, const FieldSpec& spec, std::size_t m,
               std::size_t d)
      : backend_(backend), field_(field), spec_(spec), m_(m), d_(d) {}

  const B& backend() const { return backend_; }
  const Field<B>& field() const { return field_; }
  const FieldSpec& spec() const { return spec_; }
  std::size_t m() const { return m_; }
  std::size_t d() const { return d_; }
  std::size_t size() const { return m_ * (1 + d_); }
  bool deterministic() const { return field_.deterministic(); }
  /// Drifts computed so far for the flow itself.
  std::uint64_t evaluations() const { return evaluations_; }
  /// Those after the first `count` were for something else, a record.
  void forget_evaluations_after(std::uint64_t count) { evaluations_ = count; }

  State state(View<double, B::space> values) const { return {values, m_, d_}; }
  ConstState state(View<const double, B::space> values) const { return {values, m_, d_}; }

  /// b <- b/|b| on the sphere.
  void retract(State w) const {
    if (spec_.constraint == Constraint::sphere) backend_.normalize_directions(w);
  }

  /// out = dw/dt; on the sphere tangent at w.
  void drift(ConstState w, State out, std::uint64_t step) {
    ++evaluations_;
    field_.velocity(w, out, step);
    backend_.finish_drift(spec_, w, out);
  }

  /// drift(), returning J and R over the samples of `step`.
  Energy drift_and_energy(ConstState w, State out, std::uint64_t step) {
    ++evaluations_;
    const double risk = field_.velocity_and_risk(w, out, step);
    backend_.finish_drift(spec_, w, out);
    return {objective(w, risk), risk};
  }

  /// The drift over all the data, or over the law; not counted.
  void full_drift(ConstState w, State out) const {
    field_.full_velocity(w, out);
    backend_.finish_drift(spec_, w, out);
  }

  Energy energy(ConstState w) const {
    const double risk = field_.risk(w);
    return {objective(w, risk), risk};
  }

  /// J = R/2 + lambda s sum r(w).
  double objective(ConstState w, double risk) const {
    if (spec_.lambda == 0 || spec_.regularizer == Regularizer::none) return risk / 2;
    const double sum = backend_.particle_sums(spec_.regularizer, 1, w).regularizer;
    return risk / 2 + spec_.lambda * output_scale(spec_.scaling, m_) * sum;
  }

  /// int v . M v dpi (int |v^|^2 dpi for mobilities 1) from a drift.
  double dissipation(ConstState drift) const { return backend_.dissipation(spec_, drift); }
  /// -dJ/dt along the flow.
  double decay(ConstState drift) const {
    return dissipation_factor(spec_.scaling, m_) * dissipation(drift);
  }

  /// The larger root mean square of v_a and v_b over what moves, from a drift.
  double raw_speed(ConstState drift) const {
    const double time = time_scale(spec_.scaling, m_);
    const auto rms = [&](View<const double, B::space> block, double rate) {
      return rate == 0
                 ? 0.0
                 : std::sqrt(backend_.dot(block, block) / static_cast<double>(m_)) / (time * rate);
    };
    return std::max(rms(drift.a(), spec_.rate_a()),
                    rms(drift.values.subview(m_, m_ * d_), spec_.rate_b()));
  }

  /// What an error of v, root mean square, does to the decay along this drift.
  double decay_error(double decay, double error) const {
    const double mu = dissipation_factor(spec_.scaling, m_);
    const double v = std::sqrt(std::max(spec_.rate_a(), spec_.rate_b())) * error;
    return mu * v * (2 * std::sqrt(decay / mu) + v);
  }

  /// sqrt((1/m) sum_j |x_j|^2) over what moves: the norm of a displacement in L2(pi).
  double norm(View<const double, B::space> x) const {
    double sum = 0;
    if (spec_.rate_a() > 0) sum += backend_.dot(x.subview(0, m_), x.subview(0, m_));
    if (spec_.rate_b() > 0) {
      const View<const double, B::space> b = x.subview(m_, m_ * d_);
      sum += backend_.dot(b, b);
    }
    return std::sqrt(sum / static_cast<double>(m_));
  }

  /// A model of the rounding at w: f is a sum of the size F = 2 |y| + sqrt R + s g |x| sum |a||b|
  /// (root mean squares), right to a few units of F, and so are (f - y)^2, or the terms of size F^2
  /// whose difference it is, and v_j = E[(f - y) grad psi] with grad psi of the size g |x| |w|. The
  /// growth g of sigma(z)/z is 1, or |x| |w| where sigma is quadratic. Partial sums of fixed length
  /// keep the number of units small; 16 of them are allowed for J, and 4 for v, whose errors are
  /// independent.
  Rounding rounding(ConstState w, const Energy& energy) const {
    const FieldScale scale = field_.scale();
    const double path = backend_.particle_sums(Regularizer::none, 1, w).path;
    const double size = std::sqrt(backend_.dot(w.values, w.values) / static_cast<double>(m_));
    const double root = std::sqrt(std::abs(energy.risk));
    const double slope = scale.inputs * (scale.quadratic ? scale.inputs * size : 1);
    const double f = 2 * scale.values + root + output_scale(spec_.scaling, m_) * slope * path;
    constexpr double unit = std::numeric_limits<double>::epsilon() / 2;
    const double risk = scale.cancels ? unit * f * f : scale.unit * root * f;
    return {16 * (risk + unit * std::abs(energy.objective)), 4 * scale.unit * f * slope * size};
  }

 private:
  const B& backend_;
  const Field<B>& field_;
  FieldSpec spec_;
  std::size_t m_;
  std::size_t d_;
  std::uint64_t evaluations_ = 0;
};

}  // namespace mckean
