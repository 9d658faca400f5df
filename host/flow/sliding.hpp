// Particles at kinks of the flow, on any back end: hinges of the activation and of the path norm.
#pragma once

#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "host/flow/aligned_particles.hpp"
#include "host/flow/gradient_flow.hpp"
#include "host/flow/held_origin.hpp"

namespace mckean {

/// What HeldHinges and the back end's settle() do, between the steps of an adaptive method.
template <Backend B>
class Sliding {
 public:
  using State = Particles<double, B::space>;
  using ConstState = Particles<const double, B::space>;

  explicit Sliding(const GradientFlow<B>& flow)
      : flow_(flow), settled_(flow.backend().template allocate<double>(1)) {
    const FieldSpec& spec = flow.spec();
    settles_ = spec.regularizer == Regularizer::path && spec.lambda > 0;
    const std::optional<Hinges> hinges = flow.field().hinges();
    if (hinges && spec.rate_b() > 0) {
      held_.emplace(*hinges, time_scale(spec.scaling, flow.total()) * spec.rate_b(),
                    flow.field().scale().unit, spec.constraint == Constraint::sphere);
      residual_.resize(hinges->n);
    }
    const bool meet = held_ ? hinges->activation.offset == 0 : flow.field().homogeneous();
    if (spec.rate_b() == 0 || spec.constraint != Constraint::none) return;
    rate_b_ = time_scale(spec.scaling, flow.total()) * spec.rate_b();
    if (meet) {
      origin_.emplace(flow.d(), held_ ? held_->directions_of_samples() : axes(flow.d()),
                      settles_ ? rate_b_ * spec.lambda : 0);
    } else if (settles_ && flow.d() > 1) {
      aligned_.emplace(flow.d(), rate_b_ * spec.lambda);
    }
  }

  /// Whether there is anything that could hold a particle.
  bool holds() const { return settles_ || held_ || origin_; }
  std::size_t count() const {
    return (held_ ? held_->count() : 0) + (origin_ ? origin_->count() : 0);
  }
  /// Whether particles may chatter because looking for what holds them would take too long.
  bool gave_up() const { return held_ && held_->gave_up(); }

  /// Holds what starts where it is held, and sends off what starts where the velocity turns.
  void begin(State w) {
    if (!origin_ && !held_) return;
    if (held_) flow_.field().residual(w, {residual_.data(), residual_.size()});
    ParticleArray at = fetch(w);
    const bool stands = held_ && held_->begin(at.view(), residual_);
    const bool leaves = origin_ && origin_->begin(at.view(), drift_along(w), planes());
    if (leaves || stands)
      flow_.backend().copy(HostView<const double>(at.values.data(), at.values.size()), w.values);
    upload();
  }

  /// Takes out of the drift at w what held particles may not do.
  void project(ConstState w, State drift) const {
    if (!directions_.particle.empty()) flow_.backend().project_out(held_view(), w, drift);
  }
  /// Puts held particles, whose directions have been normalised, back on their planes.
  void place(State w) const {
    if (!directions_.level.empty()) flow_.backend().place(held_view(), w);
  }

  /// Takes out of a displacement what rests at the kink of the path norm; whether that is looked
  /// for in this flow.
  bool keep_settled(ConstState w, ConstState drift, View<double, B::space> displacement) const {
    if (settles_) flow_.backend().clear_resting(w.values, drift.values, displacement);
    return settles_;
  }

  /// The set of what is held, to go back to after a step that is given up.
  struct Held {
    std::optional<HeldHinges> hinges;
    std::optional<HeldOrigin> origin;
    std::optional<AlignedParticles> aligned;
  };
  Held held() const { return {held_, origin_, aligned_}; }
  void restore(const Held& held) {
    held_ = held.hinges;
    origin_ = held.origin;
    aligned_ = held.aligned;
    upload();
  }

  /// What is held, to or from an archive.
  template <class Archive>
  void exchange(Archive& archive) {
    if (held_) archive(*held_);
    if (origin_) archive(*origin_);
    if (aligned_) archive(*aligned_);
    if (archive.loads()) upload();
  }

