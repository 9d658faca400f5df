// The raw velocity field of a measure, whatever its source: sampled data, a mini-batch, fresh
// samples, a law.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

#include "host/flow/hinges.hpp"
#include "kernels/backend.hpp"

namespace mckean {

/// What the rounding of a field is measured by.
struct FieldScale {
  double inputs = 1;                                         // root mean square of |x|
  double values = 1;                                         // root mean square of y
  double unit = std::numeric_limits<double>::epsilon() / 2;  // unit roundoff of f and v
  bool cancels = false;    // R is a difference of terms of the size of f^2 and y^2
  bool quadratic = false;  // sigma(z) grows like z^2 and not like z
};

/// The unit roundoff of the field on a back end.
template <Backend B>
inline constexpr double field_unit = std::numeric_limits<typename B::Real>::epsilon() / 2;

/// v_j = E[(f - y) grad_w psi(x; w_j)] and the risk R = E (f - y)^2 of the network of the particles
/// w.
template <Backend B>
class Field {
 public:
  using State = Particles<double, B::space>;
  using ConstState = Particles<const double, B::space>;

  virtual ~Field() = default;
  /// Overwrites v (shape of w). `step` selects the mini-batch or the fresh samples of a stochastic
  /// field.
  virtual void velocity(ConstState w, State v, std::uint64_t step) const = 0;
  /// R over all the data, or over the law.
  virtual double risk(ConstState w) const = 0;
  /// velocity(), returning the risk over the samples of `step`.
  virtual double velocity_and_risk(ConstState w, State v, std::uint64_t step) const {
    velocity(w, v, step);
    return risk(w);
  }
  /// The velocity over all the data, or over the law.
  virtual void full_velocity(ConstState w, State v) const { velocity(w, v, 0); }
  /// Whether velocity() is the gradient of risk()/2, the same at every step.
  virtual bool deterministic() const { return true; }
  /// Particle-sample (or particle-particle) pairs of one velocity() of m particles.
  virtual double interactions(std::size_t m) const = 0;
  virtual FieldScale scale() const { return {}; }
  /// The planes in b-space where the velocity jumps; empty for a continuous velocity.
  virtual std::optional<Hinges> hinges() const { return {}; }
  /// Whether v_b(t b) = v_b(b) for t > 0, so that the velocity has no limit at b = 0.
  virtual bool homogeneous() const { return false; }
  /// v at `tests`, particles without weight, in the field of w; of homogeneous() fields.
  virtual void probe(ConstState /*w*/, ConstState /*tests*/, State /*v*/) const {}
  /// e_i = f(x_i) - y_i at the samples of hinges(), on the host.
  virtual void residual(ConstState, HostView<double>) const {}
};

}  // namespace mckean
