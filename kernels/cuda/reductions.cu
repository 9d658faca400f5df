// Launches of the reductions: blocks, then the sum of blocks, then one copy to the host.
#include <array>
#include <cmath>

#include "kernels/cuda/cuda_backend.hpp"
#include "kernels/cuda/executor.cuh"
#include "kernels/cuda/reductions_kernels.cuh"
#include "mckean/formula/motion.hpp"

namespace mckean {
namespace {

template <class Term>
std::array<double, Term::size> sum_terms(CudaContext& context, std::size_t count,
                                         const Term& term) {
  constexpr std::size_t size = Term::size;
  cuda::CudaExecutor executor(context);
  const unsigned blocks = cuda::reduction_blocks(count);
  auto* const partial =
      static_cast<double*>(executor.scratch((blocks + 1) * size * sizeof(double)));
  double* const result = partial + blocks * size;
  executor.run(blocks, 1, cuda::PartialSumArgs<Term>{term, count, partial});
  executor.run(1, 1, cuda::TotalSumArgs<Term::size>{partial, blocks, result});
  std::array<double, size> sums;
  cuda::check(
      cudaMemcpyAsync(sums.data(), result, sizeof(sums), cudaMemcpyDeviceToHost, context.stream),
      "cudaMemcpyAsync");
  cuda::check(cudaStreamSynchronize(context.stream), "cudaStreamSynchronize");
  return sums;
}

}  // namespace

template <class FieldReal>
double CudaBackend<FieldReal>::dissipation(const FieldSpec& spec, ConstState drift) const {
  const DissipationWeights weights(spec, drift.m);
  const ConstVector a = drift.a();
  const ConstVector b = drift.values.subview(drift.m, drift.m * drift.d);
  return weights.a * dot(a, a) + weights.b * dot(b, b);
}

template <class FieldReal>
double CudaBackend<FieldReal>::dot(ConstVector left, ConstVector right) const {
  MCKEAN_EXPECT(left.size() == right.size());
  return sum_terms(*context_, left.size(), cuda::DotTerm{left.data(), right.data()})[0];
}

template <class FieldReal>
double CudaBackend<FieldReal>::settle(const FieldSpec& spec, double h, ConstState before,
                                      ConstState drift, State after) const {
  const cuda::SettleTerm term{{Motion(spec, after.m), h},
                              before.values.data(),
                              drift.values.data(),
                              after.values.data(),
                              after.m,
                              after.d};
  return sum_terms(*context_, after.m, term)[0];
}

template <class FieldReal>
ParticleSums CudaBackend<FieldReal>::particle_sums(Regularizer regularizer, int radial_power,
                                                   ConstState w) const {
  const auto sums = sum_terms(
      *context_, w.m, cuda::ParticleTerm{regularizer, radial_power, w.values.data(), w.m, w.d});
  return {sums[0], sums[1], sums[2], sums[3]};
}

template <class FieldReal>
bool CudaBackend<FieldReal>::all_finite(ConstVector values) const {
  return sum_terms(*context_, values.size(), cuda::FiniteTerm{values.data()})[0] == 0;
}

#define MCKEAN_INSTANTIATE(Real)                                                              \
  template double CudaBackend<Real>::dissipation(const FieldSpec&, ConstState) const;         \
  template double CudaBackend<Real>::dot(ConstVector, ConstVector) const;                     \
  template double CudaBackend<Real>::settle(const FieldSpec&, double, ConstState, ConstState, \
                                            State) const;                                     \
  template ParticleSums CudaBackend<Real>::particle_sums(Regularizer, int, ConstState) const; \
  template bool CudaBackend<Real>::all_finite(ConstVector) const;
MCKEAN_INSTANTIATE(float)
MCKEAN_INSTANTIATE(double)
#undef MCKEAN_INSTANTIATE

}  // namespace mckean
