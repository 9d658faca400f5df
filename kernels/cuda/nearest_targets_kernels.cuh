// The k nearest targets: a thread keeps the lists of its sources in global memory over a range of
// the targets, and a second kernel joins the ranges.
#pragma once

#include <cmath>
#include <cstdint>

#include "kernels/cuda/target_tile.cuh"
#include "mckean/formula/nearest_list.hpp"

namespace mckean::cuda {

/// Of equal values those of the first targets.
using NearestHeap = NearestList<true>;

/// Rows of `length` values and indices.
struct NearestRows {
  double* value;
  std::uint32_t* index;
  std::size_t length;

  MCKEAN_DEVICE NearestHeap list(std::size_t row) const {
    return {value + row * length, index + row * length, length};
  }
};

/// Row split * sources.n + i = a heap of the least of source i over `range` targets, as many as
/// there are up to the length of a row. Grid: blocks of sources x splits.
template <GroundCost Cost, unsigned Targets>
struct PartialNearestArgs {
  using Shared = TargetTile<Targets>;
  static constexpr unsigned threads = pair_threads;
  PairPlanes pairs;
  std::size_t range;
  NearestRows rows;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared& shared) const {
    const std::size_t n = pairs.sources.n;
    NearestHeap lists[transform_own];
    MCKEAN_UNROLL
    for (unsigned s = 0; s < transform_own; ++s) {
      const std::size_t i = own_source(block, s);
      lists[s] = rows.list(block.y() * n + i);
      if (i >= n) lists[s].limit = -HUGE_VAL;  // nothing comes
    }
    for_each_group<Cost>(
        block, shared, pairs, range,
        [&](unsigned s, const double* cost, const double* potential, std::size_t first) {
          insert_group(lists[s], cost, potential, first);
        });
  }

 private:
  /// Targets in order, so that of equal values the first ones stay.
  static MCKEAN_DEVICE void insert_group(NearestHeap& list, const double* cost,
                                         const double* potential, std::size_t first) {
    for (unsigned next = 0;;) {
      unsigned found = transform_group;
      double least = 0;
      MCKEAN_UNROLL
      for (unsigned l = transform_group; l-- > 0;) {
        const double value = cost[l] + potential[l];
        const bool comes = l >= next && value < list.limit;
        found = comes ? l : found;
        least = comes ? value : least;
      }
      if (found == transform_group) return;
      list.insert(least, static_cast<std::uint32_t>(first + found));
      next = found + 1;
    }
  }
};

/// Joins the splits of each source.
struct JoinNearestArgs {
  using Shared = NoShared;
  static constexpr unsigned threads = 128;
  NearestRows partial;
  std::size_t n, targets;
  std::size_t range;
  unsigned splits;
  NearestRows rows;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared&) const {
    const std::size_t i = std::size_t{block.x()} * block.threads() + block.thread();
    if (i >= n) return;
    NearestHeap list = rows.list(i);
    for (std::size_t split = 0; split < splits; ++split) {
      const NearestHeap part = partial.list(split * n + i);
      const std::size_t left = targets - split * range;
      for (std::size_t s = 0; s < part.k && s < left; ++s) list.offer(part.value[s], part.index[s]);
    }
  }
};

}  // namespace mckean::cuda
