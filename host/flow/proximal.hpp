// The minimizing-movement step: w' = argmin J(w) + |w - w_k|^2/(2 eta), averaged over particles.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "host/flow/fixed_steps.hpp"
#include "host/flow/lbfgs.hpp"

namespace mckean {

/// Jordan, Kinderlehrer and Otto (1998) in particle form, solved by L-BFGS from w_k. The distance
/// is weighed by the inverse mobilities and the scaling so that the stationary point is the
/// implicit Euler step w' = w_k + eta drift(w'); on the sphere it is the chord |b - b_k|, and both
/// sides are projected on the tangent plane at b. The residual is the root mean square over
/// particles of what is left of that equation, in the inverse mobilities' norm.
template <Backend B>
class Proximal : public FixedSteps<B> {
 public:
  using typename Integrator<B>::State;
  using typename Integrator<B>::ConstState;
  static constexpr int max_iterations = 500;
  static constexpr int patience = 60;  // iterations without a lower residual

  Proximal(GradientFlow<B>& flow, ConstState initial, const IntegratorSpec& spec)
      : FixedSteps<B>(flow, initial),
        drift_(this->allocate()),
        iterate_(this->allocate()),
        gradient_(this->allocate()),
        trial_gradient_(this->allocate()),
        direction_(this->allocate()),
        slots_(this->allocate_slots(slot_count)),
        spec_(spec),
        lbfgs_(flow) {
    const FlowFormula& formula = flow.formula();
    objective_weight_ = formula.time / (formula.total * formula.output_scale);
    projection_.constraint = flow.spec().constraint;
  }

  Step step(double, double) override {
    eta_ = spec_.eta;
    const B& backend = this->flow().backend();
    lbfgs_.forget();
    backend.copy(this->state().values, iterate_.view());
    Evaluation now = evaluate(iterate(), gradient_.view());
    double lowest = now.residual();
    for (int i = 0, since_lowest = 0; now.residual() > spec_.proximal_tolerance;
         ++i, ++since_lowest) {
      if (i == max_iterations || since_lowest == patience) break;
      if (!std::isfinite(now.value) || !std::isfinite(now.residual())) break;
      if (!search(now)) {
        if (lbfgs_.empty()) break;
        lbfgs_.forget();
        continue;
      }
      if (now.residual() < 0.9 * lowest) {
        lowest = now.residual();
        since_lowest = 0;
      }
    }
    const double residual = now.residual();
    if (!std::isfinite(residual)) {
      return {.outcome = Outcome::diverged,
              .failure = "the proximal step made a value that is not finite: take a smaller eta"};
    }
    solver_residual_ = std::max(solver_residual_, residual);
    if (residual > spec_.proximal_tolerance) return failure(residual);
    backend.copy(ConstView(iterate_.view()), this->trial().values);
    this->accept();
    drift_is_current_ = false;
    return {Outcome::finished, eta_};
  }

  bool waits() const override { return true; }
  /// The implicit Euler step's own quadrature takes the dissipation at its end.
  StepSums<B> sums(bool) override {
    drift();
    const AuditStep step{static_cast<double>(this->steps()), eta_, 1, {1}};
    return {step, {at(), at(), {}, slots_.view().subview(finite_slot, 1)}};
  }

  void take_back() override {
    FixedSteps<B>::take_back();
    drift_is_current_ = false;
  }

  ConstState drift() override {
    const State out = this->flow().state(drift_.view());
    if (!drift_is_current_) {
      this->flow().drift(this->state(), out, this->steps(),
                         at().subview(StateScalars::risk_slot, 1));
      this->flow().measure(this->state(), out, at());
      drift_is_current_ = true;
    }
    return out;
  }
  bool knows_scalars() const override { return drift_is_current_; }
  StateScalars scalars() override {
    drift();
    return this->flow().read(at());
  }

  double solver_residual() const override { return solver_residual_; }

  void exchange(FlowArchive& archive) override {
    FixedSteps<B>::exchange(archive);
    archive(drift_is_current_, solver_residual_);
    archive.buffer(this->flow().backend(), slots_);
    if (drift_is_current_) archive.buffer(this->flow().backend(), drift_);
  }

 private:
  using Vector = View<double, B::space>;
  using ConstView = View<const double, B::space>;
  using Batch = InnerProductBatch<B>;

  State iterate() { return this->flow().state(iterate_.view()); }

  Step failure(double residual) const {
    char text[256];
    std::snprintf(text, sizeof text,
                  "the proximal step stopped at residual %.3g, above its tolerance %.3g (a minimum "
                  "on a kink has no smaller one): take a smaller eta or a larger proximal "
                  "tolerance",
                  residual, spec_.proximal_tolerance);
    return {.outcome = Outcome::not_converged, .failure = text};
  }

