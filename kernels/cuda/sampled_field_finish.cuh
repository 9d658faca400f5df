// From the sums of the backward pass to the velocity, in fp64.
#pragma once

#include <cstddef>

#include "kernels/cuda/block.cuh"
#include "kernels/cuda/sampled_field_forward.cuh"
#include "mckean/formula/activation.hpp"

namespace mckean::cuda {

/// sums[index] = sum over splits of sums[split * count + index].
struct JoinSplitsArgs {
  using Shared = NoShared;
  static constexpr unsigned threads = 256;
  double* sums;
  std::size_t count;
  unsigned splits;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared&) const {
    join_splits_body(block, *this);
  }
};

template <class Block>
MCKEAN_DEVICE void join_splits_body(const Block& block, const JoinSplitsArgs& args) {
  const std::size_t index = std::size_t{block.x()} * block.threads() + block.thread();
  if (index >= args.count) return;
  double sum = 0;
  for (unsigned split = 0; split < args.splits; ++split)
    sum += args.sums[split * args.count + index];
  args.sums[index] = sum;
}

/// v from the sums over samples: with slopes sigma' of a smooth activation (A anything) column c of
/// `sums` is sum_i e_i sigma'(z_ij) x_ic and column d sum_i e_i sigma(z_ij). For PiecewiseLinear it
/// is G_j = sum_i mask_ij e_i (x_i, 1), and with T = sum_i e_i (x_i, 1) the same sums are g = below
/// T + (above - below) G_j in column c and b_j . g + offset g_d for the value. `totals` may be null
/// where below is 0.
template <class A>
struct FinishArgs {
  using Shared = NoShared;
  static constexpr unsigned threads = 256;
  A activation;
  const double* sums;
  const double* totals;
  const double* w;
  double* v;
  std::size_t m, d, ld;
  double samples;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared&) const {
    finish_body(block, *this);
  }
};

template <class Block, class A>
MCKEAN_DEVICE void finish_body(const Block& block, const FinishArgs<A>& args) {
  const std::size_t j = std::size_t{block.x()} * block.threads() + block.thread();
  if (j >= args.m) return;
  const double a = args.w[j];
  double value = 0;
  for (std::size_t c = 0; c <= args.d; ++c) {
    double sum = args.sums[c * args.ld + j];
    if constexpr (std::same_as<A, PiecewiseLinear>) {
      const PiecewiseLinear& sigma = args.activation;
      sum *= sigma.above - sigma.below;
      if (args.totals != nullptr) sum += sigma.below * args.totals[c];
      value += (c < args.d ? args.w[(1 + c) * args.m + j] : sigma.offset) * sum;
    } else {
      value = sum;  // column d is the last
    }
    if (c < args.d) args.v[(1 + c) * args.m + j] = a * sum / args.samples;
  }
  args.v[j] = value / args.samples;
}

}  // namespace mckean::cuda
