// Particles at kinks of the flow, on any back end: hinges of the activation and of the path norm.
#pragma once

#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "host/flow/gradient_flow.hpp"

namespace mckean {

/// What HeldHinges and the back end's settle() do, between the steps of an adaptive method.
template <Backend B>
class Sliding {
 public:
  using State = Particles<double, B::space>;
  using ConstState = Particles<const double, B::space>;

  explicit Sliding(const GradientFlow<B>& flow) : flow_(flow) {
    const FieldSpec& spec = flow.spec();
    settles_ = spec.regularizer == Regularizer::path && spec.lambda > 0;
    const std::optional<Hinges> hinges = flow.field().hinges();
    if (hinges && spec.rate_b() > 0) {
      held_.emplace(*hinges, time_scale(spec.scaling, flow.m()) * spec.rate_b(),
                    flow.field().scale().unit, spec.constraint == Constraint::sphere);
      residual_.resize(hinges->n);
    }
  }

  /// Whether the velocity of this flow has kinks at all.
  bool kinked() const { return settles_ || held_; }
  std::size_t count() const { return held_ ? held_->count() : 0; }
  /// Whether particles may chatter because looking for what holds them would take too long.
  bool gave_up() const { return held_ && held_->gave_up(); }

  /// Takes out of the drift at w what held particles may not do.
  void project(ConstState w, State drift) const {
    if (!directions_.particle.empty()) flow_.backend().project_out(held_view(), w, drift);
  }
  /// Puts held particles, whose directions have been normalised, back on their planes.
  void place(State w) const {
    if (!directions_.level.empty()) flow_.backend().place(held_view(), w);
  }

  /// Takes out of a displacement what rests at the kink of the path norm.
  void keep_settled(ConstState w, ConstState drift, View<double, B::space> displacement) const {
    if (settles_) flow_.backend().clear_resting(w.values, drift.values, displacement);
  }

  /// The set of what is held, to go back to after a step that is given up.
  struct Held {
    std::optional<HeldHinges> hinges;
  };
  Held held() const { return {held_}; }
  void restore(const Held& held) {
    held_ = held.hinges;
    upload();
  }

  /// What chatter may move the measure, in L2(pi), and J.
  struct Allowed {
    double distance;
    double energy;
  };
  /// After a step of size h from `before`, with both drifts without what was held: moves particles
  /// of `after` onto kinks that hold them. How far, in L2(pi); empty where none was moved.
  std::optional<double> capture(ConstState before, ConstState drift_before, ConstState drift_after,
                                State after, double h, const Allowed& allowed,
                                bool look_for_hinges) {
    double squared = 0;
    bool moved = false;
    if (settles_) {
      squared += flow_.backend().settle(flow_.spec(), h, before, drift_after, after);
      moved = squared > 0;
    }
    if (held_ && look_for_hinges) {
      const ParticleArray w0 = fetch(before), f0 = fetch(drift_before), f1 = fetch(drift_after);
      ParticleArray w1 = fetch(after);
      flow_.field().residual(after, {residual_.data(), residual_.size()});
      const double m = static_cast<double>(flow_.m());
      const FieldSpec& spec = flow_.spec();
      const double time = time_scale(spec.scaling, flow_.m());
      // The decay is mu/(T^2 M) times the mean of |drift|^2.
      const double decay =
          dissipation_factor(spec.scaling, flow_.m()) / (time * time * spec.rate_b() * m);
      const auto distance =
          held_->capture({w0.view(), f0.view(), f1.view(), residual_, h,
                          allowed.distance * std::sqrt(m) / h, allowed.energy / (h * decay)},
                         w1.view());
      if (distance) {
        flow_.backend().copy(HostView<const double>(w1.values.data(), w1.values.size()),
                             after.values);
        upload();
        squared += *distance;
        moved = true;
      }
    }
    if (!moved) return {};
    flow_.retract(after);
    place(after);
    return std::sqrt(squared / static_cast<double>(flow_.m()));
  }

  /// Keeps the drift at the end of a step as the field gives it, before project().
  void remember(ConstState drift) {
    if (count() > 0) raw_ = fetch(drift);
  }
  /// Releases what is no longer held at w, whose drift was remembered; then `drift` is the new one.
  void release(State w, State drift) {
    if (count() == 0) return;
    ParticleArray at = fetch(w);
    flow_.field().residual(w, {residual_.data(), residual_.size()});
    if (!held_->release(at.view(), raw_.view(), residual_)) return;
    upload();
    flow_.backend().copy(HostView<const double>(at.values.data(), at.values.size()), w.values);
    flow_.retract(w);
    flow_.backend().copy(HostView<const double>(raw_.values.data(), raw_.values.size()),
                         drift.values);
    place(w);
    project(w, drift);
  }

 private:
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
  HeldDirections directions_;
  Buffer<std::uint64_t, B::space> particle_, begin_;
  Buffer<double, B::space> rows_, level_;
  std::vector<double> residual_;
  ParticleArray raw_;
};

}  // namespace mckean
