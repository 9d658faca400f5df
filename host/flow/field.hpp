// The raw velocity field of a measure, whatever its source: sampled data, a mini-batch, fresh
// samples, a law.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "host/flow/hinges.hpp"
#include "kernels/backend.hpp"
#include "mckean/error.hpp"

namespace mckean {

/// The unit roundoff of the field on a back end.
template <Backend B>
inline constexpr double field_unit = std::numeric_limits<typename B::Real>::epsilon() / 2;

/// v_j = E[(f - y) grad_w psi(x; w_j)] and the risk R = E (f - y)^2 of the network of the particles
/// of the ensemble. A field does not wait for the back end, which outlives it; the scalars it makes
/// go to slots there. It has no scratch of its own, so that several threads may use a const one.
template <Backend B>
class Field {
 public:
  using State = Particles<double, B::space>;
  using ConstState = Particles<const double, B::space>;
  using Slot = View<double, B::space>;

  virtual ~Field() = default;
  /// Overwrites v (shape of w); risk = R over the samples of `step`, where there is a slot. `step`
  /// selects the mini-batch or the fresh samples of a stochastic field.
  void velocity(ConstState w, State v, std::uint64_t step, Slot risk = {}) const {
    write_velocity(w, v, step, risk);
  }
  /// slot = R over all the data, or over the law.
  void risk(ConstState w, Slot slot) const { write_risk(w, slot); }
  /// The same; waits.
  double risk(ConstState w) const {
    auto slot = backend_.template allocate<double>(1);
    write_risk(w, slot.view());
    double value = 0;
    backend_.read(std::as_const(slot).view(), {&value, 1});
    return value;
  }
  /// The velocity over all the data, or over the law.
  virtual void full_velocity(ConstState w, State v) const { write_velocity(w, v, 0, {}); }
  /// Whether velocity() is the gradient of risk()/2, the same at every step.
  virtual bool deterministic() const { return true; }
  /// Particle-sample (or particle-particle) pairs of one velocity() of m particles.
  virtual double interactions(std::size_t m) const = 0;
  /// Those of one full_velocity().
  virtual double full_interactions(std::size_t m) const { return interactions(m); }
  virtual FieldScale scale() const { return {}; }
  /// The planes in b-space where the velocity jumps; empty for a continuous velocity.
  virtual std::optional<Hinges> hinges() const { return {}; }
  /// Whether v_b(t b) = v_b(b) for t > 0, so that the velocity has no limit at b = 0.
  virtual bool homogeneous() const { return false; }
  /// v at `tests`, particles without weight, in the field of w; of homogeneous() fields.
  virtual void probe(ConstState /*w*/, ConstState /*tests*/, State /*v*/) const {}
  /// e_i = f(x_i) - y_i at the samples of hinges(), on the host.
  virtual void residual(ConstState, HostView<double>) const {}

  /// From now on the particles of the ensemble are spread over these ranks (null: all are here).
  /// Throws where the field needs more of the others than f at the samples.
  virtual void spread(const Communicator<B::space>* ranks) {
    if (ranks != nullptr)
      throw InputError("a field in closed form needs all particles on one rank: sample the law");
  }
  const Communicator<B::space>* ranks() const { return ranks_; }

 protected:
  explicit Field(const B& backend) : backend_(backend) {}
  const B& backend() const { return backend_; }
  void set_ranks(const Communicator<B::space>* ranks) { ranks_ = ranks; }

 private:
  virtual void write_velocity(ConstState w, State v, std::uint64_t step, Slot risk) const = 0;
  virtual void write_risk(ConstState w, Slot risk) const = 0;

  const B& backend_;
  const Communicator<B::space>* ranks_ = nullptr;
};

}  // namespace mckean
