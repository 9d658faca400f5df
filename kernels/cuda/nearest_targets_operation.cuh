// The kernels of nearest_targets in their order, over an executor (executor.cuh).
#pragma once

#include "kernels/cuda/nearest_targets_kernels.cuh"

namespace mckean::cuda {

/// Entries of the lists of all splits, beyond which there are fewer of these.
constexpr std::size_t most_partial_entries = std::size_t{1} << 24;

template <GroundCost Cost, unsigned Targets, class Executor>
void nearest_targets_in_tiles(Executor& executor, const PairPlanes& pairs, const NearestRows& out,
                              std::size_t enough_blocks) {
  using Args = PartialNearestArgs<Cost, Targets>;
  const std::size_t n = pairs.sources.n;
  const auto [blocks, range, splits] = target_ranges<Targets>(
      pairs, enough_blocks, std::max<std::size_t>(1, most_partial_entries / n / out.length));
  executor.pause(pair_operations(pairs));
  if (splits == 1) return executor.run(blocks, 1, Args{pairs, range, out});
  const std::size_t length = std::min(out.length, range);
  const std::size_t entries = splits * n * length;
  const NearestRows partial{
      static_cast<double*>(executor.scratch(entries * sizeof(double))),
      static_cast<std::uint32_t*>(executor.scratch(entries * sizeof(std::uint32_t))), length};
  executor.run(blocks, splits, Args{pairs, range, partial});
  executor.run(
      divide_up(n, JoinNearestArgs::threads), 1,
      JoinNearestArgs{partial, n, pairs.targets.n, range, static_cast<unsigned>(splits), out});
}

/// Targets are split until there are about `enough_blocks` blocks. n, m, d > 0; the length of rows
/// is m at the most.
template <GroundCost Cost, class Executor>
void nearest_targets(Executor& executor, const PairPlanes& pairs, const NearestRows& out,
                     std::size_t enough_blocks = 1024) {
  with_tile(pairs.sources.d, [&]<unsigned Targets>() {
    nearest_targets_in_tiles<Cost, Targets>(executor, pairs, out, enough_blocks);
  });
}

/// The operation of the concept.
template <class Executor>
void nearest_targets(Executor& executor, const PointPairs<Space::device>& pairs, std::size_t k,
                     DeviceView<double> value, DeviceView<std::uint32_t> index) {
  MCKEAN_EXPECT(k >= 1 && k <= pairs.targets.n);
  MCKEAN_EXPECT(value.size() == pairs.sources.n * k && index.size() == value.size());
  if (pairs.sources.n == 0) return;
  const PairPlanes planes = pair_planes(pairs);
  const NearestRows out{value.data(), index.data(), k};
  with_cost(pairs.cost, [&]<GroundCost Cost>() { nearest_targets<Cost>(executor, planes, out); });
}

}  // namespace mckean::cuda
