// What the passes over all pairs share: a thread owns two sources, a block goes through a range of
// the targets in tiles.
#pragma once

#include <cstddef>

#include "kernels/backend.hpp"
#include "kernels/cuda/block.cuh"
#include "kernels/cuda/split_count.cuh"
#include "kernels/cuda/unroll.cuh"
#include "mckean/formula/ground_cost.hpp"
#include "mckean/formula/soft_min.hpp"

namespace mckean::cuda {

/// n points of R^d as d planes; see Points.
struct PointPlanes {
  const double* values;
  std::size_t n, d;
};

/// PointPairs as a kernel has them.
struct PairPlanes {
  PointPlanes sources;
  PointPlanes targets;
  const double* potential;
};

inline PairPlanes pair_planes(const PointPairs<Space::device>& pairs) {
  return {{pairs.sources.planes.data(), pairs.sources.n, pairs.sources.d},
          {pairs.targets.planes.data(), pairs.targets.n, pairs.targets.d},
          pairs.potential.data()};
}

constexpr unsigned pair_threads = 128;         // of a block
constexpr unsigned transform_components = 16;  // of a slice of the coordinates
constexpr unsigned transform_group = 8;        // targets that a thread measures at a time
constexpr unsigned transform_own = 2;          // sources of a thread
constexpr unsigned block_sources = pair_threads * transform_own;

/// Targets of a tile where a slice holds all coordinates; otherwise one group.
constexpr unsigned wide_tile = 8 * transform_group;

/// A slice of the coordinates of a tile of targets.
template <unsigned Targets>
struct TargetTile {
  static_assert(Targets % transform_group == 0);
  double y[transform_components][Targets];
  double potential[Targets];
};

/// use.operator()<Cost>().
template <class Use>
void with_cost(GroundCost cost, const Use& use) {
  using enum GroundCost;
  switch (cost) {
    case geodesic:
      return use.template operator()<geodesic>();
    case euclidean:
      return use.template operator()<euclidean>();
  }
}

/// use.operator()<Targets>(), the targets of a tile of points of R^d.
template <class Use>
void with_tile(std::size_t d, const Use& use) {
  if (d <= transform_components) {
    use.template operator()<wide_tile>();
  } else {
    use.template operator()<transform_group>();
  }
}

/// Targets in ranges of whole tiles, one for each of the grid's rows of blocks.
struct TargetRanges {
  std::size_t blocks;  // of sources
  std::size_t range;   // targets of a row of blocks
  std::size_t splits;  // rows
};

/// About `enough_blocks` blocks and `most` splits at the most, which follows from the shape alone
/// and fixes the order of all sums.
template <unsigned Targets>
TargetRanges target_ranges(const PairPlanes& pairs, std::size_t enough_blocks, std::size_t most) {
  const std::size_t blocks = divide_up(pairs.sources.n, block_sources);
  const std::size_t tiles = divide_up(pairs.targets.n, Targets);
  const std::size_t range =
      divide_up(tiles, split_count(enough_blocks, blocks, std::min(most, tiles)));
  return {blocks, range * Targets, divide_up(tiles, range)};
}

/// Multiplications and additions of a pass.
inline double pair_operations(const PairPlanes& pairs) {
  return double(pairs.sources.n) * double(pairs.targets.n) * double(pairs.sources.d + 4);
}

/// Loads coordinates [slice, slice + 16) of the targets from `first` on; those from `end` on are
/// beyond every minimum.
template <class Block, unsigned Targets>
MCKEAN_DEVICE void load_target_tile(const Block& block, TargetTile<Targets>& tile,
                                    const PairPlanes& pairs, std::size_t first, std::size_t end,
                                    std::size_t slice) {
  const PointPlanes& targets = pairs.targets;
  const std::size_t left = targets.d - slice;
  const auto components =
      static_cast<unsigned>(left < transform_components ? left : transform_components);
  block.sync();
  for (unsigned e = block.thread(); e < components * Targets; e += block.threads()) {
    const std::size_t j = first + e % Targets;
    tile.y[e / Targets][e % Targets] =
        j < end ? targets.values[(slice + e / Targets) * targets.n + j] : 0;
  }
  if (block.thread() < Targets) {
    const std::size_t j = first + block.thread();
    tile.potential[block.thread()] = j < end ? pairs.potential[j] : SoftMin::beyond;
  }
  block.sync();
}

/// A slice of the coordinates of a thread's sources, which fits in registers.
struct SourceSlice {
  double x[transform_components][transform_own];
};

MCKEAN_DEVICE void load_source_slice(SourceSlice& own, const PointPlanes& sources,
                                     const std::size_t* index, std::size_t slice) {
  MCKEAN_UNROLL
  for (unsigned k = 0; k < transform_components; ++k) {
    MCKEAN_UNROLL
    for (unsigned s = 0; s < transform_own; ++s) {
      own.x[k][s] = slice + k < sources.d ? sources.values[(slice + k) * sources.n + index[s]] : 0;
    }
  }
}

/// |x - y|^2 and |x + y|^2 of a thread's sources and a group of targets.
struct GroupSquares {
  double minus[transform_own][transform_group] = {};
  double plus[transform_own][transform_group] = {};
};

/// Adds the first `components` coordinates of a slice.
template <GroundCost Cost, unsigned Targets>
MCKEAN_DEVICE void measure_group(GroupSquares& squares, const SourceSlice& own,
                                 const TargetTile<Targets>& tile, unsigned group,
                                 std::size_t components) {
  MCKEAN_UNROLL
  for (unsigned k = 0; k < transform_components; ++k) {
    if (k >= components) break;
    MCKEAN_UNROLL
    for (unsigned l = 0; l < transform_group; ++l) {
      const double y = tile.y[k][group + l];
      MCKEAN_UNROLL
      for (unsigned s = 0; s < transform_own; ++s) {
        const double difference = own.x[k][s] - y;
        squares.minus[s][l] += difference * difference;
        if constexpr (Cost == GroundCost::geodesic) {
          const double sum = own.x[k][s] + y;
          squares.plus[s][l] += sum * sum;
        }
      }
    }
  }
}

/// The source s of a thread; there is none from sources.n on.
template <class Block>
MCKEAN_DEVICE std::size_t own_source(const Block& block, unsigned s) {
  return std::size_t{block.x()} * block_sources + block.thread() + s * pair_threads;
}

/// use(s, costs, potentials, j) for each source s of the thread and each group of targets from j on
/// of the block's range, in order. Targets beyond the last one have an infinite potential.
template <GroundCost Cost, class Block, unsigned Targets, class Use>
MCKEAN_DEVICE void for_each_group(const Block& block, TargetTile<Targets>& tile,
                                  const PairPlanes& pairs, std::size_t range, const Use& use) {
  const PointPlanes& sources = pairs.sources;
  const std::size_t d = sources.d;
  std::size_t index[transform_own];
  MCKEAN_UNROLL
  for (unsigned s = 0; s < transform_own; ++s) {
    const std::size_t i = own_source(block, s);
    index[s] = i < sources.n ? i : sources.n - 1;
  }
  const std::size_t begin = block.y() * range;
  const std::size_t rest = pairs.targets.n - begin;
  const std::size_t end = begin + (rest < range ? rest : range);
  SourceSlice own;
  load_source_slice(own, sources, index, 0);
  for (std::size_t first = begin; first < end; first += Targets) {
    MCKEAN_KEEP_LOOP
    for (unsigned group = 0; group < Targets && first + group < end; group += transform_group) {
      GroupSquares squares;
      MCKEAN_KEEP_LOOP
      for (std::size_t slice = 0; slice < d; slice += transform_components) {
        if (group == 0) load_target_tile(block, tile, pairs, first, end, slice);
        if (d > transform_components) load_source_slice(own, sources, index, slice);
        measure_group<Cost>(squares, own, tile, group, d - slice);
      }
      MCKEAN_UNROLL
      for (unsigned s = 0; s < transform_own; ++s) {
        double cost[transform_group];
        MCKEAN_UNROLL
        for (unsigned l = 0; l < transform_group; ++l)
          cost[l] = ground_cost<Cost>(squares.minus[s][l], squares.plus[s][l]);
        use(s, cost, tile.potential + group, first + group);
      }
    }
  }
}

}  // namespace mckean::cuda
