// The one way kernels are launched: on a stream, and checked.
#pragma once

#include "kernels/cuda/cuda_context.cuh"

namespace mckean::cuda {

template <class... Parameters, class... Args>
void launch(cudaStream_t stream, dim3 grid, unsigned threads, void (*kernel)(Parameters...),
            const Args&... args) {
  if (grid.x == 0 || grid.y == 0) return;
  kernel<<<grid, threads, 0, stream>>>(args...);
  check(cudaGetLastError(), "kernel launch");
}

}  // namespace mckean::cuda
