// The c-transform and the soft-min: a thread owns two sources, a block goes through a range of the
// targets in tiles, and a second kernel joins the ranges.
#pragma once

#include <cstddef>

#include "kernels/cuda/block.cuh"
#include "kernels/cuda/unroll.cuh"
#include "mckean/formula/ground_cost.hpp"
#include "mckean/formula/soft_min.hpp"

namespace mckean::cuda {

/// n points of R^d as d planes; see Points.
struct PointPlanes {
  const double* values;
  std::size_t n, d;
};

constexpr unsigned transform_components = 16;  // of a slice of the coordinates
constexpr unsigned transform_group = 8;        // targets that a thread measures at a time
constexpr unsigned transform_own = 2;          // sources of a thread

/// Targets of a tile where a slice holds all coordinates; otherwise one group.
constexpr unsigned wide_tile = 8 * transform_group;

/// A slice of the coordinates of a tile of targets.
template <unsigned Targets>
struct TargetTile {
  static_assert(Targets % transform_group == 0);
  double y[transform_components][Targets];
  double potential[Targets];
};

/// partial[split * sources.n + i] = the minimum or the soft minimum of source i over `range`
/// targets. Grid: blocks of sources x splits.
template <GroundCost Cost, unsigned Targets>
struct PartialTransformArgs {
  using Shared = TargetTile<Targets>;
  static constexpr unsigned threads = 128;
  static constexpr unsigned block_sources = threads * transform_own;
  PointPlanes sources;
  PointPlanes targets;
  const double* potential;
  double inverse;  // 1/epsilon; 0 for the minimum
  std::size_t range;
  SoftMin* partial;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared& shared) const {
    partial_transform_body(block, shared, *this);
  }
};

/// Loads coordinates [slice, slice + 16) of the targets from `first` on; those from `end` on are
/// beyond every minimum.
template <class Block, unsigned Targets>
MCKEAN_DEVICE void load_target_tile(const Block& block, TargetTile<Targets>& tile,
                                    const PointPlanes& targets, const double* potential,
                                    std::size_t first, std::size_t end, std::size_t slice) {
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
    tile.potential[block.thread()] = j < end ? potential[j] : SoftMin::beyond;
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

MCKEAN_DEVICE void add_group(SoftMin& sum, const double* cost, const double* potential,
                             double inverse) {
  if (inverse == 0) {
    MCKEAN_UNROLL
    for (unsigned l = 0; l < transform_group; ++l) sum.merge_hard(cost[l] + potential[l], cost[l]);
    return;
  }
  double low = cost[0] + potential[0];
  MCKEAN_UNROLL
  for (unsigned l = 1; l < transform_group; ++l) {
    const double value = cost[l] + potential[l];
    low = value < low ? value : low;
  }
  sum.lower(low, inverse);
  if (sum.leaves_out(low, inverse)) return;
  double weights = 0;
  double costs = 0;
  MCKEAN_UNROLL
  for (unsigned l = 0; l < transform_group; ++l) {
    const double e = exponential_of_negative((sum.least - (cost[l] + potential[l])) * inverse);
    weights += e;
    costs += e * cost[l];
  }
  sum.weight += weights;
  sum.cost += costs;
}

template <class Block, GroundCost Cost, unsigned Targets>
MCKEAN_DEVICE void partial_transform_body(const Block& block, TargetTile<Targets>& tile,
                                          const PartialTransformArgs<Cost, Targets>& args) {
  using Args = PartialTransformArgs<Cost, Targets>;
  const PointPlanes& sources = args.sources;
  const std::size_t d = sources.d;
  const std::size_t mine = std::size_t{block.x()} * Args::block_sources + block.thread();
  std::size_t index[transform_own];
  MCKEAN_UNROLL
  for (unsigned s = 0; s < transform_own; ++s) {
    const std::size_t i = mine + s * Args::threads;
    index[s] = i < sources.n ? i : sources.n - 1;
  }
  const std::size_t begin = block.y() * args.range;
  const std::size_t rest = args.targets.n - begin;
  const std::size_t end = begin + (rest < args.range ? rest : args.range);
  SourceSlice own;
  load_source_slice(own, sources, index, 0);
  SoftMin sums[transform_own];
  for (std::size_t first = begin; first < end; first += Targets) {
    MCKEAN_KEEP_LOOP
    for (unsigned group = 0; group < Targets && first + group < end; group += transform_group) {
      GroupSquares squares;
      MCKEAN_KEEP_LOOP
      for (std::size_t slice = 0; slice < d; slice += transform_components) {
        if (group == 0) {
          load_target_tile(block, tile, args.targets, args.potential, first, end, slice);
        }
        if (d > transform_components) load_source_slice(own, sources, index, slice);
        measure_group<Cost>(squares, own, tile, group, d - slice);
      }
      MCKEAN_UNROLL
      for (unsigned s = 0; s < transform_own; ++s) {
        double cost[transform_group];
        MCKEAN_UNROLL
        for (unsigned l = 0; l < transform_group; ++l)
          cost[l] = ground_cost<Cost>(squares.minus[s][l], squares.plus[s][l]);
        add_group(sums[s], cost, tile.potential + group, args.inverse);
      }
    }
  }
  MCKEAN_UNROLL
  for (unsigned s = 0; s < transform_own; ++s) {
    const std::size_t i = mine + s * Args::threads;
    if (i < sources.n) args.partial[block.y() * sources.n + i] = sums[s];
  }
}

/// Joins the splits of each source in their order.
struct JoinTransformArgs {
  using Shared = NoShared;
  static constexpr unsigned threads = 128;
  const SoftMin* partial;
  std::size_t n;
  unsigned splits;
  double epsilon;
  double* value;
  double* mean_cost;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared&) const {
    const std::size_t i = std::size_t{block.x()} * block.threads() + block.thread();
    if (i >= n) return;
    SoftMin sum = partial[i];
    for (std::size_t split = 1; split < splits; ++split) {
      const SoftMin part = partial[split * n + i];
      if (epsilon > 0) {
        sum.merge_soft(part, 1 / epsilon);
      } else {
        sum.merge_hard(part.least, part.cost);
      }
    }
    value[i] = sum.value(epsilon);
    mean_cost[i] = sum.mean_cost(epsilon);
  }
};

}  // namespace mckean::cuda
