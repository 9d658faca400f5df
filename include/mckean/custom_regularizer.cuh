// A regulariser of a user's own on CUDA devices; included by <mckean/cuda.cuh>.
#pragma once

#include <cuda_runtime.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "mckean/custom_regularizer.hpp"

namespace mckean {
namespace detail {

template <class R>
__global__ void regularizer_values(const R r, const RegularizedParticles w, double* out) {
  const std::size_t j = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (j < w.m) out[j] = w.value(r, j);
}
template <class R>
__global__ void regularizer_gradient(const R r, const RegularizedParticles w, double* v) {
  const std::size_t j = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (j < w.m) w.add_gradient(r, j, v);
}

/// One thread a particle.
template <class R, class Kernel>
void launch_regularizer(const R& r, const RegularizedParticles& w, void* stream, double* out,
                        Kernel kernel) {
  constexpr unsigned threads = 256;
  const auto blocks = static_cast<unsigned>((w.m + threads - 1) / threads);
  kernel<<<blocks, threads, 0, static_cast<cudaStream_t>(stream)>>>(r, w, out);
  const cudaError_t error = cudaGetLastError();
  if (error != cudaSuccess)
    throw std::runtime_error(std::string("regularizer: ") + cudaGetErrorString(error));
}

}  // namespace detail

/// A functor for the CPU and for CUDA devices: `model.regularizer = cuda_regularizer(Quartic{});`.
template <RegularizerFunctor R>
ModelRegularizer cuda_regularizer(R own) {
  auto both = std::make_shared<detail::OwnedRegularizer<R>>(std::move(own));
  both->values_on_device = [](const void* functor, const RegularizedParticles& w, void* stream,
                              double* r) {
    detail::launch_regularizer(*static_cast<const R*>(functor), w, stream, r,
                               detail::regularizer_values<R>);
  };
  both->add_gradient_on_device = [](const void* functor, const RegularizedParticles& w,
                                    void* stream, double* v) {
    detail::launch_regularizer(*static_cast<const R*>(functor), w, stream, v,
                               detail::regularizer_gradient<R>);
  };
  return ModelRegularizer(std::shared_ptr<const CustomRegularizer>(std::move(both)));
}

}  // namespace mckean
