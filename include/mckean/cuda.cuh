// Activations and regularisers of a user's own on CUDA devices: include this in a .cu file, hand
// the model that it makes to code in the same or in any other file. Flags:
// --expt-relaxed-constexpr.
#pragma once

#include <cuda_runtime.h>

#include "kernels/cuda/sampled_field_launch.cuh"
#include "mckean/custom_regularizer.cuh"
#include "mckean/device_code.hpp"
#include "mckean/model.hpp"

namespace mckean {

/// A functor for the CPU and for CUDA devices: `model.activation = cuda_activation(Sine{});`.
template <Activation A>
ModelActivation cuda_activation(A own) {
  auto both = std::make_shared<detail::OwnedActivation<A>>(std::move(own));
  both->on_device_in_float = detail::activation_on<CudaBackend<float>, A>();
  both->on_device_in_double = detail::activation_on<CudaBackend<double>, A>();
  return ModelActivation(std::shared_ptr<const CustomActivation>(std::move(both)));
}

}  // namespace mckean
