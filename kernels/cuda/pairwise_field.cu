// The population field over all pairs on the GPU.
#include "kernels/cuda/cuda_backend.hpp"
#include "kernels/cuda/executor.cuh"
#include "kernels/cuda/pairwise_field_sequence.cuh"

namespace mckean {
namespace {

cuda::ParticlePlanes planes(const Particles<const double, Space::device>& w) {
  return {w.values.data(), w.m, w.d};
}

}  // namespace

template <class FieldReal>
void CudaBackend<FieldReal>::add_pairwise_field(const PairKernel& kernel, ConstState w,
                                                ConstState atoms, double weight, State v) const {
  MCKEAN_EXPECT(w.d == atoms.d && v.m == w.m && v.d == w.d);
  using enum PairKernelKind;
  if (w.m == 0 || atoms.m == 0) return;
  cuda::CudaExecutor executor(*context_);
  double* const out = v.values.data();
  switch (kernel.kind) {
    case arc_cosine:
      return cuda::add_pairwise_field<arc_cosine, Real>(executor, kernel.moment, planes(w),
                                                        planes(atoms), weight, out);
    case arcsine:
      return cuda::add_pairwise_field<arcsine, Real>(executor, kernel.moment, planes(w),
                                                     planes(atoms), weight, out);
    case square:
      return cuda::add_pairwise_field<square, Real>(executor, kernel.moment, planes(w),
                                                    planes(atoms), weight, out);
  }
}

template <class FieldReal>
double CudaBackend<FieldReal>::pairwise_energy(const PairKernel& kernel, ConstState left,
                                               ConstState right) const {
  MCKEAN_EXPECT(left.d == right.d);
  using enum PairKernelKind;
  if (left.m == 0 || right.m == 0) return 0;
  cuda::CudaExecutor executor(*context_);
  switch (kernel.kind) {
    case arcsine:
      return cuda::pairwise_energy<arcsine>(executor, kernel.moment, planes(left), planes(right));
    case square:
      return cuda::pairwise_energy<square>(executor, kernel.moment, planes(left), planes(right));
    case arc_cosine:
      break;
  }
  return cuda::pairwise_energy<arc_cosine>(executor, kernel.moment, planes(left), planes(right));
}

#define MCKEAN_INSTANTIATE(Real)                                                                 \
  template void CudaBackend<Real>::add_pairwise_field(const PairKernel&, ConstState, ConstState, \
                                                      double, State) const;                      \
  template double CudaBackend<Real>::pairwise_energy(const PairKernel&, ConstState, ConstState)  \
      const;
MCKEAN_INSTANTIATE(float)
MCKEAN_INSTANTIATE(double)
#undef MCKEAN_INSTANTIATE

}  // namespace mckean
