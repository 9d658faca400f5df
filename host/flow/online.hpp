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

/// `size` of them at each step, in dimension d.
struct FreshSamples {
  std::size_t size = 0;
  std::size_t d = 0;
  DrawStep draw;
};

template <Backend B, class A = AnyActivation>
class Online : public Field<B> {
 public:
  using typename Field<B>::State;
  using typename Field<B>::ConstState;
  using typename Field<B>::Slot;

  /// `law` gives the risk and the full velocity: the closed form, or a large fixed sample.
  Online(const B& backend, const A& activation, Scaling scaling, FreshSamples samples,
         std::unique_ptr<Field<B>> law)
      : Field<B>(backend),
        activation_(activation),
        scaling_(scaling),
        samples_(std::move(samples)),
        law_(std::move(law)) {}

  void full_velocity(ConstState w, State v) const override { law_->full_velocity(w, v); }
  bool deterministic() const override { return false; }
  double interactions(std::size_t m) const override {
    return static_cast<double>(m) * static_cast<double>(samples_.size);
  }
  double full_interactions(std::size_t m) const override { return law_->full_interactions(m); }
  void spread(const Communicator<B::space>* ranks) override {
    law_->spread(ranks);
    this->set_ranks(ranks);
  }

 private:
  void write_velocity(ConstState w, State v, std::uint64_t step, Slot risk) const override {
    std::vector<double> x(samples_.size * samples_.d), y(samples_.size);
    samples_.draw(step, {x.data(), x.size()}, {y.data(), y.size()});
    const SampleBuffers<B> drawn(this->backend(), {x.data(), x.size()}, {y.data(), y.size()},
                                 samples_.d);
    sampled_field<B>(this->backend(), activation_, w,
                     {output_scale(scaling_, w.ensemble.total), this->ranks()}, drawn.view(),
                     {v, risk});
  }
  void write_risk(ConstState w, Slot risk) const override { law_->risk(w, risk); }

  A activation_;
  Scaling scaling_;
  FreshSamples samples_;
  std::unique_ptr<Field<B>> law_;
};

}  // namespace mckean
