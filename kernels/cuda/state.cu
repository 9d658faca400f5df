// The state operations on the GPU.
#include "kernels/cuda/cuda_backend.hpp"
#include "kernels/cuda/executor.cuh"
#include "kernels/cuda/state_operation.cuh"

namespace mckean {

using cuda::CudaExecutor;

template <class FieldReal>
void CudaBackend<FieldReal>::linear_combination(const LinearTerms<space>& terms, Vector out) const {
  CudaExecutor executor(*context_, "linear_combination");
  cuda::linear_combination(executor, terms, out);
}

template <class FieldReal>
void CudaBackend<FieldReal>::add_radial_field(double coefficient, int power, ConstState w,
                                              State v) const {
  CudaExecutor executor(*context_, "add_radial_field");
  cuda::add_radial_field(executor, coefficient, power, w, v);
}

template <class FieldReal>
void CudaBackend<FieldReal>::finish_drift(const FieldSpec& spec, ConstState w, State v) const {
  CudaExecutor executor(*context_, "finish_drift");
  cuda::finish_drift(executor, spec, w, v);
}

template <class FieldReal>
void CudaBackend<FieldReal>::project_out(const HeldView<space>& held, ConstState w, State v) const {
  CudaExecutor executor(*context_, "project_out");
  cuda::project_out(executor, held, w, v);
}

template <class FieldReal>
void CudaBackend<FieldReal>::place(const HeldView<space>& held, State w) const {
  CudaExecutor executor(*context_, "place");
  cuda::place(executor, held, w);
}

template <class FieldReal>
void CudaBackend<FieldReal>::clear_resting(ConstVector w, ConstVector drift, Vector v) const {
  CudaExecutor executor(*context_, "clear_resting");
  cuda::clear_resting(executor, w, drift, v);
}

template <class FieldReal>
void CudaBackend<FieldReal>::normalize_directions(State w) const {
  CudaExecutor executor(*context_, "normalize_directions");
  cuda::normalize_directions(executor, w);
}

template <class FieldReal>
void CudaBackend<FieldReal>::add_noise(const FieldSpec& spec, double amplitude, std::uint64_t seed,
                                       std::uint64_t step, State w) const {
  CudaExecutor executor(*context_, "add_noise");
  cuda::add_noise(executor, spec, {amplitude, seed, step}, w);
}

#define MCKEAN_INSTANTIATE(Real)                                                                  \
  template void CudaBackend<Real>::linear_combination(const LinearTerms<Space::device>&, Vector)  \
      const;                                                                                      \
  template void CudaBackend<Real>::add_radial_field(double, int, ConstState, State) const;        \
  template void CudaBackend<Real>::finish_drift(const FieldSpec&, ConstState, State) const;       \
  template void CudaBackend<Real>::project_out(const HeldView<Space::device>&, ConstState, State) \
      const;                                                                                      \
  template void CudaBackend<Real>::place(const HeldView<Space::device>&, State) const;            \
  template void CudaBackend<Real>::clear_resting(ConstVector, ConstVector, Vector) const;         \
  template void CudaBackend<Real>::normalize_directions(State) const;                             \
  template void CudaBackend<Real>::add_noise(const FieldSpec&, double, std::uint64_t,             \
                                             std::uint64_t, State) const;
MCKEAN_INSTANTIATE(float)
MCKEAN_INSTANTIATE(double)
#undef MCKEAN_INSTANTIATE

}  // namespace mckean
