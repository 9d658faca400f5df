// A user's own functors as functions of a back end on a device, whose templates are at hand.
#pragma once

#include <memory>
#include <utility>

#include "mckean/custom_activation.hpp"

namespace mckean::detail {

/// The operations of B with an activation A, for B::Real.
template <class B, Activation A>
ActivationOnDevice<typename B::Real> activation_on() {
  using On = ActivationOnDevice<typename B::Real>;
  return {[](const void* functor, const void* backend, typename On::Weights w,
             const typename On::Output& output, const typename On::Data& samples,
             typename On::Scalars f) {
            static_cast<const B*>(backend)->predict(*static_cast<const A*>(functor), w, output,
                                                    samples, f);
          },
          [](const void* functor, const void* backend, typename On::Weights w,
             const typename On::Output& output, const typename On::Data& samples,
             Particles<double, Space::device> v, typename On::Scalars risk) {
            static_cast<const B*>(backend)->sampled_field(*static_cast<const A*>(functor), w,
                                                          output, samples, v, risk);
          }};
}

}  // namespace mckean::detail
