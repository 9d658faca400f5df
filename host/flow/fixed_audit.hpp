// The audit of a run of fixed steps: kept by the back end, looked at by the host where that costs
// no waiting.
#pragma once

#include <optional>
#include <utility>

#include "host/flow/fixed_steps.hpp"

namespace mckean {

template <Backend B>
class FixedAudit {
 public:
  using ConstState = Particles<const double, B::space>;

  /// `measured`: R and J are known at every step.
  FixedAudit(const GradientFlow<B>& flow, const IntegratorSpec& spec, bool measured)
      : flow_(flow),
        rules_{flow.formula(), measured, spec.audit},
        kept_(flow.backend().template allocate<double>(flow.size())),
        audit_(flow.backend().template allocate<double>(AuditState::count)) {
    if (spec.stop.risk) rules_.stop_risk = *spec.stop.risk;
    if (spec.stop.gradient) rules_.stop_gradient = *spec.stop.gradient;
  }

  bool measured() const { return rules_.measured; }

  /// From the state w at t = 0, with J and R where they are known.
  void begin(ConstState w, const Energy& energy) {
    AuditState state;
    state.start = state.lowest = energy.objective;
    state.energy = energy;
    double slots[AuditState::count];
    state.store(slots);
    flow_.backend().copy(HostView<const double>(slots, AuditState::count), audit_.view());
    flow_.backend().copy(w.values, kept_.view());
  }

  /// Counts a step that has led to `after`.
  void add(const StepSums<B>& sums, ConstState after) {
    const B& backend = flow_.backend();
    backend.audit_step(rules_, sums.step, sums.slots, audit_.view());
    backend.copy_if(std::as_const(audit_).view().subview(AuditState::keep_slot, 1), after.values,
                    kept_.view());
  }

  /// The audit as it is now, or, where that would take waiting, as it was lately, or nothing. Ranks
  /// must end at the same step, so that among several nothing is known without waiting.
  std::optional<AuditState> look(bool wait) {
    const auto slots = std::as_const(audit_).view();
    if (wait) {
      coming_.reset();
      double values[AuditState::count];
      flow_.backend().read(slots, {values, AuditState::count});
      return AuditState::load(values);
    }
    if (flow_.spread()) return {};
    if (!coming_) coming_.emplace(flow_.backend().begin_read(slots));
    if (!coming_->ready()) return {};
    const AuditState state = AuditState::load(coming_->values().data());
    coming_.reset();
    return state;
  }

  /// The state to go back to: the last one whose J had not risen, or that met a stop rule; where J
  /// is not known, the last finite one.
  ConstState kept() const { return flow_.state(kept_.view()); }

  /// To or from an archive.
  void exchange(FlowArchive& archive) {
    coming_.reset();
    archive.buffer(flow_.backend(), kept_);
    archive.buffer(flow_.backend(), audit_);
  }

 private:
  using Coming = decltype(std::declval<const B&>().begin_read(View<const double, B::space>()));

  const GradientFlow<B>& flow_;
  AuditRules rules_;
  Buffer<double, B::space> kept_;
  Buffer<double, B::space> audit_;
  std::optional<Coming> coming_;
};

}  // namespace mckean
