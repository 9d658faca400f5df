// Methods whose steps have one size: the host takes them one after the other without looking.
#pragma once

#include <cmath>

#include "host/flow/integrator.hpp"
#include "mckean/formula/step_audit.hpp"

namespace mckean {

/// What a step has left for the audit.
template <Backend B>
struct StepSums {
  AuditStep step;
  AuditSlots<B::space> slots;
};

template <Backend B>
class FixedSteps : public Integrator<B> {
 public:
  using Slots = View<double, B::space>;
  using typename Integrator<B>::ConstState;

  /// The sums of the last step, whose state is evaluated for them where `measured`: the step of a
  /// deterministic flow without noise.
  virtual StepSums<B> sums(bool measured) = 0;
  /// Whether a step waits for the back end anyway.
  virtual bool waits() const { return false; }
  /// Takes back the last step, after sums() has thrown.
  virtual void take_back() { this->take_back_last(); }
  /// Back to step `number` <= steps(), as if those after it had not been taken; `failed`: but for
  /// the one that made a value that is not finite. The state is not restored: see resume().
  virtual void go_back(std::uint64_t number, bool /*failed*/) { this->rewind(number); }
  /// At the step that was gone back to, whose state is w.
  virtual void resume(ConstState w) {
    this->flow().backend().copy(w.values, this->current().values);
  }

 protected:
  FixedSteps(GradientFlow<B>& flow, ConstState initial) : Integrator<B>(flow, initial) {}
};

}  // namespace mckean
