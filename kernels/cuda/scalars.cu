// Sums over particles and over flat arrays on the GPU, and what is computed from them.
#include "kernels/cuda/cuda_backend.hpp"
#include "kernels/cuda/executor.cuh"
#include "kernels/cuda/scalars_operation.cuh"

namespace mckean {

using cuda::CudaExecutor;

template <class FieldReal>
void CudaBackend<FieldReal>::inner_products(const InnerProducts<space>& products,
                                            Vector out) const {
  CudaExecutor executor(*context_, "inner_products");
  cuda::inner_products(executor, products, out);
}

template <class FieldReal>
void CudaBackend<FieldReal>::squared_norms(const LinearTerms<space>& terms, std::size_t m,
                                           std::size_t d, Vector norms) const {
  CudaExecutor executor(*context_, "squared_norms");
  cuda::squared_norms(executor, terms, m, d, norms);
}

template <class FieldReal>
void CudaBackend<FieldReal>::particle_sums(Regularizer regularizer, int radial_power, ConstState w,
                                           Vector sums) const {
  CudaExecutor executor(*context_, "particle_sums");
  cuda::particle_sums(executor, regularizer, radial_power, w, sums);
}

template <class FieldReal>
void CudaBackend<FieldReal>::check_finite(ConstVector values, Vector out) const {
  CudaExecutor executor(*context_, "check_finite");
  cuda::check_finite(executor, values, out);
}

template <class FieldReal>
void CudaBackend<FieldReal>::settle(const FieldSpec& spec, double h, ConstState before,
                                    ConstState drift, State after, Vector squared_distance) const {
  CudaExecutor executor(*context_, "settle");
  cuda::settle(executor, spec, {h, before, drift, after}, squared_distance);
}

template <class FieldReal>
void CudaBackend<FieldReal>::combine_scalars(const ScalarTerms<space>& terms, Vector out) const {
  CudaExecutor executor(*context_, "combine_scalars");
  cuda::combine_scalars(executor, terms, out);
}

template <class FieldReal>
void CudaBackend<FieldReal>::audit_step(const AuditRules& rules, const AuditStep& step,
                                        const AuditSlots<space>& slots, Vector audit) const {
  CudaExecutor executor(*context_, "audit_step");
  cuda::audit_step(executor, rules, step, slots, audit);
}

template <class FieldReal>
void CudaBackend<FieldReal>::copy_if(ConstVector flag, ConstVector from, Vector to) const {
  CudaExecutor executor(*context_, "copy_if");
  cuda::copy_if(executor, flag, from, to);
}

#define MCKEAN_INSTANTIATE(Real)                                                                   \
  template void CudaBackend<Real>::inner_products(const InnerProducts<Space::device>&, Vector)     \
      const;                                                                                       \
  template void CudaBackend<Real>::squared_norms(const LinearTerms<Space::device>&, std::size_t,   \
                                                 std::size_t, Vector) const;                       \
  template void CudaBackend<Real>::particle_sums(Regularizer, int, ConstState, Vector) const;      \
  template void CudaBackend<Real>::check_finite(ConstVector, Vector) const;                        \
  template void CudaBackend<Real>::settle(const FieldSpec&, double, ConstState, ConstState, State, \
                                          Vector) const;                                           \
  template void CudaBackend<Real>::combine_scalars(const ScalarTerms<Space::device>&, Vector)      \
      const;                                                                                       \
  template void CudaBackend<Real>::audit_step(const AuditRules&, const AuditStep&,                 \
                                              const AuditSlots<Space::device>&, Vector) const;     \
  template void CudaBackend<Real>::copy_if(ConstVector, ConstVector, Vector) const;
MCKEAN_INSTANTIATE(float)
MCKEAN_INSTANTIATE(double)
#undef MCKEAN_INSTANTIATE

}  // namespace mckean
