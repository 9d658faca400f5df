// Opens the handle of cuBLAS of a context.
#include "kernels/cuda/blas.cuh"

namespace mckean {

cublasContext* CudaContext::blas() {
  const std::lock_guard lock(mutex_);
  if (blas_ == nullptr) {
    const cuda::DeviceGuard guard(ordinal_);
    cublasHandle_t handle = nullptr;
    cuda::check(cublasCreate(&handle), "cublasCreate");
    blas_ = {handle, [](cublasContext* own) { static_cast<void>(cublasDestroy(own)); }};
    // On one stream, without atomics, which are off by default, products are reproducible.
    const cublasStatus_t status = cublasSetStream(handle, stream_);
    if (status != CUBLAS_STATUS_SUCCESS) blas_.reset();
    cuda::check(status, "cublasSetStream");
  }
  return blas_.get();
}

}  // namespace mckean
