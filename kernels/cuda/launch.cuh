// The one way kernels are launched: on a stream, within the limits of a grid, and checked.
#pragma once

#include "kernels/cuda/cuda_context.cuh"
#include "kernels/cuda/grid.cuh"

namespace mckean::cuda {

template <class Args>
void launch(cudaStream_t stream, const Grid& grid, void (*kernel)(Args), const Args& args) {
  if (grid.empty()) return;
  kernel<<<dim3(grid.x, grid.y), Args::threads, 0, stream>>>(args);
  check(cudaGetLastError(), "kernel launch");
}

}  // namespace mckean::cuda
