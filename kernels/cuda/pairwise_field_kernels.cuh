// The closed-form field and energy over all pairs: a thread owns a particle, a block goes through
// the atoms in tiles.
#pragma once

#include <cmath>
#include <cstddef>

#include "kernels/cuda/block.cuh"
#include "mckean/formula/population_kernel.hpp"

namespace mckean::cuda {

/// Particles in the precision of the field: planes a, |b|, then the components of b/|b| (0 where b
/// = 0).
template <class Real>
struct PackedDirections {
  Real* planes;  // (2 + d) * m
  std::size_t m, d;

  MCKEAN_HD Real& a(std::size_t j) const { return planes[j]; }
  MCKEAN_HD Real& norm(std::size_t j) const { return planes[m + j]; }
  MCKEAN_HD Real& unit(std::size_t k, std::size_t j) const { return planes[(2 + k) * m + j]; }
};

template <class Real>
struct PackDirectionsArgs {
  using Shared = NoShared;
  static constexpr unsigned threads = 128;
  const double* w;
  PackedDirections<Real> packed;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared&) const {
    const std::size_t j = std::size_t{block.x()} * block.threads() + block.thread();
    if (j >= packed.m) return;
    const double* const b = w + packed.m;
    double squared = 0;
    for (std::size_t k = 0; k < packed.d; ++k) squared += b[k * packed.m + j] * b[k * packed.m + j];
    const double length = std::sqrt(squared);
    packed.a(j) = static_cast<Real>(w[j]);
    packed.norm(j) = static_cast<Real>(length);
    for (std::size_t k = 0; k < packed.d; ++k) {
      packed.unit(k, j) = length == 0 ? Real(0) : static_cast<Real>(b[k * packed.m + j] / length);
    }
  }
};

constexpr unsigned pair_atoms = 16;       // atoms of a tile
constexpr unsigned pair_components = 16;  // components of a slice

/// A slice of the directions of a tile of atoms.
template <class Real>
struct PairTile {
  Real unit[pair_components][pair_atoms];
  Real a[pair_atoms];
  Real norm[pair_atoms];
};

/// Loads components [slice, slice + 16) of atoms [first, first + 16); what is beyond either end is
/// 0 and so are its sums.
template <class Block, class Real>
MCKEAN_DEVICE void load_pair_tile(const Block& block, PairTile<Real>& tile,
                                  const PackedDirections<Real>& atoms, std::size_t first,
                                  std::size_t slice) {
  block.sync();
  for (unsigned e = block.thread(); e < pair_atoms * pair_components; e += block.threads()) {
    const std::size_t l = first + e % pair_atoms;
    const std::size_t k = slice + e / pair_atoms;
    tile.unit[e / pair_atoms][e % pair_atoms] =
        l < atoms.m && k < atoms.d ? atoms.unit(k, l) : Real(0);
  }
  if (block.thread() < pair_atoms) {
    const std::size_t l = first + block.thread();
    tile.a[block.thread()] = l < atoms.m ? atoms.a(l) : Real(0);
    tile.norm[block.thread()] = l < atoms.m ? atoms.norm(l) : Real(0);
  }
  block.sync();
}

/// |u_j + u'_l|^2 and |u_j - u'_l|^2 of one particle and the atoms of a tile.
template <class Real>
struct PairSquares {
  Real plus[pair_atoms];
  Real minus[pair_atoms];
};

/// Goes through all slices of a tile; the last one is left in shared memory.
template <class Block, class Real>
MCKEAN_DEVICE PairSquares<Real> measure_tile(const Block& block, PairTile<Real>& tile,
                                             const PackedDirections<Real>& particles,
                                             const PackedDirections<Real>& atoms, std::size_t first,
                                             std::size_t j) {
  PairSquares<Real> squares = {};
  for (std::size_t slice = 0; slice < atoms.d; slice += pair_components) {
    load_pair_tile(block, tile, atoms, first, slice);
    if (j >= particles.m) continue;
    const std::size_t left = atoms.d - slice;
    const auto components = static_cast<unsigned>(left < pair_components ? left : pair_components);
    for (unsigned k = 0; k < components; ++k) {
      const Real u = particles.unit(slice + k, j);
      for (unsigned l = 0; l < pair_atoms; ++l) {
        const Real sum = u + tile.unit[k][l];
        const Real difference = u - tile.unit[k][l];
        squares.plus[l] += sum * sum;
        squares.minus[l] += difference * difference;
      }
    }
  }
  return squares;
}

