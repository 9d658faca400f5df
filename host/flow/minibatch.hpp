// The field of a mini-batch of the data, another one at each step.
#pragma once

#include "host/flow/sampled_data.hpp"

namespace mckean {

/// Batches of `batch` rows, 1 <= batch <= n: with replacement independent draws; without, the
/// batches of an epoch of floor(n/batch) steps have no row in common (mckean/formula/batch.hpp).
template <Backend B, class A = AnyActivation>
class MiniBatch : public Field<B> {
 public:
  using typename Field<B>::State;
  using typename Field<B>::ConstState;
  using typename Field<B>::Slot;

  MiniBatch(const B& backend, const A& activation, Scaling scaling, HostView<const double> x,
            HostView<const double> y, std::size_t d, std::size_t batch, bool replacement,
            std::uint64_t seed)
      : Field<B>(backend),
        activation_(activation),
        scaling_(scaling),
        all_(backend, activation, scaling, x, y, d),
        batch_(backend, batch, d),
        draw_{seed, 0, replacement} {}

  void full_velocity(ConstState w, State v) const override { all_.velocity(w, v, 0); }
  bool deterministic() const override { return false; }
  double interactions(std::size_t m) const override {
    return static_cast<double>(m) * static_cast<double>(batch_.size());
  }
  double full_interactions(std::size_t m) const override { return all_.interactions(m); }
  void spread(const Communicator<B::space>* ranks) override {
    this->set_ranks(ranks);
    all_.spread(ranks);
  }

 private:
  void write_velocity(ConstState w, State v, std::uint64_t step, Slot risk) const override {
    BatchDraw draw = draw_;
    draw.step = step;
    this->backend().gather_batch(draw, all_.samples(), batch_.x(), batch_.y());
    sampled_field<B>(this->backend(), activation_, w,
                     {output_scale(scaling_, w.ensemble.total), this->ranks()}, batch_.view(), v,
                     risk);
  }
  void write_risk(ConstState w, Slot risk) const override { all_.risk(w, risk); }

  A activation_;
  Scaling scaling_;
  SampledData<B, A> all_;
  mutable SampleBuffers<B> batch_;
  BatchDraw draw_;
};

}  // namespace mckean
