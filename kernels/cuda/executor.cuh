// Runs the argument structs of kernel bodies on the GPU: the executor of *_operation.cuh. An
// executor serves one operation and has
//
// - void* scratch(std::size_t bytes): memory until its end, aligned to 256 bytes
// - void run(std::size_t grid_x, std::size_t grid_y, args): args.run(block, shared) by every thread
// - void zero(void*, std::size_t bytes)
// - void sort_pairs(keys_in, keys_out, in, out, count): stable and ascending, by 64-bit keys
// - void pause(double operations): before so many multiplications and additions are queued; throws
//   Interrupted where that was asked for, and waits for older work where much is queued already
#pragma once

#include <nvtx3/nvToolsExt.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/cuda/block.cuh"
#include "kernels/cuda/cuda_context.cuh"
#include "kernels/cuda/launch.cuh"
#include "mckean/interruption.hpp"

namespace mckean::cuda {

template <class Args>
__global__ void __launch_bounds__(Args::threads, 2) run_kernel(const __grid_constant__ Args args) {
  __shared__ typename Args::Shared shared;
  args.run(CudaBlock{}, shared);
}

class CudaExecutor {
 public:
  /// `operation` names its range in a profile.
  CudaExecutor(CudaContext& context, const char* operation)
      : context_(context), guard_(context.ordinal()) {
    nvtxRangePushA(operation);
  }
  ~CudaExecutor() {
    for (void* memory : scratch_) context_.free(memory);
    nvtxRangePop();
  }
  CudaExecutor(const CudaExecutor&) = delete;
  CudaExecutor& operator=(const CudaExecutor&) = delete;

  void* scratch(std::size_t bytes) {
    scratch_.reserve(scratch_.size() + 1);
    scratch_.push_back(context_.allocate(bytes, "scratch memory"));
    return scratch_.back();
  }
  void zero(void* data, std::size_t bytes) {
    check(cudaMemsetAsync(data, 0, bytes, context_.stream()), "cudaMemsetAsync");
  }
  void pause(double operations) {
    check_interruption();
    context_.throttle(operations);
    check_interruption();
  }
  template <class Args>
  void run(std::size_t grid_x, std::size_t grid_y, const Args& args) {
    launch(context_.stream(), grid_x, grid_y, run_kernel<Args>, args);
  }
  /// planar_field.cu
  void sort_pairs(const std::uint64_t* keys_in, std::uint64_t* keys_out, const std::uint32_t* in,
                  std::uint32_t* out, std::size_t count);

 private:
  CudaContext& context_;
  DeviceGuard guard_;
  std::vector<void*> scratch_;
};

}  // namespace mckean::cuda
