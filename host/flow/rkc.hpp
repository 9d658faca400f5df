// The stabilised explicit method for gradient flows, whose Jacobian has a real spectrum.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>

#include "host/flow/adaptive.hpp"
#include "host/flow/chebyshev.hpp"
#include "host/flow/growth.hpp"

namespace mckean {

/// Runge-Kutta-Chebyshev of order 2 with as many stages as the stiffness of each step asks for: s
/// evaluations reach .65 s^2/rho. The spectral radius rho is found by a nonlinear power iteration
/// that goes on from the last vector every `refresh` steps, or after as many stages as are worth
/// it, and after a step was given up. Error estimate of order 2 and controller: Sommeijer, Shampine
/// and Verwer (1998), as in chebyshev.hpp.
///
/// Steps also resolve the growth of what is too small for the estimate: near a saddle most of what
/// moves has died out, steps are long, and what leads away grows by many orders before anything is
/// seen of it. A step of size h is off by (h mu)^3/15 of a mode that grows at the rate mu.
template <Backend B>
class Rkc : public Adaptive<B> {
 public:
  using typename Integrator<B>::State;
  using typename Integrator<B>::ConstState;
  using typename Adaptive<B>::Ends;

  Rkc(GradientFlow<B>& flow, ConstState initial, const IntegratorSpec& spec)
      : Adaptive<B>(flow, initial, spec, 3),
        older_(this->allocate()),
        newer_(this->allocate()),
        drift_(this->allocate()),
        direction_(this->allocate()) {
    if (flow.spec().constraint == Constraint::sphere) scratch_ = this->allocate();
    // In float, differences of the drift reach across too many kinks.
    const bool in_float = flow.field().scale().in_float();
    if (kinks_of(flow) != Kinks::crossed || !in_float) growth_.emplace(flow);
    most_growth_ = std::cbrt(15 * unseen * *spec.rtol);
    // Rounding grows like s^2: 1998, section 3.
    const double unit = 2 * flow.field().scale().unit;
    most_stages_ = static_cast<int>(
        std::clamp(std::sqrt(*spec.rtol / (10 * unit)), double(least_stages), 1000.));
  }

  void exchange(FlowArchive& archive) override {
    Adaptive<B>::exchange(archive);
    archive(stages_, radius_, found_at_, stages_since_, renew_);
    if (radius_ >= 0) archive.buffer(this->flow().backend(), direction_);
    if (growth_) archive(*growth_, growth_rate_, grown_at_, grown_size_);
  }

 protected:
  double first_proposal(double limit) override {
    find_radius(first_iterations);
    return radius_ > 0 ? std::min(limit, 0.5 / radius_) : limit;
  }

  double stable_size(double h) override {
    if (radius_ < 0) find_radius(first_iterations);
    if (renew_ || this->steps() >= found_at_ + refresh || stages_since_ >= refresh_stages)
      find_radius(renew_ ? first_iterations : later_iterations);
    h = resolved_size(h);
    stages_ = ChebyshevScheme::stages_for(h * radius_, least_stages);
    if (stages_ <= most_stages_) return h;
    stages_ = most_stages_;
    return ChebyshevScheme::stable_limit(stages_) / radius_;
  }

  void accepted(double, const double*) override { stages_since_ += stages_; }
  void on_rejection() override {
    stages_since_ += stages_;
    renew_ = this->steps() > found_at_;
  }

  void run_stages(ConstState w, ConstState f, double h, State trial) override {
    run(ChebyshevScheme(stages_), w, f, h, trial);
  }

  LinearTerms<B::space> estimate(const Ends& ends, double h) const override {
    LinearTerms<B::space> terms;
    terms.add(0.8, ends.w.values);
    terms.add(-0.8, ends.trial.values);
    terms.add(0.4 * h, ends.f.values);
    terms.add(0.4 * h, ends.f_trial.values);
    return terms;
  }

  /// The quadrature on the nodes 0, c, 1 that is exact for polynomials of degree 2.
  double mean_decay(double before, double after, const double* inner) const override {
    const double middle = this->flow().formula().decay(inner[0], inner[1]);
    const double c = middle_time_;
    const double at_middle = 1 / (6 * c * (1 - c));
    const double at_end = 0.5 - 1 / (6 * (1 - c));
    return (1 - at_middle - at_end) * before + at_middle * middle + at_end * after;
  }

