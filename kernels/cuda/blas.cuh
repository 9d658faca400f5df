// cuBLAS for products of matrices: the handle is CudaContext::blas().
#pragma once

#include <cublas_v2.h>

#include <stdexcept>
#include <string>

#include "kernels/cuda/cuda_context.cuh"

namespace mckean::cuda {

/// Throws std::runtime_error("CUDA: what: why") where `status` is an error.
inline void check(cublasStatus_t status, const char* what) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  throw std::runtime_error(std::string("CUDA: ") + what + ": " + cublasGetStatusString(status));
}

}  // namespace mckean::cuda
