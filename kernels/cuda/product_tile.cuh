// z_ij = b_j . x_i for a tile of samples x particles, in registers: what the forward pass and the
// backward pass of a smooth activation have in common. A lane owns samples and a warp owns
// particles, so that a ballot over the warp is the mask of one particle over 32 samples, and sums
// over particles stay within a thread.
#pragma once

#include <cstddef>

#include "kernels/cuda/block.cuh"
#include "kernels/cuda/unroll.cuh"

namespace mckean::cuda {

/// Thread t of 256 holds z of samples t % 32 + 32 q, q < PerLane, and particles t / 32 * PerWarp +
/// p, p < PerWarp.
template <class RealType, unsigned PerLane, unsigned PerWarp>
struct ProductTile {
  using Real = RealType;
  static constexpr unsigned per_lane = PerLane;
  static constexpr unsigned per_warp = PerWarp;
  static constexpr unsigned warps = 8;
  static constexpr unsigned threads = warps * warp_size;
  static constexpr unsigned samples = warp_size * PerLane;
  static constexpr unsigned particles = warps * PerWarp;
  static constexpr unsigned depth =
      16;  // components of b and x that are in shared memory at a time

  struct Stage {
    alignas(16) Real b[depth][particles];
    Real x[depth][samples + 1];  // one more: x is written down a column
  };
  using Products = Real[PerLane][PerWarp];
};

/// The arrays behind a tile: x is count x d, row-major; b has d planes of ld values, ld a multiple
/// of the tile.
template <class Real>
struct ProductArgs {
  const Real* x = nullptr;
  const Real* b = nullptr;
  std::size_t count = 0;
  std::size_t d = 0;
  std::size_t ld = 0;
};

template <class Tile, class Block, class Real>
MCKEAN_DEVICE void stage_x(const Block& block, typename Tile::Stage& stage,
                           const ProductArgs<Real>& args, std::size_t i0, std::size_t k0,
                           unsigned depth) {
  for (unsigned e = block.thread(); e < Tile::samples * depth; e += Tile::threads) {
    const unsigned s = e / depth;
    const unsigned k = e % depth;
    stage.x[k][s] = i0 + s < args.count ? args.x[(i0 + s) * args.d + k0 + k] : Real(0);
  }
}

/// The first sample and the first particle of a tile. `keep_x`: x of these samples is staged
/// already, which is of use where d <= depth.
struct TileOrigin {
  std::size_t i0, j0;
  bool keep_x;
};

/// z of a tile; samples past the end count as x = 0. Begins with a barrier, so that `stage` may
/// have been in use, and ends without one.
template <class Tile, class Block>
MCKEAN_DEVICE void multiply_tile(const Block& block, typename Tile::Stage& stage,
                                 const ProductArgs<typename Tile::Real>& args, const TileOrigin& at,
                                 typename Tile::Products& z) {
  using Real = typename Tile::Real;
  const unsigned lane = block.thread() % warp_size;
  const unsigned first = block.thread() / warp_size * Tile::per_warp;
  MCKEAN_UNROLL
  for (unsigned q = 0; q < Tile::per_lane; ++q) {
    MCKEAN_UNROLL
    for (unsigned p = 0; p < Tile::per_warp; ++p) z[q][p] = 0;
  }
  for (std::size_t k0 = 0; k0 < args.d; k0 += Tile::depth) {
    const unsigned depth = args.d - k0 < Tile::depth ? unsigned(args.d - k0) : Tile::depth;
    block.sync();
    const bool staged = at.keep_x && args.d <= Tile::depth;
    if (depth == Tile::depth) {
      if (!staged) stage_x<Tile>(block, stage, args, at.i0, k0, Tile::depth);
    } else {
      if (!staged) stage_x<Tile>(block, stage, args, at.i0, k0, depth);
    }
    for (unsigned e = block.thread(); e < Tile::particles * depth; e += Tile::threads) {
      const unsigned k = e / Tile::particles;
      const unsigned p = e % Tile::particles;
      stage.b[k][p] = args.b[(k0 + k) * args.ld + at.j0 + p];
    }
    block.sync();
    MCKEAN_UNROLL_2
    for (unsigned k = 0; k < depth; ++k) {
      Real x[Tile::per_lane];
      MCKEAN_UNROLL
      for (unsigned q = 0; q < Tile::per_lane; ++q) x[q] = stage.x[k][lane + warp_size * q];
      MCKEAN_UNROLL
      for (unsigned p = 0; p < Tile::per_warp; ++p) {
        const Real b = stage.b[k][first + p];
        MCKEAN_UNROLL
        for (unsigned q = 0; q < Tile::per_lane; ++q) z[q][p] += x[q] * b;
      }
    }
  }
}

/// Part `part` of `parts` of 0..count-1: [begin, end), fixed by the three numbers.
struct Range {
  std::size_t begin, end;
};
MCKEAN_HD Range part_of(std::size_t count, unsigned part, unsigned parts) {
  return {count * part / parts, count * (part + 1) / parts};
}

}  // namespace mckean::cuda
