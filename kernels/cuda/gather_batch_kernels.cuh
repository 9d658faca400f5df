// The rows of a mini-batch, taken out of the samples.
#pragma once

#include <cstddef>

#include "kernels/cuda/block.cuh"
#include "mckean/formula/batch.hpp"

namespace mckean::cuda {

struct GatherShared {
  std::size_t row[256];
};

/// Row i of x_out (batch x d) and entry i of y_out are those of row batch_index(draw, i, batch, n)
/// of x and y. Grid: one block for 256 entries.
template <class Real>
struct GatherArgs {
  using Shared = GatherShared;
  static constexpr unsigned threads = 256;
  BatchDraw draw;
  const Real* x;
  const double* y;
  std::size_t n, d, batch;
  Real* x_out;
  double* y_out;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared& shared) const {
    gather_body(block, shared, *this);
  }
};

template <class Block, class Real>
MCKEAN_DEVICE void gather_body(const Block& block, GatherShared& shared,
                               const GatherArgs<Real>& args) {
  const std::size_t first = std::size_t{block.x()} * block.threads();
  const std::size_t i = first + block.thread();
  if (i < args.batch) {
    const std::size_t row = batch_index(args.draw, i, args.batch, args.n);
    shared.row[block.thread()] = row;
    args.y_out[i] = args.y[row];
  }
  block.sync();
  const std::size_t entries =
      args.batch - first < block.threads() ? args.batch - first : block.threads();
  for (std::size_t e = block.thread(); e < entries * args.d; e += block.threads()) {
    args.x_out[first * args.d + e] = args.x[shared.row[e / args.d] * args.d + e % args.d];
  }
}

}  // namespace mckean::cuda
