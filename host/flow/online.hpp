// The field of fresh samples of a law at each step.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "host/flow/sampled_data.hpp"

namespace mckean {

/// Writes the samples of a step: x (batch x d, row-major) and y (batch); a pure function of the
/// step.
using DrawStep = std::function<void(std::uint64_t step, HostView<double> x, HostView<double> y)>;

template <Backend B, class A = AnyActivation>
class Online : public Field<B> {
 public:
  using typename Field<B>::State;
  using typename Field<B>::ConstState;

  /// `law` gives the risk and the full velocity: the closed form, or a large fixed sample.
  Online(const B& backend, const A& activation, Scaling scaling, std::size_t batch, std::size_t d,
         DrawStep draw, std::unique_ptr<Field<B>> law)
      : backend_(backend),
        activation_(activation),
        scaling_(scaling),
        draw_(std::move(draw)),
        law_(std::move(law)),
        samples_(backend, batch, d),
        x_(batch * d),
        y_(batch) {}

  void velocity(ConstState w, State v, std::uint64_t step) const override {
    velocity_and_risk(w, v, step);
  }
  double velocity_and_risk(ConstState w, State v, std::uint64_t step) const override {
    draw_(step, {x_.data(), x_.size()}, {y_.data(), y_.size()});
    samples_.assign(backend_, {x_.data(), x_.size()}, {y_.data(), y_.size()});
    return backend_.sampled_field(activation_, w, output_scale(scaling_, w.m), samples_.view(), v);
  }
  double risk(ConstState w) const override { return law_->risk(w); }
  void full_velocity(ConstState w, State v) const override { law_->full_velocity(w, v); }
  bool deterministic() const override { return false; }
  double interactions(std::size_t m) const override {
    return static_cast<double>(m) * static_cast<double>(samples_.size());
  }

 private:
  const B& backend_;
  A activation_;
  Scaling scaling_;
  DrawStep draw_;
  std::unique_ptr<Field<B>> law_;
  mutable SampleBuffers<B> samples_;
  mutable std::vector<double> x_;
  mutable std::vector<double> y_;
};

}  // namespace mckean
