// Opening a device, its memory, and copies to, from and within it.
#include "kernels/cuda/cuda_backend.hpp"
#include "kernels/cuda/cuda_context.cuh"

namespace mckean {

CudaContext::CudaContext(int device) : ordinal(device) {
  cuda::check(cudaSetDevice(device), "cudaSetDevice");
  cudaDeviceProp properties;
  cuda::check(cudaGetDeviceProperties(&properties, device), "cudaGetDeviceProperties");
  name = properties.name;
  cuda::check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "cudaStreamCreate");
}

CudaContext::~CudaContext() {
  // Errors have nowhere to go from here; after one, the driver frees everything with the process.
  static_cast<void>(cudaFreeAsync(scratch_, stream));
  static_cast<void>(cudaStreamSynchronize(stream));
  static_cast<void>(cudaStreamDestroy(stream));
}

void* CudaContext::scratch(std::size_t bytes) {
  if (bytes <= scratch_bytes_) return scratch_;
  if (scratch_ != nullptr) cuda::check(cudaFreeAsync(scratch_, stream), "cudaFreeAsync");
  scratch_ = nullptr;
  scratch_bytes_ = 0;
  const std::string what = "scratch memory of " + std::to_string(bytes) + " bytes";
  cuda::check(cudaMallocAsync(&scratch_, bytes, stream), what.c_str());
  scratch_bytes_ = bytes;
  return scratch_;
}

template <class FieldReal>
CudaBackend<FieldReal>::CudaBackend(int ordinal)
    : context_(std::make_shared<CudaContext>(ordinal)) {}

template <class FieldReal>
std::string CudaBackend<FieldReal>::describe() const {
  return "cuda: " + context_->name;
}

template <class FieldReal>
void* CudaBackend<FieldReal>::allocate_bytes(std::size_t bytes) const {
  void* data = nullptr;
  const std::string what = "device memory of " + std::to_string(bytes) + " bytes";
  // Not 0 bytes, so that every buffer has memory of its own.
  cuda::check(cudaMalloc(&data, bytes + 1), what.c_str());
  return data;
}

template <class FieldReal>
void CudaBackend<FieldReal>::release(void* data) {
  static_cast<void>(cudaFree(data));
}

template <class FieldReal>
void CudaBackend<FieldReal>::transfer(const void* from, void* to, std::size_t bytes,
                                      bool with_host) const {
  if (bytes == 0) return;
  cuda::check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDefault, context_->stream),
              "cudaMemcpyAsync");
  if (with_host) cuda::check(cudaStreamSynchronize(context_->stream), "cudaStreamSynchronize");
}

#define MCKEAN_INSTANTIATE(Real)                                       \
  template CudaBackend<Real>::CudaBackend(int);                        \
  template std::string CudaBackend<Real>::describe() const;            \
  template void* CudaBackend<Real>::allocate_bytes(std::size_t) const; \
  template void CudaBackend<Real>::release(void*);                     \
  template void CudaBackend<Real>::transfer(const void*, void*, std::size_t, bool) const;
MCKEAN_INSTANTIATE(float)
MCKEAN_INSTANTIATE(double)
#undef MCKEAN_INSTANTIATE

}  // namespace mckean
