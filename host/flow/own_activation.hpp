// The sampled field of whatever activation a model has: the library's, or a user's own on any back
// end.
#pragma once

#include <type_traits>

#include "kernels/backend.hpp"
#include "mckean/custom_activation.hpp"
#include "mckean/error.hpp"

namespace mckean {

/// The device functions of a user's own activation; null for the library's, and on the host, whose
/// back end has loops for both. InputError where the functor has none for a device.
template <Backend B, class A>
const ActivationOnDevice<typename B::Real>* own_on_device(const A& activation) {
  if constexpr (B::space == Space::device && std::is_same_v<A, AnyActivation>) {
    if (activation.kind != ActivationKind::custom) return nullptr;
    const auto& own = activation.custom->template on_device<typename B::Real>();
    if (own.predict == nullptr) {
      throw InputError(
          "activation: this functor has no device code: make it by cuda_activation() of "
          "<mckean/cuda.cuh> in a .cu file, or choose the device cpu");
    }
    return &own;
  } else {
    return nullptr;
  }
}

/// B::predict.
template <Backend B, class A>
void predict(const B& backend, const A& activation, Particles<const double, B::space> w,
             const NetworkOutput<B::space>& output, Samples<typename B::Real, B::space> samples,
             View<double, B::space> f) {
  if constexpr (B::space == Space::device && std::is_same_v<A, AnyActivation>) {
    if (const auto* const own = own_on_device<B>(activation)) {
      own->predict(activation.custom->functor, &backend, w, output, samples, f);
      return;
    }
  }
  backend.predict(activation, w, output, samples, f);
}

/// What sampled_field writes: the velocity, and R where there is a slot for it.
template <Space S>
struct VelocityAndRisk {
  Particles<double, S> v;
  View<double, S> risk;
};

/// B::sampled_field.
template <Backend B, class A>
void sampled_field(const B& backend, const A& activation, Particles<const double, B::space> w,
                   const NetworkOutput<B::space>& output,
                   Samples<typename B::Real, B::space> samples,
                   const VelocityAndRisk<B::space>& out) {
  if constexpr (B::space == Space::device && std::is_same_v<A, AnyActivation>) {
    if (const auto* const own = own_on_device<B>(activation)) {
      own->sampled_field(activation.custom->functor, &backend, w, output, samples, out.v, out.risk);
      return;
    }
  }
  backend.sampled_field(activation, w, output, samples, out.v, out.risk);
}

}  // namespace mckean
