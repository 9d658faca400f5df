// Backward pass of a piecewise linear activation: products of the mask that the forward pass left
// with the weighted samples e_i (x_i, 1), and the sums of these over all samples.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cuda/block.cuh"
#include "kernels/cuda/product_tile.cuh"

namespace mckean::cuda {

/// A block owns 8 warps x 32 lanes x per_lane particles and Columns of the 1 + d columns of (x_i,
/// 1).
template <class RealType, unsigned Columns>
struct MaskedTile {
  using Real = RealType;
  static constexpr unsigned columns = Columns;
  static constexpr unsigned per_lane = sizeof(Real) == 4 ? 4 : 2;
  static constexpr unsigned warps = 8;
  static constexpr unsigned threads = warps * warp_size;
  static constexpr unsigned particles = threads * per_lane;
  static constexpr unsigned staged = 128;   // samples in shared memory at a time
  static constexpr unsigned segment = 512;  // samples summed in Real before the sum goes to fp64
};

template <class Tile>
struct MaskedShared {
  alignas(16) typename Tile::Real weighted[Tile::staged][Tile::columns];
};

/// sums[(split * (d + 1) + c) * ld + j] += sum over the samples of a split of mask_ij e_i (x_i,
/// 1)_c. Grid: particle tiles x (column tiles * splits).
template <class Tile>
struct MaskedArgs {
  using Real = typename Tile::Real;
  using Shared = MaskedShared<Tile>;
  static constexpr unsigned threads = Tile::threads;
  const Real* x;
  const double* errors;
  const std::uint32_t* mask;
  double* sums;
  std::size_t count, d, ld;
  unsigned splits;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared& shared) const {
    masked_body(block, shared, *this);
  }
};

template <class Block, class Tile>
MCKEAN_DEVICE void stage_weighted(const Block& block, MaskedShared<Tile>& shared,
                                  const MaskedArgs<Tile>& args, std::size_t i0, std::size_t c0) {
  using Real = typename Tile::Real;
  for (unsigned e = block.thread(); e < Tile::staged * Tile::columns; e += Tile::threads) {
    const unsigned s = e / Tile::columns;
    const std::size_t i = i0 + s;
    const std::size_t c = c0 + e % Tile::columns;
    Real weighted = 0;
    if (i < args.count && c < args.d) weighted = Real(args.errors[i]) * args.x[i * args.d + c];
    if (i < args.count && c == args.d) weighted = Real(args.errors[i]);
    shared.weighted[s][e % Tile::columns] = weighted;
  }
}

template <class Block, class Tile>
MCKEAN_DEVICE void masked_body(const Block& block, MaskedShared<Tile>& shared,
                               const MaskedArgs<Tile>& args) {
  using Real = typename Tile::Real;
  const unsigned lane = block.thread() % warp_size;
  const unsigned warp = block.thread() / warp_size;
  // ld is a multiple of a warp's particles, so that a warp is inside as a whole or not at all.
  const std::size_t j0 =
      std::size_t{block.x()} * Tile::particles + warp * warp_size * Tile::per_lane + lane;
  const bool inside = j0 < args.ld;
  const std::size_t c0 = std::size_t{block.y()} / args.splits * Tile::columns;
  const unsigned split = block.y() % args.splits;
  const Range segments =
      part_of((args.count + Tile::segment - 1) / Tile::segment, split, args.splits);
  for (std::size_t segment = segments.begin; segment < segments.end; ++segment) {
    Real sum[Tile::per_lane][Tile::columns] = {};
    for (unsigned s0 = 0; s0 < Tile::segment; s0 += Tile::staged) {
      const std::size_t i0 = segment * Tile::segment + s0;
      if (i0 >= args.count) break;  // for all threads at once
      block.sync();
      stage_weighted(block, shared, args, i0, c0);
      block.sync();
      for (unsigned s = 0; inside && s < Tile::staged && i0 + s < args.count; s += 32) {
        std::uint32_t word[Tile::per_lane];
        MCKEAN_UNROLL
        for (unsigned r = 0; r < Tile::per_lane; ++r) {
          word[r] = args.mask[(i0 + s) / 32 * args.ld + j0 + warp_size * r];
        }
        MCKEAN_UNROLL_2
        for (unsigned bit = 0; bit < 32; ++bit) {
          Real on[Tile::per_lane];
          MCKEAN_UNROLL
          for (unsigned r = 0; r < Tile::per_lane; ++r) {
            on[r] = (word[r] >> bit & 1u) != 0 ? Real(1) : Real(0);
          }
          MCKEAN_UNROLL
          for (unsigned c = 0; c < Tile::columns; ++c) {
            const Real weighted = shared.weighted[s + bit][c];
            MCKEAN_UNROLL
            for (unsigned r = 0; r < Tile::per_lane; ++r) sum[r][c] += on[r] * weighted;
          }
        }
      }
    }
    MCKEAN_UNROLL
    for (unsigned c = 0; c < Tile::columns; ++c) {
      if (!inside || c0 + c > args.d) continue;
      double* out = args.sums + (split * (args.d + 1) + c0 + c) * args.ld + j0;
      MCKEAN_UNROLL
      for (unsigned r = 0; r < Tile::per_lane; ++r) out[warp_size * r] += double(sum[r][c]);
    }
  }
}

/// totals[c] += sum_i e_i (x_i, 1)_c. Grid: d + 1 blocks.
template <class Real>
struct TotalsArgs {
  using Shared = BlockSumShared;
  static constexpr unsigned threads = 256;
  const Real* x;
  const double* errors;
  std::size_t count, d;
  double* totals;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared& shared) const {
    totals_body(block, shared, *this);
  }
};

template <class Block, class Real>
MCKEAN_DEVICE void totals_body(const Block& block, BlockSumShared& shared,
                               const TotalsArgs<Real>& args) {
  const std::size_t c = block.x();
  double value = 0;
  for (std::size_t i = block.thread(); i < args.count; i += block.threads()) {
    value += c < args.d ? args.errors[i] * double(args.x[i * args.d + c]) : args.errors[i];
  }
  const double sum = block.template sum<TotalsArgs<Real>::threads>(shared, value);
  if (block.thread() == 0) args.totals[c] += sum;
}

}  // namespace mckean::cuda
