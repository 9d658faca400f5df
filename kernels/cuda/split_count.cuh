// How a sum is split over blocks. The count follows from the shape alone, so the order of the sum
// does too.
#pragma once

#include <algorithm>
#include <cstddef>

#include "kernels/cuda/grid.cuh"

namespace mckean::cuda {

/// As many splits as give `blocks` blocks out of `tiles`, but no more than `most`.
constexpr unsigned split_count(std::size_t blocks, std::size_t tiles, std::size_t most) {
  return static_cast<unsigned>(std::clamp<std::size_t>(divide_up(blocks, tiles), 1, most));
}

}  // namespace mckean::cuda
