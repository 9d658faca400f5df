// CudaBackend::predict and sampled_field for any activation functor: include this in a .cu to use
// your own.
#pragma once

#include "kernels/cuda/cuda_backend.hpp"
#include "kernels/cuda/executor.cuh"
#include "kernels/cuda/sampled_field_sequence.cuh"

namespace mckean {
namespace cuda {

template <class Real>
FieldProblem<Real> field_problem(Particles<const double, Space::device> w, double scale,
                                 const Samples<Real, Space::device>& samples) {
  MCKEAN_EXPECT(w.d == samples.d && samples.x.size() == samples.n * samples.d);
  return {w.values.data(), w.m, w.d, samples.x.data(), samples.y.data(), samples.n, scale};
}

}  // namespace cuda

template <class FieldReal>
template <Activation A>
void CudaBackend<FieldReal>::predict(const A& activation, ConstState w, double scale,
                                     Samples<Real, space> samples, Vector f) const {
  MCKEAN_EXPECT(f.size() == samples.n);
  cuda::CudaExecutor executor(*context_);
  cuda::SampledField<Real, A>(activation, cuda::field_problem(w, scale, samples))
      .predict(executor, f.data());
}

template <class FieldReal>
template <Activation A>
double CudaBackend<FieldReal>::sampled_field(const A& activation, ConstState w, double scale,
                                             Samples<Real, space> samples, State v) const {
  MCKEAN_EXPECT(v.m == w.m && v.d == w.d && samples.y.size() == samples.n);
  cuda::CudaExecutor executor(*context_);
  return cuda::SampledField<Real, A>(activation, cuda::field_problem(w, scale, samples))
      .velocity(executor, v.values.data());
}

}  // namespace mckean
