// Backward pass of a smooth activation: z once more, a tile at a time, then its products with the
// samples.
#pragma once

#include <cstddef>

#include "kernels/cuda/product_tile.cuh"

namespace mckean::cuda {

template <class Real>
using SmoothTile = ProductTile<Real, sizeof(Real) == 4 ? 2 : 1, sizeof(Real) == 4 ? 16 : 8>;

constexpr unsigned smooth_columns = 64;  // of x that are multiplied at a time, 8 for each warp
constexpr unsigned smooth_rows = 32;     // of x that are staged at a time

template <class Real>
struct SmoothShared {
  using Tile = SmoothTile<Real>;
  Real slope[Tile::particles][Tile::samples + 1];  // e_i sigma'(z_ij)
  union {
    typename Tile::Stage stage;
    alignas(16) Real x[smooth_rows][smooth_columns];
  };
};

/// sums[(split * (d + 1) + c) * ld + j] += sum over the samples of a split of e_i sigma'(z_ij)
/// x_ic, and for c = d of e_i sigma(z_ij). Grid: particle tiles x splits.
template <class Real, class A>
struct SmoothArgs {
  using Shared = SmoothShared<Real>;
  using Tile = SmoothTile<Real>;
  static constexpr unsigned threads = Tile::threads;
  ProductArgs<Real> product;
  A activation;
  const double* errors;
  double* sums;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared& shared) const {
    smooth_body(block, shared, *this);
  }
};

/// slope = e_i sigma'(z_ij) of the tile; adds to `value` of lane p the tile's sum of e_i
/// sigma(z_ij) of the warp's particle p.
template <class Block, class Real, class A>
MCKEAN_DEVICE void weigh_tile(const Block& block, SmoothShared<Real>& shared,
                              const SmoothArgs<Real, A>& args, std::size_t i0,
                              const typename SmoothTile<Real>::Products& z, double& value) {
  using Tile = SmoothTile<Real>;
  const unsigned lane = block.thread() % warp_size;
  const unsigned first = block.thread() / warp_size * Tile::per_warp;
  Real error[Tile::per_lane];
  MCKEAN_UNROLL
  for (unsigned q = 0; q < Tile::per_lane; ++q) {
    const std::size_t i = i0 + lane + warp_size * q;
    error[q] = i < args.product.count ? Real(args.errors[i]) : Real(0);
    MCKEAN_UNROLL
    for (unsigned p = 0; p < Tile::per_warp; ++p)
      shared.slope[first + p][lane + warp_size * q] = z[q][p];
  }
  MCKEAN_KEEP_LOOP
  for (unsigned p = 0; p < Tile::per_warp; ++p) {
    Real sum = 0;
    MCKEAN_UNROLL
    for (unsigned q = 0; q < Tile::per_lane; ++q) {
      Real& own = shared.slope[first + p][lane + warp_size * q];
      const Real own_z = own;
      own = error[q] * args.activation.derivative(own_z);
      sum += error[q] * args.activation.value(own_z);
    }
    for (unsigned mask = warp_size / 2; mask > 0; mask /= 2) sum += block.shuffle_xor(sum, mask);
    if (lane == p) value += double(sum);
  }
}

/// Rows i0.. and columns c0.. of x, 0 past the ends.
template <class Block, class Real>
MCKEAN_DEVICE void stage_rows(const Block& block, SmoothShared<Real>& shared,
                              const ProductArgs<Real>& args, std::size_t i0, std::size_t c0) {
  for (unsigned e = block.thread(); e < smooth_rows * smooth_columns; e += block.threads()) {
    const std::size_t i = i0 + e / smooth_columns;
    const std::size_t c = c0 + e % smooth_columns;
    shared.x[e / smooth_columns][e % smooth_columns] =
        i < args.count && c < args.d ? args.x[i * args.d + c] : Real(0);
  }
}

template <class Block, class Real, class A>
MCKEAN_DEVICE void smooth_body(const Block& block, SmoothShared<Real>& shared,
                               const SmoothArgs<Real, A>& args) {
  using Tile = SmoothTile<Real>;
  constexpr unsigned per_lane =
      Tile::particles / warp_size;  // now a lane owns particles and a warp columns
  constexpr unsigned per_warp = smooth_columns / Tile::warps;
  constexpr std::size_t flush =
      512 / Tile::samples;  // tiles summed in Real before the sum goes to fp64
  const ProductArgs<Real>& in = args.product;
  const unsigned lane = block.thread() % warp_size;
  const unsigned warp = block.thread() / warp_size;
  const std::size_t j0 = std::size_t{block.x()} * Tile::particles;
  double* const sums = args.sums + block.y() * (in.d + 1) * in.ld + j0;
  const Range tiles =
      part_of((in.count + Tile::samples - 1) / Tile::samples, block.y(), block.grid_y());
  double value = 0;
  Real sum[per_lane][per_warp] = {};
  for (std::size_t tile = tiles.begin; tile < tiles.end; ++tile) {
    const std::size_t i0 = tile * Tile::samples;
    typename Tile::Products z;
    multiply_tile<Tile>(block, shared.stage, in, {i0, j0, false}, z);
    weigh_tile(block, shared, args, i0, z, value);
    const bool last = tile + 1 == tiles.end || (tile + 1 - tiles.begin) % flush == 0;
    for (std::size_t c0 = 0; c0 < in.d; c0 += smooth_columns) {
      const std::size_t column = c0 + warp * per_warp;
      for (unsigned s0 = 0; s0 < Tile::samples; s0 += smooth_rows) {
        block.sync();
        stage_rows(block, shared, in, i0 + s0, c0);
        block.sync();
        MCKEAN_UNROLL_4
        for (unsigned s = 0; column < in.d && s < smooth_rows; ++s) {
          Real slope[per_lane];
          MCKEAN_UNROLL
          for (unsigned r = 0; r < per_lane; ++r)
            slope[r] = shared.slope[lane + warp_size * r][s0 + s];
          MCKEAN_UNROLL
          for (unsigned c = 0; c < per_warp; ++c) {
            const Real x = shared.x[s][warp * per_warp + c];
            MCKEAN_UNROLL
            for (unsigned r = 0; r < per_lane; ++r) sum[r][c] += slope[r] * x;
          }
        }
      }
      if (!last && in.d <= smooth_columns) continue;
      MCKEAN_UNROLL
      for (unsigned c = 0; c < per_warp; ++c) {
        MCKEAN_UNROLL
        for (unsigned r = 0; r < per_lane; ++r) {
          if (column + c < in.d)
            sums[(column + c) * in.ld + lane + warp_size * r] += double(sum[r][c]);
          sum[r][c] = 0;
        }
      }
    }
  }
  if (lane < Tile::per_warp) sums[in.d * in.ld + warp * Tile::per_warp + lane] = value;
}

}  // namespace mckean::cuda
