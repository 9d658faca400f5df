// The rows of a mini-batch, gathered on the GPU.
#include "kernels/cuda/cuda_backend.hpp"
#include "kernels/cuda/executor.cuh"
#include "kernels/cuda/gather_batch_operation.cuh"

namespace mckean {

template <class FieldReal>
void CudaBackend<FieldReal>::gather_batch(const BatchDraw& draw, Samples<Real, space> from,
                                          View<Real, space> x, Vector y) const {
  cuda::CudaExecutor executor(*context_, "gather_batch");
  cuda::gather_batch<Real>(executor, draw, from, x, y);
}

template void CudaBackend<float>::gather_batch(const BatchDraw&, Samples<float, space>,
                                               View<float, space>, Vector) const;
template void CudaBackend<double>::gather_batch(const BatchDraw&, Samples<double, space>,
                                                View<double, space>, Vector) const;

}  // namespace mckean
