// The population field over all pairs on the GPU.
#include "kernels/cuda/cuda_backend.hpp"
#include "kernels/cuda/executor.cuh"
#include "kernels/cuda/pairwise_field_operation.cuh"

namespace mckean {

template <class FieldReal>
void CudaBackend<FieldReal>::add_pairwise_field(const PairKernel& kernel, ConstState w,
                                                ConstState atoms, double weight, State v) const {
  cuda::CudaExecutor executor(*context_, "add_pairwise_field");
  cuda::add_pairwise_field<Real>(executor, kernel, w, atoms, weight, v);
}

template <class FieldReal>
void CudaBackend<FieldReal>::pairwise_energy(const PairKernel& kernel, ConstState left,
                                             ConstState right, Vector energy) const {
  cuda::CudaExecutor executor(*context_, "pairwise_energy");
  cuda::pairwise_energy(executor, kernel, left, right, energy);
}

#define MCKEAN_INSTANTIATE(Real)                                                                 \
  template void CudaBackend<Real>::add_pairwise_field(const PairKernel&, ConstState, ConstState, \
                                                      double, State) const;                      \
  template void CudaBackend<Real>::pairwise_energy(const PairKernel&, ConstState, ConstState,    \
                                                   Vector) const;
MCKEAN_INSTANTIATE(float)
MCKEAN_INSTANTIATE(double)
#undef MCKEAN_INSTANTIATE

}  // namespace mckean
