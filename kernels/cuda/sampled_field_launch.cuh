// CudaBackend::predict and sampled_field for any activation functor: include this in a .cu to use
// your own.
#pragma once

#include "kernels/cuda/cuda_backend.hpp"
#include "kernels/cuda/executor.cuh"
#include "kernels/cuda/sampled_field_operation.cuh"

namespace mckean {

template <class FieldReal>
template <Activation A>
void CudaBackend<FieldReal>::predict(const A& activation, ConstState w, const Output& output,
                                     Samples<Real, space> samples, Vector f) const {
  cuda::CudaExecutor executor(*context_, "predict");
  cuda::predict<Real>(executor, activation, w, output, samples, f);
}

template <class FieldReal>
template <Activation A>
void CudaBackend<FieldReal>::sampled_field(const A& activation, ConstState w, const Output& output,
                                           Samples<Real, space> samples, State v,
                                           Vector risk) const {
  cuda::CudaExecutor executor(*context_, "sampled_field");
  cuda::sampled_field<Real>(executor, activation, w, output, samples, {v, risk});
}

}  // namespace mckean
