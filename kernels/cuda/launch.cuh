// The one way kernels are launched: on a stream, within the limits of a grid, and checked.
#pragma once

#include "kernels/cuda/cuda_context.cuh"
#include "kernels/cuda/grid.cuh"

namespace mckean::cuda {

/// Nothing for a grid without blocks; std::length_error for one that no device has.
template <class Args>
void launch(cudaStream_t stream, std::size_t grid_x, std::size_t grid_y, void (*kernel)(Args),
            const Args& args) {
  const Grid grid = checked_grid(grid_x, grid_y);
  if (grid.empty()) return;
  kernel<<<dim3(grid.x, grid.y), Args::threads, 0, stream>>>(args);
  check(cudaGetLastError(), "kernel launch");
}

}  // namespace mckean::cuda
