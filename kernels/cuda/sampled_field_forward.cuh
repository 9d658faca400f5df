// Forward pass of the sampled field: particles packed in Real, f_i over splits of the particles,
// errors e_i = f_i - y_i.
#pragma once

#include <concepts>
#include <cstdint>
#include <type_traits>

#include "kernels/cuda/block.cuh"
#include "kernels/cuda/product_tile.cuh"
#include "mckean/formula/activation.hpp"

namespace mckean::cuda {

/// packed[r * ld + j] = w[r * m + j] in Real, r < 1 + d; 0 for m <= j < ld. Then no tile meets an
/// edge in j.
template <class Real>
struct PackArgs {
  using Shared = NoShared;
  static constexpr unsigned threads = 256;
  const double* w;
  Real* packed;
  std::size_t m, rows, ld;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared&) const {
    pack_body(block, *this);
  }
};

template <class Block, class Real>
MCKEAN_DEVICE void pack_body(const Block& block, const PackArgs<Real>& args) {
  const std::size_t index = std::size_t{block.x()} * block.threads() + block.thread();
  if (index >= args.rows * args.ld) return;
  const std::size_t row = index / args.ld;
  const std::size_t j = index % args.ld;
  args.packed[index] = j < args.m ? Real(args.w[row * args.m + j]) : Real(0);
}

template <class Real>
using ForwardTile = ProductTile<Real, sizeof(Real) == 4 ? 4 : 2, 16>;

/// `sums` are the fp64 sums of each warp, in slots that one thread owns until the last barrier.
template <class Real>
struct ForwardShared {
  typename ForwardTile<Real>::Stage stage;
  double sums[ForwardTile<Real>::warps][ForwardTile<Real>::samples];
};

/// partial[split * count + i] = sum of a_j sigma(z_ij) over the particles of a split. Where `mask`
/// is not null, bit i % 32 of mask[i / 32 * ld + j] is set where sigma'(z_ij) is the slope `above`.
/// Grid: sample tiles x splits.
template <class Real, class A>
struct ForwardArgs {
  using Shared = ForwardShared<Real>;
  static constexpr unsigned threads = ForwardTile<Real>::threads;
  ProductArgs<Real> product;
  const Real* a;  // ld values, 0 past the last particle
  A activation;
  double* partial;
  std::uint32_t* mask;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared& shared) const {
    forward_body(block, shared, *this);
  }
};

/// slots[32 q] += sum_p a[p] sigma(z[q][p]). The loops are kept, as sigma may be long.
template <class Tile, class A>
MCKEAN_DEVICE void smooth_sums(const A& activation, const typename Tile::Real* a,
                               const typename Tile::Products& z, double* slots) {
  using Real = typename Tile::Real;
  Real local[Tile::per_lane][Tile::per_warp];
  MCKEAN_UNROLL
  for (unsigned q = 0; q < Tile::per_lane; ++q) {
    MCKEAN_UNROLL
    for (unsigned p = 0; p < Tile::per_warp; ++p) local[q][p] = z[q][p];
  }
  MCKEAN_KEEP_LOOP
  for (unsigned q = 0; q < Tile::per_lane; ++q) {
    Real sum = 0;
    MCKEAN_KEEP_LOOP
    for (unsigned p = 0; p < Tile::per_warp; ++p) sum += a[p] * activation.value(local[q][p]);
    slots[warp_size * q] += double(sum);
  }
}

/// Word p of row q: one bit for each of the samples 32 q to 32 q + 31 of particle p. Null where the
/// mask is not wanted.
struct MaskWords {
  std::uint32_t* words;
  std::size_t ld;
};

