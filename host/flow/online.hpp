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
  using typename Field<B>::Slot;

  /// `law` gives the risk and the full velocity: the closed form, or a large fixed sample.
  Online(const B& backend, const A& activation, Scaling scaling, std::size_t batch, std::size_t d,
         DrawStep draw, std::unique_ptr<Field<B>> law)
      : Field<B>(backend),
        activation_(activation),
        scaling_(scaling),
        draw_(std::move(draw)),
        law_(std::move(law)),
        samples_(backend, batch, d),
        x_(batch * d),
        y_(batch) {}

  void full_velocity(ConstState w, State v) const override { law_->full_velocity(w, v); }
  bool deterministic() const override { return false; }
  double interactions(std::size_t m) const override {
    return static_cast<double>(m) * static_cast<double>(samples_.size());
  }
  double full_interactions(std::size_t m) const override { return law_->full_interactions(m); }
  void spread(const Communicator<B::space>* ranks) override {
    law_->spread(ranks);
    this->set_ranks(ranks);
  }

 private:
  void write_velocity(ConstState w, State v, std::uint64_t step, Slot risk) const override {
    draw_(step, {x_.data(), x_.size()}, {y_.data(), y_.size()});
    samples_.assign(this->backend(), {x_.data(), x_.size()}, {y_.data(), y_.size()});
    sampled_field<B>(this->backend(), activation_, w,
                     {output_scale(scaling_, w.ensemble.total), this->ranks()}, samples_.view(), v,
                     risk);
  }
  void write_risk(ConstState w, Slot risk) const override { law_->risk(w, risk); }

  A activation_;
  Scaling scaling_;
  DrawStep draw_;
  std::unique_ptr<Field<B>> law_;
  mutable SampleBuffers<B> samples_;
  mutable std::vector<double> x_;
  mutable std::vector<double> y_;
};

}  // namespace mckean
