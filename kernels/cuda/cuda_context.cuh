// What a CudaBackend holds of its device: a stream, a pool of memory in the order of the stream,
// pinned slots for scalars on their way to the host, and a handle of cuBLAS.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

struct cublasContext;  // cublasHandle_t points to it

namespace mckean {
namespace cuda {

/// Throws std::runtime_error("CUDA: what: why") where `status` is an error.
inline void check(cudaError_t status, const char* what) {
  if (status == cudaSuccess) return;
  static_cast<void>(cudaGetLastError());
  throw std::runtime_error(std::string("CUDA: ") + what + ": " + cudaGetErrorString(status));
}

/// Makes a device current for this thread while it lives, and the one before again after that.
class DeviceGuard {
 public:
  explicit DeviceGuard(int ordinal) {
    check(cudaGetDevice(&before_), "cudaGetDevice");
    if (before_ == ordinal) return;
    check(cudaSetDevice(ordinal), "cudaSetDevice");
    changed_ = true;
  }
  /// For destructors: errors have nowhere to go from there.
  DeviceGuard(int ordinal, std::nothrow_t) noexcept {
    changed_ = cudaGetDevice(&before_) == cudaSuccess && before_ != ordinal &&
               cudaSetDevice(ordinal) == cudaSuccess;
  }
  ~DeviceGuard() {
    if (changed_) static_cast<void>(cudaSetDevice(before_));
  }
  DeviceGuard(const DeviceGuard&) = delete;
  DeviceGuard& operator=(const DeviceGuard&) = delete;

 private:
  int before_ = 0;
  bool changed_ = false;
};

/// Pinned memory for a few scalars, and an event after their copy.
struct PinnedSlots {
  double* values = nullptr;
  std::size_t capacity = 0;
  cudaEvent_t copied = nullptr;
};

}  // namespace cuda

/// Shared by a back end and all that it allocated; every member but the constructor may be called
/// from several threads.
class CudaContext {
 public:
  explicit CudaContext(int device);
  ~CudaContext();
  CudaContext(const CudaContext&) = delete;
  CudaContext& operator=(const CudaContext&) = delete;

  int ordinal() const { return ordinal_; }
  cudaStream_t stream() const { return stream_; }
  const std::string& name() const { return name_; }

  /// Memory of the pool, in the order of the stream: what was freed before on the stream may be
  /// handed out again without waiting. Aligned to 256 bytes.
  void* allocate(std::size_t bytes, const char* what);
  void free(void* data) noexcept;
  void synchronize();
  /// Before so many operations are queued: keeps the host within a few tenths of a second of the
  /// device, which never runs dry for it.
  void throttle(double operations);

  /// A cublasHandle_t on the stream, opened when it is first asked for; blas.cu. Its user makes the
  /// device current. Throws std::runtime_error("CUDA: cublasCreate: why").
  cublasContext* blas();

  /// Slots for at least `count` values, to be given back.
  cuda::PinnedSlots take_pinned(std::size_t count);
  void give_back(cuda::PinnedSlots slots) noexcept;

 private:
  void open();
  void close() noexcept;

  int ordinal_;
  cudaStream_t stream_ = nullptr;
  cudaMemPool_t pool_ = nullptr;
  std::string name_;
  std::mutex mutex_;
  // The deleter comes with the handle: a program that asks for none does not need cuBLAS.
  std::unique_ptr<cublasContext, void (*)(cublasContext*)> blas_{nullptr, nullptr};
  std::vector<cuda::PinnedSlots> pinned_;  // not in use
  std::deque<cudaEvent_t> marks_;          // in the stream, most_queued operations apart
  double queued_ = 0;                      // operations since the last of them
};

}  // namespace mckean
