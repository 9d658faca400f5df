// The adaptive method of Dormand and Prince, for smooth flows that are not stiff.
#pragma once

#include <array>
#include <cmath>

#include "host/flow/adaptive.hpp"
#include "host/flow/chebyshev.hpp"
#include "host/flow/tableau.hpp"

namespace mckean {

/// RK5(4)7M, whose last stage is the drift at the new state, with its continuous extension of order
/// 4: Hairer, Norsett and Wanner, Solving Ordinary Differential Equations I, II.6.
template <Backend B>
class Dopri5 : public Adaptive<B> {
 public:
  using typename Integrator<B>::State;
  using typename Integrator<B>::ConstState;
  using typename Adaptive<B>::Ends;

  Dopri5(GradientFlow<B>& flow, ConstState initial, const IntegratorSpec& spec)
      : Adaptive<B>(flow, initial, spec, 5) {
    for (auto& drift : inner_) drift = this->allocate();
  }

  /// Whether stability has held the last steps short, and Runge-Kutta-Chebyshev steps would need
  /// fewer evaluations by what is known of their error.
  bool prefers_stabilised() const { return stiff_steps_ >= patience; }

  void exchange(FlowArchive& archive) override {
    Adaptive<B>::exchange(archive);
    archive(stiff_steps_, calm_steps_);
  }

 protected:
  /// Hairer, Norsett and Wanner, II.4, starting step size, in the norm of the flow.
  double first_proposal(double limit) override {
    const B& backend = this->flow().backend();
    const ConstState f = this->first_state();
    const ConstState w = this->state();
    const double tolerance = this->tolerance();
    const double slope =
        this->flow().formula().norm(this->at().drift_a, this->at().drift_b) / tolerance;
    const double size = this->size() / tolerance;
    if (!(slope > 0)) return limit;
    const double h = std::min(size > 0 ? 0.01 * size / slope : 0.01 / slope, limit);
    LinearTerms<B::space> euler;
    euler.add(1, w.values);
    euler.add(h, f.values);
    backend.linear_combination(euler, this->trial().values);
    this->flow().retract(this->trial());
    const State other = inner(1);
    this->drift_at(this->trial(), other);
    LinearTerms<B::space> difference;
    difference.add(1 / h, other.values);
    difference.add(-1 / h, f.values);
    backend.linear_combination(difference, other.values);
    const double steepest = std::max(slope, this->flow().norm(other.values) / tolerance);
    const double next = std::pow(0.01 / steepest, 1. / 5);
    return std::isfinite(next) ? std::min({100 * h, next, limit}) : h;
  }

  void run_stages(ConstState w, ConstState f, double h, State trial) override {
    for (int i = 1; i < stages; ++i) {
      combine(w, f, h, dopri5_tableau.stage[i], i, trial.values);
      if (i == stages - 1) break;
      this->flow().retract(trial);
      this->drift_at(trial, inner(i));
    }
  }

  /// All but stage 1, whose weight is 0.
  void add_inner(InnerProducts<B::space>& list) const override {
    for (int i = 2; i + 1 < stages; ++i) this->flow().add_squares(list, drift_of(i));
  }

  LinearTerms<B::space> estimate(const Ends& ends, double h) const override {
    LinearTerms<B::space> terms;
    terms.add(h * dopri5_tableau.error[0], ends.f.values);
    for (int i = 2; i + 1 < stages; ++i) terms.add(h * dopri5_tableau.error[i], drift_of(i));
    terms.add(h * dopri5_tableau.error[stages - 1], ends.f_trial.values);
    return terms;
  }

  double mean_decay(double before, double, const double* inner) const override {
    double sum = 0;
    for (int i = 2; i + 1 < stages; ++i, inner += 2)
      sum += dopri5_tableau.weight[i] * this->flow().formula().decay(inner[0], inner[1]);
    return dopri5_tableau.weight[0] * before + sum;
  }

