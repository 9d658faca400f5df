// What a kernel body may ask of the thread block that runs it. Bodies are templates over this
// policy, so that the same text runs on a GPU (CudaBlock) and in CI (EmulatedBlock of
// tests/emulation). Blocks are one-dimensional, whole warps.
#pragma once

#include "mckean/config.hpp"

#if defined(__CUDACC__)
#define MCKEAN_DEVICE __device__ __forceinline__
#else
#define MCKEAN_DEVICE inline
#endif

namespace mckean::cuda {

constexpr unsigned warp_size = 32;

/// Shared memory of a kernel that has none.
struct NoShared {};

#if defined(__CUDACC__)
struct CudaBlock {
  __device__ unsigned thread() const { return threadIdx.x; }
  __device__ unsigned threads() const { return blockDim.x; }
  __device__ unsigned x() const { return blockIdx.x; }
  __device__ unsigned y() const { return blockIdx.y; }
  __device__ unsigned grid_x() const { return gridDim.x; }
  __device__ unsigned grid_y() const { return gridDim.y; }
  /// Barrier over the block; every thread reaches every barrier.
  __device__ void sync() const { __syncthreads(); }
  /// Over the whole warp, all 32 lanes taking part.
  template <class T>
  __device__ T shuffle_down(T value, unsigned delta) const {
    return __shfl_down_sync(0xffffffffu, value, delta);
  }
  template <class T>
  __device__ T shuffle_xor(T value, unsigned mask) const {
    return __shfl_xor_sync(0xffffffffu, value, mask);
  }
  __device__ unsigned ballot(bool predicate) const { return __ballot_sync(0xffffffffu, predicate); }
};
#endif

}  // namespace mckean::cuda
