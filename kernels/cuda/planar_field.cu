// The field on the plane on the GPU, sorted by CUB.
#include <cub/device/device_radix_sort.cuh>

#include "kernels/cuda/cuda_backend.hpp"
#include "kernels/cuda/executor.cuh"
#include "kernels/cuda/planar_field_operation.cuh"

namespace mckean {

void cuda::CudaExecutor::sort_pairs(const std::uint64_t* keys_in, std::uint64_t* keys_out,
                                    const std::uint32_t* in, std::uint32_t* out,
                                    std::size_t count) {
  std::size_t bytes = 0;
  const auto sort = [&](void* memory) {
    check(cub::DeviceRadixSort::SortPairs(memory, bytes, keys_in, keys_out, in, out, count, 0, 64,
                                          context_.stream()),
          "radix sort");
  };
  sort(nullptr);
  sort(scratch(bytes));
}

template <class FieldReal>
void CudaBackend<FieldReal>::planar_field(double moment, const WeightedParticles<space>& own,
                                          const WeightedParticles<space>& teacher, State v,
                                          Vector energy) const {
  cuda::CudaExecutor executor(*context_, "planar_field");
  cuda::planar_field(executor, moment, own, teacher, v, energy);
}

#define MCKEAN_INSTANTIATE(Real)                                                                \
  template void CudaBackend<Real>::planar_field(double, const WeightedParticles<space>&,        \
                                                const WeightedParticles<space>&, State, Vector) \
      const;
MCKEAN_INSTANTIATE(float)
MCKEAN_INSTANTIATE(double)
#undef MCKEAN_INSTANTIATE

}  // namespace mckean
