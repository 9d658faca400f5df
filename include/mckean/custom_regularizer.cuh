// A regulariser of a user's own on CUDA devices; included by <mckean/cuda.cuh>.
#pragma once

#include <cuda_runtime.h>

#include <memory>
#include <utility>

#include "kernels/cuda/launch.cuh"
#include "mckean/custom_regularizer.hpp"

namespace mckean {
namespace detail {

/// One thread a particle.
template <class R>
struct RegularizerArgs {
  static constexpr unsigned threads = 256;
  R r;
  RegularizedParticles w;
  double* out;
};

template <class R>
__global__ void regularizer_values(const RegularizerArgs<R> args) {
  const std::size_t j = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (j < args.w.m) args.out[j] = args.w.value(args.r, j);
}
template <class R>
__global__ void regularizer_gradient(const RegularizerArgs<R> args) {
  const std::size_t j = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (j < args.w.m) args.w.add_gradient(args.r, j, args.out);
}

/// On the device of the stream.
template <class R>
void launch_regularizer(void* stream, void (*kernel)(RegularizerArgs<R>),
                        const RegularizerArgs<R>& args) {
  const auto on = static_cast<cudaStream_t>(stream);
  int device = 0;
  cuda::check(cudaStreamGetDevice(on, &device), "cudaStreamGetDevice");
  const cuda::DeviceGuard guard(device);
  cuda::launch(on, divide_up(args.w.m, RegularizerArgs<R>::threads), 1, kernel, args);
}

}  // namespace detail

/// A functor for the CPU and for CUDA devices: `model.regularizer = cuda_regularizer(Quartic{});`.
template <RegularizerFunctor R>
ModelRegularizer cuda_regularizer(R own) {
  auto both = std::make_shared<detail::OwnedRegularizer<R>>(std::move(own));
  both->values_on_device = [](const void* functor, const RegularizedParticles& w, void* stream,
                              double* r) {
    detail::launch_regularizer<R>(stream, detail::regularizer_values<R>,
                                  {*static_cast<const R*>(functor), w, r});
  };
  both->add_gradient_on_device = [](const void* functor, const RegularizedParticles& w,
                                    void* stream, double* v) {
    detail::launch_regularizer<R>(stream, detail::regularizer_gradient<R>,
                                  {*static_cast<const R*>(functor), w, v});
  };
  return ModelRegularizer(std::shared_ptr<const CustomRegularizer>(std::move(both)));
}

}  // namespace mckean
