// Runs the argument structs of kernel bodies on the GPU: the executor of *_sequence.cuh.
#pragma once

#include <cstddef>

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
  explicit CudaExecutor(CudaContext& context) : context_(context) {}

  void* scratch(std::size_t bytes) { return context_.scratch(bytes); }
  void zero(void* data, std::size_t bytes) {
    check(cudaMemsetAsync(data, 0, bytes, context_.stream), "cudaMemsetAsync");
  }
  double fetch(const double* value) {
    double result;
    check(cudaMemcpyAsync(&result, value, sizeof(result), cudaMemcpyDeviceToHost, context_.stream),
          "cudaMemcpyAsync");
    check(cudaStreamSynchronize(context_.stream), "cudaStreamSynchronize");
    return result;
  }
  void pause(double operations) {
    check_interruption();
    queued_ += operations;
    if (queued_ < most_queued) return;
    check(cudaStreamSynchronize(context_.stream), "cudaStreamSynchronize");
    queued_ = 0;
    check_interruption();
  }
  template <class Args>
  void run(unsigned grid_x, unsigned grid_y, const Args& args) {
    launch(context_.stream, dim3(grid_x, grid_y), Args::threads, run_kernel<Args>, args);
  }

 private:
  static constexpr double most_queued = 2e11;  // tenths of a second

  CudaContext& context_;
  double queued_ = 0;  // operations since the host waited for the device
};

}  // namespace mckean::cuda
