// The rows of a mini-batch, gathered on the GPU.
#include "kernels/cuda/cuda_backend.hpp"
#include "kernels/cuda/executor.cuh"
#include "kernels/cuda/gather_batch_kernels.cuh"

namespace mckean {

template <class FieldReal>
void CudaBackend<FieldReal>::gather_batch(const BatchDraw& draw, Samples<Real, space> from,
                                          View<Real, space> x, Vector y) const {
  MCKEAN_EXPECT(x.size() == y.size() * from.d);
  if (y.empty()) return;
  using Args = cuda::GatherArgs<Real>;
  cuda::CudaExecutor(*context_).run(
      static_cast<unsigned>((y.size() + Args::threads - 1) / Args::threads), 1,
      Args{draw, from.x.data(), from.y.data(), from.n, from.d, y.size(), x.data(), y.data()});
}

template void CudaBackend<float>::gather_batch(const BatchDraw&, Samples<float, space>,
                                               View<float, space>, Vector) const;
template void CudaBackend<double>::gather_batch(const BatchDraw&, Samples<double, space>,
                                                View<double, space>, Vector) const;

}  // namespace mckean