  /// A step of its own from the state before, of the order of the method: interpolation between
  /// the ends would multiply what is left of stiff modes by h rho.
  void fill(double theta, ConstState w, ConstState f, State out) override {
    const double h = theta * this->last_size();
    const int stages =
        std::clamp(ChebyshevScheme::stages_for(h * radius_, least_stages), least_stages, stages_);
    run(ChebyshevScheme(stages), w, f, h, out);
  }

 private:
  using Vector = View<double, B::space>;
  using ConstVector = View<const double, B::space>;
  static constexpr int least_stages = 3;  // the first with an inner stage of order 2
  static constexpr int refresh = 25;
  static constexpr int refresh_stages = 100;  // a radius too large costs more than another one
  static constexpr int first_iterations = 30;
  static constexpr int later_iterations = 4;
  static constexpr double settled = 0.05;  // relative change at which the iteration ends
  static constexpr double safety = 1.2;
  // A step is off by this part of rtol in a mode that grows, relative to it: at rtol 1e-4 h mu is
  // .039, and after 20 e-foldings the mode is off by .2%.
  static constexpr double unseen = 0.04;
  static constexpr int least_evaluations = 5, first_evaluations = 10;

  /// The drift at y, which is not brought to the sphere itself.
  void stage_drift(ConstVector y, State out) {
    if (scratch_.size() == 0) {
      this->drift_at(this->flow().state(y), out);
      return;
    }
    this->flow().backend().copy(y, scratch_.view());
    const State on_sphere = this->flow().state(scratch_.view());
    this->flow().retract(on_sphere);
    this->drift_at(on_sphere, out);
  }

  void run(const ChebyshevScheme& scheme, ConstState w, ConstState f, double h, State out) {
    const B& backend = this->flow().backend();
    backend.copy(w.values, older_.view());
    LinearTerms<B::space> euler;
    euler.add(1, w.values);
    euler.add(scheme.first * h, f.values);
    backend.linear_combination(euler, newer_.view());
    const State drift = this->flow().state(drift_.view());
    for (int stage = 2; stage <= scheme.stages; ++stage) {
      const auto j = static_cast<std::size_t>(stage);
      stage_drift(std::as_const(newer_).view(), drift);
      if (stage - 1 == scheme.middle) {
        InnerProducts<B::space> squares;
        this->flow().add_squares(squares, drift.values);
        backend.inner_products(squares, this->inner_slots(1));
        middle_time_ = scheme.time[j - 1];
      }
      LinearTerms<B::space> terms;
      terms.add(1 - scheme.mu[j] - scheme.nu[j], w.values);
      terms.add(scheme.mu[j], std::as_const(newer_).view());
      terms.add(scheme.nu[j], std::as_const(older_).view());
      terms.add(scheme.drift[j] * h, std::as_const(drift_).view());
      terms.add(scheme.start[j] * h, f.values);
      const bool last = stage == scheme.stages;
      backend.linear_combination(terms, last ? out.values : older_.view());
      if (!last) std::swap(older_, newer_);
    }
  }

  /// Nonlinear power iteration on differences of the drift. The perturbation is of the size of the
  /// tolerance, so that a kink of a single particle is seen as steep as it is for a step; where it
  /// is all on one particle, that one moves by m^(1/4) of it.
  void find_radius(int most_iterations) {
    const GradientFlow<B>& flow = this->flow();
    const B& backend = flow.backend();
    const ConstState f = this->first_state();
    if (radius_ < 0) {
      // The drift alone may be orthogonal to the steepest direction by a symmetry of the start.
      backend.copy(f.values, older_.view());
      const double size = flow.formula().norm(this->at().drift_a, this->at().drift_b);
      backend.add_noise(flow.spec(), size > 0 ? 0.1 * size : 1, 0, 0, flow.state(older_.view()));
    } else {
      backend.copy(std::as_const(direction_).view(), older_.view());
    }
    const double field_unit = flow.field().scale().unit;
    const double reach = std::max(this->tolerance(), std::sqrt(field_unit) * this->size()) /
                         std::pow(static_cast<double>(flow.total()), 0.25);
    const double epsilon = reach > 0 ? reach : std::sqrt(field_unit);
    double radius = 0;
    double size = 0;
    for (int i = 0; i < most_iterations; ++i) {
      // A particle that rests at a kink stays there, however steep the velocity is beside it.
      const bool cleared = this->keep_settled(this->state(), f, older_.view());
      if (i == 0 || cleared) size = flow.norm(std::as_const(older_).view());
      if (!(size > 0) || !std::isfinite(size)) break;
      LinearTerms<B::space> terms;
      terms.add(1, this->state().values);
      terms.add(epsilon / size, std::as_const(older_).view());
      backend.linear_combination(terms, newer_.view());
      const State drift = this->flow().state(drift_.view());
      stage_drift(std::as_const(newer_).view(), drift);
      LinearTerms<B::space> difference;
      difference.add(1, std::as_const(drift_).view());
      difference.add(-1, f.values);
      backend.linear_combination(difference, older_.view());
      size = flow.norm(std::as_const(older_).view());
      const double next = size / epsilon;
      const bool done = i > 0 && std::abs(next - radius) <= settled * next;
      radius = next;
      if (done) break;
    }
    std::swap(direction_, older_);
    radius_ = std::isfinite(radius) ? safety * radius : 0;
    found_at_ = this->steps();
    stages_since_ = 0;
    renew_ = false;
  }

