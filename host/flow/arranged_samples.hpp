// Samples that stay the same, as a back end likes them best for one activation.
#pragma once

#include <memory>
#include <optional>

#include "host/flow/own_activation.hpp"

namespace mckean {

/// predict() and sampled_field() for an activation and samples, whose memory outlives this.
template <Backend B, class A>
class ArrangedSamples {
 public:
  /// `linear` is the activation where that is piecewise linear.
  ArrangedSamples(const B& backend, const A& activation,
                  const std::optional<PiecewiseLinear>& linear,
                  Samples<typename B::Real, B::space> samples)
      : activation_(activation), linear_(linear), samples_(samples) {
    if constexpr (ArrangesSamples<B>) {
      if (linear_) arranged_ = backend.arrange(*linear_, samples_);
    }
  }

  void predict(const B& backend, Particles<const double, B::space> w,
               const NetworkOutput<B::space>& output, View<double, B::space> f) const {
    if constexpr (ArrangesSamples<B>) {
      if (arranged_ != nullptr) return backend.predict(*arranged_, *linear_, w, output, f);
    }
    mckean::predict(backend, activation_, w, output, samples_, f);
  }
  void field(const B& backend, Particles<const double, B::space> w,
             const NetworkOutput<B::space>& output, const VelocityAndRisk<B::space>& out) const {
    if constexpr (ArrangesSamples<B>) {
      if (arranged_ != nullptr) {
        return backend.sampled_field(*arranged_, *linear_, w, output, samples_.y, out.v, out.risk);
      }
    }
    sampled_field(backend, activation_, w, output, samples_, out);
  }

 private:
  struct Nothing {};
  template <class T>
  struct ArrangementOf {
    using type = Nothing;
  };
  template <ArrangesSamples T>
  struct ArrangementOf<T> {
    using type = typename T::Arrangement;
  };

  A activation_;
  std::optional<PiecewiseLinear> linear_;
  Samples<typename B::Real, B::space> samples_;
  std::unique_ptr<const typename ArrangementOf<B>::type> arranged_;
};

}  // namespace mckean
