// The kernels of c_transform in their order, over an executor (executor.cuh).
#pragma once

#include "kernels/backend.hpp"
#include "kernels/cuda/c_transform_kernels.cuh"
#include "kernels/cuda/scratch_cursor.cuh"
#include "kernels/cuda/split_count.cuh"

namespace mckean::cuda {

/// Arguments of one call, in the memory of the executor; n, m, d > 0.
struct TransformProblem {
  PointPlanes sources;
  PointPlanes targets;
  const double* potential;
  double epsilon;
};

template <GroundCost Cost, unsigned Targets, class Executor>
void c_transform_in_tiles(Executor& executor, const TransformProblem& in, double* value,
                          double* mean_cost, std::size_t enough_blocks) {
  using Args = PartialTransformArgs<Cost, Targets>;
  const std::size_t n = in.sources.n;
  const std::size_t blocks = divide_up(n, Args::block_sources);
  const std::size_t tiles = divide_up(in.targets.n, Targets);
  const std::size_t range = divide_up(tiles, split_count(enough_blocks, blocks, tiles));
  const std::size_t splits = divide_up(tiles, range);
  auto* const partial = static_cast<SoftMin*>(executor.scratch(splits * n * sizeof(SoftMin)));
  executor.pause(double(n) * double(in.targets.n) * double(in.sources.d + 4));
  executor.run(blocks, splits,
               Args{in.sources, in.targets, in.potential, in.epsilon > 0 ? 1 / in.epsilon : 0,
                    range * Targets, partial});
  executor.run(divide_up(n, JoinTransformArgs::threads), 1,
               JoinTransformArgs{partial, n, static_cast<unsigned>(splits), in.epsilon, value,
                                 mean_cost});
}

/// Targets are split until there are about `enough_blocks` blocks, which fixes the order of the
/// sums.
template <GroundCost Cost, class Executor>
void c_transform(Executor& executor, const TransformProblem& in, double* value, double* mean_cost,
                 std::size_t enough_blocks = 1024) {
  if (in.sources.d <= transform_components) {
    c_transform_in_tiles<Cost, wide_tile>(executor, in, value, mean_cost, enough_blocks);
  } else {
    c_transform_in_tiles<Cost, transform_group>(executor, in, value, mean_cost, enough_blocks);
  }
}

/// The operation of the concept.
template <class Executor>
void c_transform(Executor& executor, GroundCost cost, const TransformProblem& in,
                 DeviceView<double> value, DeviceView<double> mean_cost) {
  using enum GroundCost;
  MCKEAN_EXPECT(in.sources.d == in.targets.d && in.targets.n > 0 && in.epsilon >= 0);
  MCKEAN_EXPECT(value.size() == in.sources.n && mean_cost.size() == in.sources.n);
  if (in.sources.n == 0) return;
  switch (cost) {
    case geodesic:
      return c_transform<geodesic>(executor, in, value.data(), mean_cost.data());
    case euclidean:
      return c_transform<euclidean>(executor, in, value.data(), mean_cost.data());
  }
}

/// Its arguments as they come.
inline TransformProblem transform_problem(Points<Space::device> sources,
                                          Points<Space::device> targets,
                                          DeviceView<const double> potential, double epsilon) {
  MCKEAN_EXPECT(potential.size() == targets.n);
  return {{sources.planes.data(), sources.n, sources.d},
          {targets.planes.data(), targets.n, targets.d},
          potential.data(),
          epsilon};
}

}  // namespace mckean::cuda
