// What a kernel body may ask of the thread block that runs it. Bodies are templates over this
// policy, so that the same text runs on a GPU (CudaBlock) and in CI (EmulatedBlock of
// tests/emulation). Blocks are one-dimensional, whole warps.
#pragma once

#include "mckean/config.hpp"

#if defined(__CUDACC__)
#include <cub/block/block_reduce.cuh>
#include <cub/block/block_scan.cuh>
#define MCKEAN_DEVICE __device__ __forceinline__
#else
#define MCKEAN_DEVICE inline
#endif

namespace mckean::cuda {

constexpr unsigned warp_size = 32;

/// Shared memory of a kernel that has none.
struct NoShared {};

/// Storage for a sum over the block, and for a prefix sum of values of T.
struct alignas(16) BlockSumShared {
  double warps[warp_size];
};
template <class T>
struct alignas(16) BlockScanShared {
  unsigned char bytes[warp_size * sizeof(T)];
};

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
  __device__ T shuffle_xor(T value, unsigned mask) const {
    return __shfl_xor_sync(0xffffffffu, value, mask);
  }
  __device__ unsigned ballot(bool predicate) const { return __ballot_sync(0xffffffffu, predicate); }

  /// The sum of a value of every one of the block's Threads, in thread 0 only; in an order that
  /// Threads alone fixes. A second use of the same `shared` needs a barrier before it.
  template <unsigned Threads>
  __device__ double sum(BlockSumShared& shared, double value) const {
    using Reduce = cub::BlockReduce<double, Threads, cub::BLOCK_REDUCE_WARP_REDUCTIONS>;
    return Reduce(storage<typename Reduce::TempStorage>(shared)).Sum(value);
  }
  /// The sum of the values of the threads before this one (T{} for the first), and in `total` that
  /// of all; T has operator+.
  template <unsigned Threads, class T>
  __device__ T exclusive_sum(BlockScanShared<T>& shared, const T& value, T& total) const {
    using Scan = cub::BlockScan<T, Threads, cub::BLOCK_SCAN_WARP_SCANS>;
    T before;
    Scan(storage<typename Scan::TempStorage>(shared))
        .ExclusiveScan(
            value, before, T{}, [](const T& left, const T& right) { return left + right; }, total);
    return before;
  }

 private:
  template <class Storage, class Shared>
  __device__ static Storage& storage(Shared& shared) {
    static_assert(sizeof(Storage) <= sizeof(Shared) && alignof(Storage) <= alignof(Shared));
    return reinterpret_cast<Storage&>(shared);
  }
};
#endif

}  // namespace mckean::cuda
