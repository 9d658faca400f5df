// The c-transform and the soft-min over all targets on the GPU.
#include "kernels/cuda/c_transform_sequence.cuh"
#include "kernels/cuda/cuda_backend.hpp"
#include "kernels/cuda/executor.cuh"

namespace mckean {
namespace {

// One set of kernels for both precisions of the field.
void transform(CudaContext& context, GroundCost cost, const cuda::TransformProblem& problem,
               double* value, double* mean_cost) {
  using enum GroundCost;
  cuda::CudaExecutor executor(context);
  switch (cost) {
    case geodesic:
      return cuda::c_transform<geodesic>(executor, problem, value, mean_cost);
    case euclidean:
      return cuda::c_transform<euclidean>(executor, problem, value, mean_cost);
  }
}

}  // namespace

template <class FieldReal>
void CudaBackend<FieldReal>::c_transform(GroundCost cost, Points<space> sources,
                                         Points<space> targets, ConstVector potential,
                                         double epsilon, Vector value, Vector mean_cost) const {
  MCKEAN_EXPECT(sources.d == targets.d && potential.size() == targets.n && targets.n > 0);
  MCKEAN_EXPECT(value.size() == sources.n && mean_cost.size() == sources.n && epsilon >= 0);
  if (sources.n == 0) return;
  transform(*context_, cost,
            {{sources.planes.data(), sources.n, sources.d},
             {targets.planes.data(), targets.n, targets.d},
             potential.data(),
             epsilon},
            value.data(), mean_cost.data());
}

template void CudaBackend<float>::c_transform(GroundCost, Points<space>, Points<space>, ConstVector,
                                              double, Vector, Vector) const;
template void CudaBackend<double>::c_transform(GroundCost, Points<space>, Points<space>,
                                               ConstVector, double, Vector, Vector) const;

}  // namespace mckean
