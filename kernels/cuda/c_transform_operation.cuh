// The kernels of c_transform in their order, over an executor (executor.cuh).
#pragma once

#include "kernels/cuda/c_transform_kernels.cuh"

namespace mckean::cuda {

/// Where value and mean cost of each source go.
struct TransformRows {
  double* value;
  double* mean_cost;
};

template <GroundCost Cost, unsigned Targets, class Executor>
void c_transform_in_tiles(Executor& executor, const PairPlanes& pairs, double epsilon,
                          const TransformRows& out, std::size_t enough_blocks) {
  using Args = PartialTransformArgs<Cost, Targets>;
  const std::size_t n = pairs.sources.n;
  const auto [blocks, range, splits] =
      target_ranges<Targets>(pairs, enough_blocks, pairs.targets.n);
  auto* const partial = static_cast<SoftMin*>(executor.scratch(splits * n * sizeof(SoftMin)));
  executor.pause(pair_operations(pairs));
  executor.run(blocks, splits, Args{pairs, epsilon > 0 ? 1 / epsilon : 0, range, partial});
  executor.run(divide_up(n, JoinTransformArgs::threads), 1,
               JoinTransformArgs{partial, n, static_cast<unsigned>(splits), epsilon, out.value,
                                 out.mean_cost});
}

/// Targets are split until there are about `enough_blocks` blocks. n, m, d > 0.
template <GroundCost Cost, class Executor>
void c_transform(Executor& executor, const PairPlanes& pairs, double epsilon,
                 const TransformRows& out, std::size_t enough_blocks = 1024) {
  with_tile(pairs.sources.d, [&]<unsigned Targets>() {
    c_transform_in_tiles<Cost, Targets>(executor, pairs, epsilon, out, enough_blocks);
  });
}

/// The operation of the concept.
template <class Executor>
void c_transform(Executor& executor, const PointPairs<Space::device>& pairs, double epsilon,
                 DeviceView<double> value, DeviceView<double> mean_cost) {
  MCKEAN_EXPECT(epsilon >= 0);
  MCKEAN_EXPECT(value.size() == pairs.sources.n && mean_cost.size() == pairs.sources.n);
  if (pairs.sources.n == 0) return;
  const PairPlanes planes = pair_planes(pairs);
  const TransformRows out{value.data(), mean_cost.data()};
  with_cost(pairs.cost,
            [&]<GroundCost Cost>() { c_transform<Cost>(executor, planes, epsilon, out); });
}

}  // namespace mckean::cuda
