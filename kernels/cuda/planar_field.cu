// The field on the plane on the GPU, sorted by CUB.
#include <cub/device/device_radix_sort.cuh>

#include "kernels/cuda/cuda_backend.hpp"
#include "kernels/cuda/executor.cuh"
#include "kernels/cuda/planar_field_sequence.cuh"

namespace mckean {
namespace {

class SortingExecutor : public cuda::CudaExecutor {
 public:
  explicit SortingExecutor(CudaContext& context) : CudaExecutor(context), stream_(context.stream) {}

  void sort_pairs(const std::uint64_t* keys_in, std::uint64_t* keys_out, const std::uint32_t* in,
                  std::uint32_t* out, std::size_t count) {
    std::size_t bytes = 0;
    const auto sort = [&](void* memory) {
      cuda::check(cub::DeviceRadixSort::SortPairs(memory, bytes, keys_in, keys_out, in, out, count,
                                                  0, 64, stream_),
                  "radix sort");
    };
    sort(nullptr);
    void* memory = nullptr;
    cuda::check(cudaMallocAsync(&memory, bytes, stream_), "memory for sorting");
    sort(memory);
    cuda::check(cudaFreeAsync(memory, stream_), "cudaFreeAsync");
  }

 private:
  cudaStream_t stream_;
};

}  // namespace

template <class FieldReal>
double CudaBackend<FieldReal>::planar_field(double moment, ConstState w, double weight,
                                            ConstState teacher, double teacher_weight,
                                            State v) const {
  MCKEAN_EXPECT(w.d == 2 && (teacher.m == 0 || teacher.d == 2) && v.m == w.m);
  if (w.m + teacher.m == 0) return 0;
  SortingExecutor executor(*context_);
  return cuda::planar_field(executor, moment, {w.values.data(), w.m, w.d}, weight,
                            {teacher.values.data(), teacher.m, teacher.d}, teacher_weight,
                            v.values.data());
}

template double CudaBackend<float>::planar_field(double, ConstState, double, ConstState, double,
                                                 State) const;
template double CudaBackend<double>::planar_field(double, ConstState, double, ConstState, double,
                                                  State) const;

}  // namespace mckean