  /// Whether any particle is held or kept on its way.
  bool waits() const {
    return count() > 0 || (origin_ && origin_->waits()) || (aligned_ && !aligned_->empty());
  }
  /// Whether capture() could move anything.
  bool may_capture(bool look) const {
    return settles_ || ((held_ || origin_) && (look || (origin_ && origin_->waits())));
  }

  /// What chatter may move the measure, in L2(pi), and J.
  struct Allowed {
    double distance;
    double energy;
    double reach;  // of the differences by which a method finds its stability, for one particle
  };
  /// A step of size h, with both drifts without what was held.
  struct TakenStep {
    ConstState before, drift_before, drift_after;
    State after;
    double h;
  };
  /// Moves particles at the end of a step onto kinks that hold them. How far, in L2(pi); empty
  /// where none was moved.
  std::optional<double> capture(const TakenStep& taken, const Allowed& allowed, bool look) {
    const State after = taken.after;
    const double h = taken.h;
    double squared = 0;
    bool captured = false;
    if (settles_) {
      // At b = 0 hinges have a say too.
      FieldSpec spec = flow_.spec();
      if (origin_) spec.mobility_b = 0;
      flow_.backend().settle(spec, h, taken.before, taken.drift_after, after, settled_.view());
      flow_.backend().read(std::as_const(settled_).view(), {&squared, 1});
      captured = squared > 0;
    }
    if ((held_ || origin_) && (look || (origin_ && origin_->waits()))) {
      const ParticleArray w0 = fetch(taken.before), f0 = fetch(taken.drift_before),
                          f1 = fetch(taken.drift_after);
      ParticleArray w1 = fetch(after);
      if (held_) flow_.field().residual(after, {residual_.data(), residual_.size()});
      const double m = static_cast<double>(flow_.m());
      const FieldSpec& spec = flow_.spec();
      const double time = time_scale(spec.scaling, flow_.m());
      // The decay is mu/(T^2 M) times the mean of |drift|^2.
      const double decay =
          dissipation_factor(spec.scaling, flow_.m()) / (time * time * spec.rate_b() * m);
      const HeldHinges::StepView step{w0.view(),
                                      f0.view(),
                                      f1.view(),
                                      residual_,
                                      h,
                                      allowed.distance * std::sqrt(m) / h,
                                      allowed.energy / (h * decay),
                                      allowed.reach};
      std::optional<double> distance;
      if (held_) distance = held_->capture(step, w1.view());
      if (origin_) {
        const auto drawn =
            origin_->capture(step, drift_along(after), held_ ? &*held_ : nullptr, w1.view());
        if (drawn) distance = distance.value_or(0) + *drawn;
      }
      if (distance) {
        flow_.backend().copy(HostView<const double>(w1.values.data(), w1.values.size()),
                             after.values);
        upload();
        squared += *distance;
        captured = true;
      }
    }
    if (!captured) return {};
    flow_.retract(after);
    place(after);
    return std::sqrt(squared / static_cast<double>(flow_.m()));
  }

  /// After a step of size h to `after`, with its drift as the field gives it: puts particles near b
  /// = 0 on the rays that their directions follow, where these are nearer than `distance`. How far
  /// that moves the measure, in L2(pi); empty where nothing has changed.
  std::optional<double> align(State after, ConstState drift, double h, double distance, bool look) {
    if (!aligned_ || !(look || !aligned_->empty())) return {};
    ParticleArray at = fetch(after);
    const ParticleArray f = waits() ? raw_ : fetch(drift);
    const std::optional<double> squared = aligned_->update(at.view(), f.view(), h, distance, look);
    if (!squared) return {};
    flow_.backend().copy(HostView<const double>(at.values.data(), at.values.size()), after.values);
    upload();
    return std::sqrt(*squared / static_cast<double>(flow_.m()));
  }