  // The sums at the state, what an evaluation reads at once, and 0 for a state that is finite.
  static constexpr std::size_t evaluation_slot = StateScalars::count;
  static constexpr std::size_t evaluation_count = 1 + ParticleSums::count + 4;
  static constexpr std::size_t finite_slot = evaluation_slot + evaluation_count;
  static constexpr std::size_t slot_count = finite_slot + 1;
  View<double, B::space> at() { return slots_.view().subview(0, std::size_t{StateScalars::count}); }

  struct Evaluation {
    double value = 0;
    double squared = 0;  // of the gradient
    double residual() const { return std::sqrt(squared); }
  };

  /// The value of eta J (in units of |w|^2) + |w - w_k|^2/2, and its gradient in the inner product
  /// of InnerProductBatch: P (w - w_k) - eta drift(w).
  Evaluation evaluate(ConstState w, Vector gradient) {
    GradientFlow<B>& flow = this->flow();
    const B& backend = flow.backend();
    const State drift = flow.state(drift_.view());
    const auto slots = slots_.view().subview(evaluation_slot, evaluation_count);
    flow.drift(w, drift, this->steps(), slots.subview(0, 1));
    drift_is_current_ = false;
    if (flow.formula().regularized)
      flow.sum_particles(w, slots.subview(1, std::size_t{ParticleSums::count}));
    LinearTerms<B::space> displacement;
    displacement.add(1, w.values);
    displacement.add(-1, this->state().values);
    backend.squared_norms(displacement, flow.m(), flow.d(), slots.subview(evaluation_count - 4, 2));
    // -P applied to w_k - w + eta drift.
    LinearTerms<B::space> terms;
    terms.add(-1, w.values);
    terms.add(1, this->state().values);
    terms.add(eta_, ConstView(drift.values));
    backend.linear_combination(terms, gradient);
    backend.finish_drift(projection_, w, flow.state(gradient));
    InnerProducts<B::space> squares;
    flow.add_squares(squares, gradient);
    backend.inner_products(squares, slots.subview(evaluation_count - 2, 2));
    flow.sum_over_ranks(slots.subview(1, evaluation_count - 1));
    double values[evaluation_count];
    backend.read(ConstView(slots), {values, evaluation_count});
    StateScalars sums;
    sums.risk = values[0];
    sums.sums.regularizer = values[3];
    const double* const squared = values + evaluation_count - 4;
    const double distance = Batch::combine(flow, squared[0], squared[1]);
    return {eta_ * objective_weight_ * flow.formula().objective(sums) + distance / 2,
            Batch::combine(flow, squared[2], squared[3])};
  }

  /// Moves the iterate along the L-BFGS direction by backtracking; false where no step goes down.
  bool search(Evaluation& now) {
    const double slope = lbfgs_.direction(gradient_.view(), now.squared, direction_.view());
    if (!(slope < 0)) return false;
    const double rounding = 64 * std::numeric_limits<double>::epsilon() * std::abs(now.value);
    double length = 1;
    for (int tries = 0; tries < 40; ++tries, length /= 2) {
      combine(1, iterate_.view(), length, direction_.view(), this->trial().values);
      this->flow().retract(this->trial());
      const Evaluation next = evaluate(this->trial(), trial_gradient_.view());
      // Once J no longer resolves the descent, the gradient decides.
      const bool descends = next.value <= now.value + 1e-4 * length * slope;
      if (descends || (next.value <= now.value + rounding && next.residual() < now.residual())) {
        lbfgs_.learn(this->trial().values, iterate_.view(), trial_gradient_.view(),
                     gradient_.view());
        this->flow().backend().copy(ConstView(this->trial().values), iterate_.view());
        std::swap(gradient_, trial_gradient_);
        now = next;
        return true;
      }
    }
    return false;
  }

  void combine(double c1, ConstView x1, double c2, ConstView x2, Vector out) {
    LinearTerms<B::space> terms;
    terms.add(c1, x1);
    terms.add(c2, x2);
    this->flow().backend().linear_combination(terms, out);
  }

  Buffer<double, B::space> drift_, iterate_, gradient_, trial_gradient_, direction_;
  Buffer<double, B::space> slots_;
  IntegratorSpec spec_;
  FieldSpec projection_;  // sphere or none, and nothing else: finish_drift is then -P
  Lbfgs<B> lbfgs_;
  double objective_weight_;
  double eta_ = 0;
  bool drift_is_current_ = false;
  double solver_residual_ = 0;
};

}  // namespace mckean
