// The sum of one number per thread over a block of at most 32 warps, in an order that only the
// thread count fixes.
#pragma once

#include "kernels/cuda/block.cuh"

namespace mckean::cuda {

struct BlockSumShared {
  double warps[32];
};

/// The sum, in thread 0 only. Holds one barrier; a second use of the same `shared` needs one before
/// it.
template <class Block>
MCKEAN_DEVICE double block_sum(const Block& block, BlockSumShared& shared, double value) {
  for (unsigned delta = warp_size / 2; delta > 0; delta /= 2)
    value += block.shuffle_down(value, delta);
  const unsigned thread = block.thread();
  if (thread % warp_size == 0) shared.warps[thread / warp_size] = value;
  block.sync();
  double sum = 0;
  if (thread == 0) {
    for (unsigned warp = 0; warp < block.threads() / warp_size; ++warp) sum += shared.warps[warp];
  }
  return sum;
}

}  // namespace mckean::cuda
