// The arc-cosine field on the plane after sorting by angle: prefix sums over arcs, then one
// potential for each atom.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "kernels/cuda/block.cuh"
#include "mckean/formula/planar.hpp"
#include "mckean/formula/sortable.hpp"

namespace mckean::cuda {

/// An atom of the signed measure: angle, unit vector, mass Q = weight a |b|.
struct PlanarAtom {
  double angle, cosine, sine, mass;
};

/// Atom and key of each particle, then of each teacher atom.
struct PlanarAtomsArgs {
  using Shared = NoShared;
  static constexpr unsigned threads = 256;
  const double* w;
  std::size_t m;
  double weight;
  const double* teacher;
  std::size_t teacher_m;
  double teacher_weight;
  PlanarAtom* atoms;
  std::uint64_t* keys;
  std::uint32_t* index;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared&) const {
    const std::size_t i = std::size_t{block.x()} * block.threads() + block.thread();
    if (i >= m + teacher_m) return;
    const bool own = i < m;
    const double* const from = own ? w : teacher;
    const std::size_t count = own ? m : teacher_m;
    const std::size_t j = own ? i : i - m;
    const double b0 = from[count + j];
    const double b1 = from[2 * count + j];
    const double norm = std::hypot(b0, b1);
    PlanarAtom atom{0, 1, 0, 0};
    if (norm != 0) {
      atom = {std::atan2(b1, b0), b0 / norm, b1 / norm,
              (own ? weight : teacher_weight) * from[j] * norm};
    }
    atoms[i] = atom;
    keys[i] = sortable(atom.angle);
    index[i] = static_cast<std::uint32_t>(i);
  }
};

constexpr unsigned planar_tile = 256;

/// within[i] = sum over the sorted atoms of i's tile before i; total[tile] = sum over the tile.
struct PlanarScanArgs {
  using Shared = BlockScanShared<ArcSums>;
  static constexpr unsigned threads = planar_tile;
  const PlanarAtom* atoms;
  const std::uint32_t* index;
  std::size_t count;
  ArcSums* within;
  ArcSums* total;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared& shared) const {
    const std::size_t i = std::size_t{block.x()} * planar_tile + block.thread();
    ArcSums term;
    if (i < count) {
      const PlanarAtom atom = atoms[index[i]];
      term = arc_term(atom.mass, atom.angle, atom.cosine, atom.sine);
    }
    ArcSums all;
    const ArcSums before = block.template exclusive_sum<threads>(shared, term, all);
    if (i < count) within[i] = before;
    if (block.thread() == 0) total[block.x()] = all;
  }
};

/// start[t] = sum of total[0 .. t - 1], t <= tiles, with compensation (Kahan 1965). One warp; lane
/// c owns component c.
struct PlanarStartsArgs {
  using Shared = NoShared;
  static constexpr unsigned threads = warp_size;
  const ArcSums* total;
  std::size_t tiles;
  ArcSums* start;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared&) const {
    constexpr unsigned components = sizeof(ArcSums) / sizeof(double);
    if (block.thread() >= components) return;
    const double* const in = reinterpret_cast<const double*>(total) + block.thread();
    double* const out = reinterpret_cast<double*>(start) + block.thread();
    double sum = 0;
    double lost = 0;
    for (std::size_t t = 0; t < tiles; ++t) {
      out[t * components] = sum;
      const double corrected = in[t * components] - lost;
      const double next = sum + corrected;
      lost = (next - sum) - corrected;
      sum = next;
    }
    out[tiles * components] = sum;
  }
};

/// v of each particle, and partial[block] = sum of Q V over the block's sorted atoms.
struct PlanarPotentialArgs {
  using Shared = BlockSumShared;
  static constexpr unsigned threads = 256;
  double factor;  // moment/(2 pi)
  const PlanarAtom* atoms;
  const std::uint64_t* keys;
  const std::uint32_t* index;
  std::size_t count;
  const ArcSums* within;
  const ArcSums* start;
  const double* w;
  std::size_t m;
  double* v;
  double* partial;

  /// The sums over the sorted atoms before `rank` <= count.
  MCKEAN_DEVICE ArcSums before(std::size_t rank) const {
    if (rank == count) return start[(count + planar_tile - 1) / planar_tile];
    return start[rank / planar_tile] + within[rank];
  }
  /// The number of sorted atoms whose key is below `key`.
  MCKEAN_DEVICE std::size_t rank_of(std::uint64_t key) const {
    std::size_t low = 0;
    std::size_t size = count;
    while (size > 0) {
      const std::size_t half = size / 2;
      const bool below = keys[low + half] < key;
      low = below ? low + half + 1 : low;
      size = below ? size - half - 1 : half;
    }
    return low;
  }

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared& shared) const {
    const std::size_t i = std::size_t{block.x()} * block.threads() + block.thread();
    double energy = 0;
    if (i < count) energy = evaluate(i);
    const double sum = block.template sum<threads>(shared, energy);
    if (block.thread() == 0) partial[block.x()] = factor * sum;
  }

  /// Writes v where sorted atom i is a particle; returns Q V.
  MCKEAN_DEVICE double evaluate(std::size_t i) const {
    constexpr double pi = 3.14159265358979323846;
    const std::size_t j = index[i];
    const PlanarAtom atom = atoms[j];
    const std::size_t antipode = rank_of(sortable(atom.angle + (atom.angle <= 0 ? pi : -pi)));
    const PlanarPotential potential = planar_potential(before(i), before(antipode), before(count),
                                                       atom.angle, atom.cosine, atom.sine);
    if (j < m) {
      const double norm = std::hypot(w[m + j], w[2 * m + j]);
      const double along = norm == 0 ? 0 : factor * w[j];
      v[j] = factor * norm * potential.value;
      v[m + j] = along * (potential.value * atom.cosine - potential.slope * atom.sine);
      v[2 * m + j] = along * (potential.value * atom.sine + potential.slope * atom.cosine);
    }
    return atom.mass * potential.value;
  }
};

}  // namespace mckean::cuda