  /// h, or less to resolve the growth. Its rate is found anew every `refresh` steps, where it is
  /// far from bounding them every other time, and where steps have become twice as long.
  double resolved_size(double h) {
    if (!growth_) return h;
    const auto resolved = [&] {
      return growth_rate_ > 0 ? std::min(h, most_growth_ / growth_rate_) : h;
    };
    const bool bounds = growth_rate_ * grown_size_ > most_growth_ / 2;
    const auto lasts = static_cast<std::uint64_t>(bounds ? refresh : 2 * refresh);
    if (grown_size_ == 0 || this->steps() >= grown_at_ + lasts || resolved() > 2 * grown_size_) {
      find_growth(h);
      grown_size_ = resolved();
    }
    return resolved();
  }

  /// To a sixteenth of an octave, so that steps do not follow the rounding of a difference.
  static double round_up(double rate) { return std::exp2(std::ceil(16 * std::log2(rate)) / 16); }

  void find_growth(double h) {
    const GradientFlow<B>& flow = this->flow();
    const B& backend = flow.backend();
    const ConstState f = this->first_state();
    const double unit = std::sqrt(flow.field().scale().unit);
    const double epsilon = this->size() > 0 ? unit * this->size() : unit;
    const auto image = [&](ConstVector x, double size, Vector out) {
      LinearTerms<B::space> moved, difference;
      moved.add(1, this->state().values);
      moved.add(epsilon / size, x);
      backend.linear_combination(moved, this->trial().values);
      stage_drift(this->trial_state().values, flow.state(out));
      difference.add(size / epsilon, out);
      difference.add(-size / epsilon, f.values);
      backend.linear_combination(difference, out);
    };
    const auto settle = [&](Vector x) { this->keep_settled(this->state(), f, x); };
    const int stages = ChebyshevScheme::stages_for(h * radius_, least_evaluations);
    const int most = grown_size_ == 0 ? first_evaluations : std::min(stages, most_stages_);
    // Differences over epsilon are right to a few units of what they are taken of.
    const double small = std::max(most_growth_ / (16 * h), 4 * unit * radius_);
    growth_->search(std::max(most, least_evaluations), small, image, settle, f.values,
                    this->steps(), {older_.view(), newer_.view(), drift_.view(), this->spare()});
    // Beside a kink the velocity is as steep as one likes over a distance as short as epsilon: that
    // is no rate of the flow.
    const double steepest = std::max(growth_->rate(), -growth_->lowest());
    const bool trusted = steepest <= radius_ || kinks_of(flow) == Kinks::none;
    if (trusted) radius_ = std::max(radius_, -safety * growth_->lowest());
    growth_rate_ = trusted && growth_->rate() > small ? round_up(growth_->rate()) : 0;
    grown_at_ = this->steps();
  }

  Buffer<double, B::space> older_, newer_;  // y_{j-2}, y_{j-1}
  Buffer<double, B::space> drift_;
  Buffer<double, B::space> direction_;  // of the power iteration
  Buffer<double, B::space> scratch_;    // on the sphere only
  int most_stages_;
  int stages_ = least_stages;
  std::optional<Growth<B>> growth_;
  double growth_rate_ = 0;  // 0 where it is too small to be looked at
  std::uint64_t grown_at_ = 0;
  double grown_size_ = 0;  // of the step then; 0: not looked at yet
  double most_growth_;     // h mu
  double radius_ = -1;     // below 0: not known yet
  std::uint64_t found_at_ = 0;
  int stages_since_ = 0;
  bool renew_ = false;
  double middle_time_ = 0.5;
};

}  // namespace mckean
