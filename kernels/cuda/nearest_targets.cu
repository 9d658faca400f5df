// The nearest targets of each source on the GPU.
#include "kernels/cuda/cuda_backend.hpp"
#include "kernels/cuda/executor.cuh"
#include "kernels/cuda/nearest_targets_operation.cuh"

namespace mckean {
namespace {

// One set of kernels for both precisions of the field.
void search(CudaContext& context, const PointPairs<Space::device>& pairs, std::size_t k,
            DeviceView<double> value, DeviceView<std::uint32_t> index) {
  cuda::CudaExecutor executor(context, "nearest_targets");
  cuda::nearest_targets(executor, pairs, k, value, index);
}

}  // namespace

template <class FieldReal>
void CudaBackend<FieldReal>::nearest_targets(const PointPairs<space>& pairs, std::size_t k,
                                             Vector value, Indices index) const {
  search(*context_, pairs, k, value, index);
}

template void CudaBackend<float>::nearest_targets(const PointPairs<space>&, std::size_t, Vector,
                                                  Indices) const;
template void CudaBackend<double>::nearest_targets(const PointPairs<space>&, std::size_t, Vector,
                                                   Indices) const;

}  // namespace mckean
