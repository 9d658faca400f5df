// What a CudaBackend holds of its device: a stream, and scratch memory that grows to the largest
// need.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <stdexcept>
#include <string>

namespace mckean {
namespace cuda {

/// Throws std::runtime_error("CUDA: what: why") where `status` is an error.
inline void check(cudaError_t status, const char* what) {
  if (status == cudaSuccess) return;
  static_cast<void>(cudaGetLastError());
  throw std::runtime_error(std::string("CUDA: ") + what + ": " + cudaGetErrorString(status));
}

}  // namespace cuda

struct CudaContext {
  explicit CudaContext(int device);
  ~CudaContext();
  CudaContext(const CudaContext&) = delete;
  CudaContext& operator=(const CudaContext&) = delete;

  /// Device memory until the next call, aligned to 256 bytes. Kernels of the stream that still use
  /// the last one are safe.
  void* scratch(std::size_t bytes);

  int ordinal;
  cudaStream_t stream = nullptr;
  std::string name;

 private:
  void* scratch_ = nullptr;
  std::size_t scratch_bytes_ = 0;
};

}  // namespace mckean