  /// Of the distance of the last two stages, both at t + h, of that of their drifts, and of the
  /// error of a Chebyshev step over the same step, which is known from its ends (Rkc::estimate).
  /// Nobody asks for them but the automatic method.
  void measure_own(const Ends& ends, double h, View<double, B::space> own) override {
    if (this->spec().method != IntegratorSpec::Method::automatic) return;
    const GradientFlow<B>& flow = this->flow();
    LinearTerms<B::space> between, difference, error;
    for (int i = 0; i + 1 < stages; ++i) {
      const double weight = dopri5_tableau.weight[i] - (i < 5 ? dopri5_tableau.stage[5][i] : 0);
      if (weight != 0) between.add(h * weight, i == 0 ? ends.f.values : drift_of(i));
    }
    difference.add(1, ends.f_trial.values);
    difference.add(-1, drift_of(5));
    error.add(0.8, ends.w.values);
    error.add(-0.8, ends.trial.values);
    error.add(0.4 * h, ends.f.values);
    error.add(0.4 * h, ends.f_trial.values);
    std::size_t slot = 0;
    for (const auto* terms : {&between, &difference, &error}) {
      flow.backend().squared_norms(*terms, flow.m(), flow.d(), own.subview(slot, 2));
      slot += 2;
    }
  }

  /// h lambda: Hairer and Wanner, Solving Ordinary Differential Equations II, IV.2 (2.26). The
  /// error of a Chebyshev step falls like h^3.
  void accepted(double h, const double* own) override {
    const FlowFormula& formula = this->flow().formula();
    const double apart = formula.norm(own[0], own[1]);
    const double lambda = apart > 0 ? formula.norm(own[2], own[3]) / apart : 0;
    bool stiff = h * lambda > stiff_limit;
    if (stiff) {
      const double excess = formula.norm(own[4], own[5]) / this->tolerance();
      const double longer = 0.8 * std::pow(std::max(excess, 1e-9), -1. / 3);
      const double cost = ChebyshevScheme::stages_for(longer * h * lambda, 3);
      stiff = cost / longer < stages - 1;
    }
    if (stiff) {
      ++stiff_steps_;
      calm_steps_ = 0;
    } else if (++calm_steps_ >= calm) {
      stiff_steps_ = 0;
    }
  }

  void fill(double theta, ConstState w, ConstState f, State out) override {
    const double h = this->last_size();
    // y_0 + theta (D + (1 - theta) (S + theta (E + (1 - theta) R))), D = y_1 - y_0,
    // S = h f_0 - D, E = D - h f_1 - S, R = h sum_i dense_i f_i: by its coefficients.
    const double t = theta, u = 1 - theta;
    const double of_step = t - t * u + 2 * t * t * u;  // of D
    const double of_first = t * u - t * t * u;         // of h f_0
    const double of_last = -t * t * u;                 // of h f_1
    const double of_rest = t * t * u * u;              // of R
    LinearTerms<B::space> terms;
    terms.add(1 - of_step, w.values);
    terms.add(of_step, this->state().values);
    terms.add(h * (of_first + of_rest * dopri5_dense[0]), f.values);
    for (int i = 2; i + 1 < stages; ++i) terms.add(h * of_rest * dopri5_dense[i], drift_of(i));
    terms.add(h * (of_last + of_rest * dopri5_dense[stages - 1]), this->first_state().values);
    this->flow().backend().linear_combination(terms, out.values);
  }

 private:
  static constexpr int stages = 7;
  // Where stability holds the steps, some of them are a little below its limit: stiff ones count
  // until as many others have come in a row (ibid., DOPRI5).
  static constexpr int patience = 5;
  static constexpr int calm = 6;
  static constexpr double stiff_limit = 2.5;  // the real axis is stable down to -3.3

  State inner(int i) { return this->flow().state(inner_[static_cast<std::size_t>(i - 1)].view()); }
  View<const double, B::space> drift_of(int i) const {
    return inner_[static_cast<std::size_t>(i - 1)].view();
  }
  void combine(ConstState w, ConstState f, double h, const double* weight, int count,
               View<double, B::space> out) const {
    LinearTerms<B::space> terms;
    terms.add(1, w.values);
    terms.add(h * weight[0], f.values);
    for (int i = 1; i < count; ++i) {
      if (weight[i] != 0) terms.add(h * weight[i], drift_of(i));
    }
    this->flow().backend().linear_combination(terms, out);
  }

  std::array<Buffer<double, B::space>, stages - 2> inner_;
  int stiff_steps_ = 0;
  int calm_steps_ = 0;
};

}  // namespace mckean
