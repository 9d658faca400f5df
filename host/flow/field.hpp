// The raw velocity field of a measure, whatever its source: sampled data, a mini-batch, fresh
// samples, a law.
#pragma once

#include <cstddef>
#include <cstdint>

#include "mckean/backend.hpp"

namespace mckean {

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
};

}  // namespace mckean
