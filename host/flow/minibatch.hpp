// The field of a mini-batch of the data, another one at each step.
#pragma once

#include "host/flow/sampled_data.hpp"

namespace mckean {

/// Batches of `size` rows, 1 <= size <= n: with replacement independent draws; without, the batches
/// of an epoch of floor(n/size) steps have no row in common (mckean/formula/batch.hpp).
struct BatchRule {
  std::size_t size = 0;
  bool replacement = false;
  std::uint64_t seed = 1;
};

template <Backend B, class A = AnyActivation>
class MiniBatch : public Field<B> {
 public:
  using typename Field<B>::State;
  using typename Field<B>::ConstState;
  using typename Field<B>::Slot;

  /// As SampledData, of which the risk is.
  MiniBatch(const B& backend, const A& activation, Scaling scaling, const HostSamples& data,
            const BatchRule& batch)
      : Field<B>(backend),
        activation_(activation),
        scaling_(scaling),
        all_(backend, activation, scaling, data.x, data.y, data.d),
        size_(batch.size),
        draw_{batch.seed, 0, batch.replacement} {}

  void full_velocity(ConstState w, State v) const override { all_.velocity(w, v, 0); }
  bool deterministic() const override { return false; }
  double interactions(std::size_t m) const override {
    return static_cast<double>(m) * static_cast<double>(size_);
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
    SampleBuffers<B> batch(this->backend(), size_, w.d);
    this->backend().gather_batch(draw, all_.samples(), batch.x(), batch.y());
    sampled_field<B>(this->backend(), activation_, w,
                     {output_scale(scaling_, w.ensemble.total), this->ranks()},
                     std::as_const(batch).view(), {v, risk});
  }
  void write_risk(ConstState w, Slot risk) const override { all_.risk(w, risk); }

  A activation_;
  Scaling scaling_;
  SampledData<B, A> all_;
  std::size_t size_;
  BatchDraw draw_;
};

}  // namespace mckean