/// The same for a piecewise linear sigma. Lane p writes the mask of particle p.
template <class Tile, class Block>
MCKEAN_DEVICE void masked_sums(const Block& block, const PiecewiseLinear& activation,
                               const typename Tile::Real* a, const typename Tile::Products& z,
                               const MaskWords& mask, double* slots) {
  using Real = typename Tile::Real;
  const unsigned lane = block.thread() % warp_size;
  Real sum[Tile::per_lane] = {};
  std::uint32_t own[Tile::per_lane] = {};
  MCKEAN_UNROLL
  for (unsigned p = 0; p < Tile::per_warp; ++p) {
    const Real amplitude = a[p];
    MCKEAN_UNROLL
    for (unsigned q = 0; q < Tile::per_lane; ++q) {
      sum[q] += amplitude * activation.value(z[q][p]);
      if (mask.words == nullptr) continue;  // for all threads at once
      const std::uint32_t word =
          block.ballot(activation.derivative(z[q][p]) != Real(activation.below));
      if (lane == p) own[q] = word;
    }
  }
  MCKEAN_UNROLL
  for (unsigned q = 0; q < Tile::per_lane; ++q) slots[warp_size * q] += double(sum[q]);
  if (mask.words == nullptr || lane >= Tile::per_warp) return;
  MCKEAN_UNROLL
  for (unsigned q = 0; q < Tile::per_lane; ++q) mask.words[q * mask.ld + lane] = own[q];
}

template <class Block, class Real, class A>
MCKEAN_DEVICE void forward_body(const Block& block, ForwardShared<Real>& shared,
                                const ForwardArgs<Real, A>& args) {
  using Tile = ForwardTile<Real>;
  const unsigned lane = block.thread() % warp_size;
  const unsigned warp = block.thread() / warp_size;
  const std::size_t i0 = std::size_t{block.x()} * Tile::samples;
  const Range tiles = part_of(args.product.ld / Tile::particles, block.y(), block.grid_y());
  double* const slots = &shared.sums[warp][lane];
  for (unsigned q = 0; q < Tile::per_lane; ++q) slots[warp_size * q] = 0;
  for (std::size_t tile = tiles.begin; tile < tiles.end; ++tile) {
    const std::size_t j0 = tile * Tile::particles;
    typename Tile::Products z;
    multiply_tile<Tile>(block, shared.stage, args.product, {i0, j0, tile != tiles.begin}, z);
    const std::size_t first = j0 + warp * Tile::per_warp;
    if constexpr (std::same_as<A, PiecewiseLinear>) {
      std::uint32_t* mask = nullptr;
      if (args.mask != nullptr) mask = args.mask + i0 / 32 * args.product.ld + first;
      masked_sums<Tile>(block, args.activation, args.a + first, z, {mask, args.product.ld}, slots);
    } else {
      smooth_sums<Tile>(args.activation, args.a + first, z, slots);
    }
  }
  block.sync();
  const std::size_t i = i0 + block.thread();
  if (block.thread() < Tile::samples && i < args.product.count) {
    double sum = 0;
    for (unsigned w = 0; w < Tile::warps; ++w) sum += shared.sums[w][block.thread()];
    args.partial[block.y() * args.product.count + i] = sum;
  }
}

/// f_i = scale * sum over splits of partial; out_i = f_i, or with y out_i = e_i = f_i - y_i and
/// square_sums[block] = sum of e_i^2 over the block's 256 samples.
struct ErrorArgs {
  using Shared = BlockSumShared;
  static constexpr unsigned threads = 256;
  const double* partial;
  const double* y;
  std::size_t count;
  unsigned splits;
  double scale;
  double* out;
  double* square_sums;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared& shared) const {
    error_body(block, shared, *this);
  }
};

template <class Block>
MCKEAN_DEVICE void error_body(const Block& block, BlockSumShared& shared, const ErrorArgs& args) {
  const std::size_t i = std::size_t{block.x()} * block.threads() + block.thread();
  double value = 0;
  if (i < args.count) {
    for (unsigned split = 0; split < args.splits; ++split)
      value += args.partial[split * args.count + i];
    value *= args.scale;
    if (args.y != nullptr) value -= args.y[i];
    args.out[i] = value;
  }
  const double sum = block.template sum<ErrorArgs::threads>(shared, value * value);
  if (block.thread() == 0 && args.y != nullptr) args.square_sums[block.x()] = sum;
}

}  // namespace mckean::cuda