  /// Keeps the drift at the end of a step as the field gives it, before project().
  void remember(ConstState drift) {
    if (waits()) raw_ = fetch(drift);
  }
  /// What has changed: nothing, the drift alone, or the state too.
  enum class Released { nothing, drift, state };
  /// Releases what is no longer held at w, whose drift was remembered; then `drift` is the new one.
  Released release(State w, State drift) {
    if (count() == 0 && !(origin_ && origin_->waits())) return Released::nothing;
    ParticleArray at = fetch(w);
    bool any = false;
    if (held_) {
      flow_.field().residual(w, {residual_.data(), residual_.size()});
      any = held_->release(at.view(), raw_.view(), residual_);
    }
    const bool turns = origin_ && origin_->waits() &&
                       origin_->release(at.view(), raw_.view(), drift_along(w), planes());
    if (!any && !turns) return Released::nothing;
    upload();
    flow_.backend().copy(HostView<const double>(at.values.data(), at.values.size()), w.values);
    flow_.retract(w);
    flow_.backend().copy(HostView<const double>(raw_.values.data(), raw_.values.size()),
                         drift.values);
    place(w);
    project(w, drift);
    return turns ? Released::state : Released::drift;
  }

 private:
  /// +-e_k.
  static std::vector<double> axes(std::size_t d) {
    std::vector<double> rows(2 * d * d);
    for (std::size_t r = 0; r < 2 * d; ++r) rows[r * d + r / 2] = r % 2 == 0 ? 1 : -1;
    return rows;
  }
  OriginPlanes planes() { return {held_ ? &*held_ : nullptr, &residual_}; }
  /// Of the measure w, by the residuals at hand or by test particles.
  DriftAlong drift_along(ConstState w) const {
    return [this, w](double a, const std::vector<double>& directions) {
      if (held_) return held_->drift_along(a, residual_, directions);
      const std::size_t d = flow_.d();
      const std::size_t count = directions.size() / d;
      ParticleArray tests(count, d);
      for (std::size_t r = 0; r < count; ++r) {
        tests.values[r] = a;
        for (std::size_t k = 0; k < d; ++k)
          tests.values[(1 + k) * count + r] = directions[r * d + k];
      }
      Buffer<double, B::space> at, v;
      upload(tests.values, at);
      upload(tests.values, v);
      const State out(v.view(), count, d);
      flow_.field().probe(w, ConstState(at.view(), count, d), out);
      const ParticleArray found = fetch(out);
      std::vector<double> drift(directions.size());
      for (std::size_t r = 0; r < count; ++r) {
        for (std::size_t k = 0; k < d; ++k)
          drift[r * d + k] = -rate_b_ * found.values[(1 + k) * count + r];
      }
      return drift;
    };
  }
  ParticleArray fetch(ConstState w) const {
    ParticleArray particles(w.m, w.d);
    flow_.backend().copy(w.values,
                         HostView<double>(particles.values.data(), particles.values.size()));
    return particles;
  }
  template <class T>
  void upload(const std::vector<T>& from, Buffer<T, B::space>& to) const {
    to = flow_.backend().template allocate<T>(from.size());
    flow_.backend().template copy<T>(HostView<const T>(from.data(), from.size()), to.view());
  }
  void upload() {
    directions_ = held_ ? held_->directions() : HeldDirections{};
    if (aligned_) directions_ = aligned_->join(directions_);
    if (origin_) directions_ = origin_->join(directions_);
    upload(directions_.particle, particle_);
    upload(directions_.begin, begin_);
    upload(directions_.rows, rows_);
    upload(directions_.level, level_);
  }
  HeldView<B::space> held_view() const {
    return {particle_.view(), begin_.view(), rows_.view(), level_.view()};
  }

  const GradientFlow<B>& flow_;
  bool settles_ = false;
  std::optional<HeldHinges> held_;
  std::optional<HeldOrigin> origin_;
  std::optional<AlignedParticles> aligned_;
  Buffer<double, B::space> settled_;
  double rate_b_ = 0;  // dw_b/dt = -rate v_b
  HeldDirections directions_;
  Buffer<std::uint64_t, B::space> particle_, begin_;
  Buffer<double, B::space> rows_, level_;
  std::vector<double> residual_;
  ParticleArray raw_;
};

}  // namespace mckean