/// v += weight * sum over atoms of grad_w k. Sums over a tile in Real, over tiles in double.
template <PairKernelKind Kind, class Real>
struct PairwiseFieldArgs {
  using Shared = PairTile<Real>;
  static constexpr unsigned threads = 128;
  Real moment;
  PackedDirections<Real> particles;
  PackedDirections<Real> atoms;
  const double* a;
  double weight;
  double* v;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared& tile) const {
    pairwise_field_body(block, tile, *this);
  }
};

template <class Block, PairKernelKind Kind, class Real>
MCKEAN_DEVICE void pairwise_field_body(const Block& block, PairTile<Real>& tile,
                                       const PairwiseFieldArgs<Kind, Real>& args) {
  const std::size_t m = args.particles.m;
  const std::size_t d = args.particles.d;
  const std::size_t j = std::size_t{block.x()} * block.threads() + block.thread();
  const bool owns = j < m;
  const Real norm = owns ? args.particles.norm(j) : Real(0);
  const double scale = owns ? args.weight * args.a[j] : 0;
  double value = 0;
  double along = 0;
  for (std::size_t first = 0; first < args.atoms.m; first += pair_atoms) {
    const PairSquares<Real> squares =
        measure_tile(block, tile, args.particles, args.atoms, first, j);
    Real along_other[pair_atoms];
    Real tile_value = 0;
    Real tile_along = 0;
    for (unsigned l = 0; l < pair_atoms; ++l) {
      const PairTerms<Real> terms = pair_terms<Kind>(
          args.moment, Pair<Real>{norm, tile.norm[l], squares.plus[l], squares.minus[l]});
      tile_value += tile.a[l] * terms.value;
      tile_along += tile.a[l] * terms.along;
      along_other[l] = tile.a[l] * terms.along_other;
    }
    value += static_cast<double>(tile_value);
    along += static_cast<double>(tile_along);
    for (std::size_t slice = 0; slice < d; slice += pair_components) {
      if (d > pair_components) load_pair_tile(block, tile, args.atoms, first, slice);
      const auto components =
          static_cast<unsigned>(d - slice < pair_components ? d - slice : pair_components);
      for (unsigned k = 0; owns && k < components; ++k) {
        Real sum = 0;
        for (unsigned l = 0; l < pair_atoms; ++l) sum += along_other[l] * tile.unit[k][l];
        args.v[(1 + slice + k) * m + j] += scale * static_cast<double>(sum);
      }
    }
  }
  if (!owns) return;
  args.v[j] += args.weight * value;
  for (std::size_t k = 0; k < d; ++k) {
    args.v[(1 + k) * m + j] += scale * along * static_cast<double>(args.particles.unit(k, j));
  }
}

/// partial[block] = sum over the block's particles of a_j sum_l a'_l value(j, l).
template <PairKernelKind Kind>
struct PairwiseEnergyArgs {
  struct Shared {
    PairTile<double> tile;
    BlockSumShared sum;
  };
  static constexpr unsigned threads = 128;
  double moment;
  PackedDirections<double> particles;
  PackedDirections<double> atoms;
  double* partial;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared& shared) const {
    const std::size_t j = std::size_t{block.x()} * block.threads() + block.thread();
    const bool owns = j < particles.m;
    const double norm = owns ? particles.norm(j) : 0;
    double value = 0;
    for (std::size_t first = 0; first < atoms.m; first += pair_atoms) {
      const PairSquares<double> squares =
          measure_tile(block, shared.tile, particles, atoms, first, j);
      for (unsigned l = 0; l < pair_atoms; ++l) {
        const Pair<double> pair{norm, shared.tile.norm[l], squares.plus[l], squares.minus[l]};
        value += shared.tile.a[l] * pair_terms<Kind>(moment, pair).value;
      }
    }
    const double sum = block.template sum<threads>(shared.sum, owns ? particles.a(j) * value : 0);
    if (block.thread() == 0) partial[block.x()] = sum;
  }
};

}  // namespace mckean::cuda
