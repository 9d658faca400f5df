// The c-transform and the soft-min over all targets on the GPU.
#include "kernels/cuda/c_transform_operation.cuh"
#include "kernels/cuda/cuda_backend.hpp"
#include "kernels/cuda/executor.cuh"

namespace mckean {
namespace {

// One set of kernels for both precisions of the field.
void transform(CudaContext& context, const PointPairs<Space::device>& pairs, double epsilon,
               DeviceView<double> value, DeviceView<double> mean_cost) {
  cuda::CudaExecutor executor(context, "c_transform");
  cuda::c_transform(executor, pairs, epsilon, value, mean_cost);
}

}  // namespace

template <class FieldReal>
void CudaBackend<FieldReal>::c_transform(const PointPairs<space>& pairs, double epsilon,
                                         Vector value, Vector mean_cost) const {
  transform(*context_, pairs, epsilon, value, mean_cost);
}

template void CudaBackend<float>::c_transform(const PointPairs<space>&, double, Vector,
                                              Vector) const;
template void CudaBackend<double>::c_transform(const PointPairs<space>&, double, Vector,
                                               Vector) const;

}  // namespace mckean
