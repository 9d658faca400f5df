// What every time integrator offers: the state, its drift and energy, and one more step.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "host/flow/flow_archive.hpp"
#include "host/flow/gradient_flow.hpp"
#include "mckean/integrator_spec.hpp"

namespace mckean {

/// One step: its size, and of an adaptive one int decay dt over it by the method's own quadrature.
struct Step {
  Outcome outcome = Outcome::finished;
  double size = 0;
  double dissipated = 0;
  double allowed = 0;        // what its energy identity may be off
  double rounding = 0;       // the part of that which rounding alone explains
  std::string failure = {};  // why outcome is not finished; the state is the one before the step
};

template <Backend B>
class Integrator {
 public:
  using State = Particles<double, B::space>;
  using ConstState = Particles<const double, B::space>;

  /// Starts from `initial`, brought on the constraint.
  Integrator(GradientFlow<B>& flow, ConstState initial)
      : flow_(flow),
        current_(flow.backend().template allocate<double>(flow.size())),
        trial_(flow.backend().template allocate<double>(flow.size())) {
    flow.backend().copy(initial.values, current_.view());
    flow.retract(flow.state(current_.view()));
  }
  virtual ~Integrator() = default;

  /// Advances from time t by a step that the method chooses, at most `limit` > 0 where it is
  /// adaptive; reaches t + limit exactly where the step's size equals limit.
  virtual Step step(double t, double limit) = 0;
  /// The drift at state() over all the data.
  virtual ConstState drift() = 0;
  /// The sums at state() over all the data; costs no evaluation beyond that of the next step where
  /// the flow is deterministic. Waits where they are not known yet.
  virtual StateScalars scalars() = 0;
  /// Whether they cost no evaluation now.
  virtual bool knows_scalars() const = 0;
  /// J and R of scalars().
  virtual Energy energy() { return flow_.formula().energy(scalars()); }
  /// The state at a fraction 0 < theta <= 1 of the last step, and int decay dt up to there. Changes
  /// nothing that is computed later. Adaptive methods only.
  virtual double interpolate(double /*theta*/, State) { return 0; }
  /// The point of the chord of the last step there.
  virtual void interpolate_chord(double theta, State out) {
    LinearTerms<B::space> terms;
    terms.add(1 - theta, std::as_const(trial_).view());
    terms.add(theta, std::as_const(current_).view());
    flow_.backend().linear_combination(terms, out.values);
    keep_frozen(state(), out);
    flow_.retract(out);
  }
  /// The drift over all the data at such a state.
  virtual void drift_beside(ConstState w, State out) { flow_.full_drift(w, out); }
  /// From where on nothing has moved by more than rounding, where this was so at the last step.
  virtual bool at_rest() const { return false; }
  /// Largest residual of an inner solver so far, where there is one.
  virtual double solver_residual() const { return 0; }
  /// Pairs of a particle and a kink of the field along which it slides at present.
  virtual std::size_t sliding() const { return 0; }

  ConstState state() const { return flow_.state(current_.view()); }
  std::uint64_t steps() const { return steps_; }
  std::uint64_t rejected() const { return rejected_; }

  /// All that the steps to come depend on, to or from an archive; interpolate() does not reach
  /// behind it.
  virtual void exchange(FlowArchive& archive) {
    std::uint64_t evaluations = flow_.evaluations();
    archive(steps_, rejected_, evaluations);
    flow_.forget_evaluations_after(evaluations);
    archive.buffer(flow_.backend(), current_);
  }

 protected:
  GradientFlow<B>& flow() { return flow_; }
  const GradientFlow<B>& flow() const { return flow_; }
  State current() { return flow_.state(current_.view()); }
  State trial() { return flow_.state(trial_.view()); }
  ConstState trial_state() const { return flow_.state(trial_.view()); }
  void accept() {
    std::swap(current_, trial_);
    ++steps_;
  }
  void take_back_last() {
    std::swap(current_, trial_);
    --steps_;
  }
  void reject() { ++rejected_; }
  void count_from(const Integrator& other) {
    steps_ = other.steps_;
    rejected_ = other.rejected_;
  }
  void rewind(std::uint64_t number) { steps_ = number; }
  Buffer<double, B::space> allocate() const {
    return flow_.backend().template allocate<double>(flow_.size());
  }
  /// `count` scalars, all 0.
  Buffer<double, B::space> allocate_slots(std::size_t count) const {
    auto slots = flow_.backend().template allocate<double>(count);
    const std::vector<double> zeros(count);
    flow_.backend().copy(HostView<const double>(zeros.data(), count), slots.view());
    return slots;
  }
  /// What does not move stays the same to the last bit.
  void keep_frozen(ConstState from, State to) const {
    const FieldSpec& spec = flow_.spec();
    const std::size_t m = flow_.m();
    if (spec.rate_a() == 0) flow_.backend().copy(from.a(), to.a());
    if (spec.rate_b() == 0) {
      flow_.backend().copy(from.values.subview(m, m * flow_.d()),
                           to.values.subview(m, m * flow_.d()));
    }
  }

 private:
  GradientFlow<B>& flow_;
  Buffer<double, B::space> current_;
  Buffer<double, B::space> trial_;
  std::uint64_t steps_ = 0;
  std::uint64_t rejected_ = 0;
};

}  // namespace mckean
