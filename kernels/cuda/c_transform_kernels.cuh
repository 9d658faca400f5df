// The c-transform and the soft-min: each block over a range of the targets, and a second kernel
// joins the ranges.
#pragma once

#include "kernels/cuda/target_tile.cuh"

namespace mckean::cuda {

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

/// partial[split * sources.n + i] = the minimum or the soft minimum of source i over `range`
/// targets. Grid: blocks of sources x splits.
template <GroundCost Cost, unsigned Targets>
struct PartialTransformArgs {
  using Shared = TargetTile<Targets>;
  static constexpr unsigned threads = pair_threads;
  PairPlanes pairs;
  double inverse;  // 1/epsilon; 0 for the minimum
  std::size_t range;
  SoftMin* partial;

  template <class Block>
  MCKEAN_DEVICE void run(const Block& block, Shared& shared) const {
    SoftMin sums[transform_own];
    for_each_group<Cost>(block, shared, pairs, range,
                         [&](unsigned s, const double* cost, const double* potential, std::size_t) {
                           add_group(sums[s], cost, potential, inverse);
                         });
    const std::size_t n = pairs.sources.n;
    MCKEAN_UNROLL
    for (unsigned s = 0; s < transform_own; ++s) {
      const std::size_t i = own_source(block, s);
      if (i < n) partial[block.y() * n + i] = sums[s];
    }
  }
};

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
