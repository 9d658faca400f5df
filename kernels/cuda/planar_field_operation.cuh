// The kernels of planar_field in their order, over an executor (executor.cuh).
#pragma once

#include "kernels/cuda/pairwise_field_operation.cuh"
#include "kernels/cuda/planar_field_kernels.cuh"

namespace mckean::cuda {

/// The energy where there is a slot for it.
template <class Executor>
void planar_field(Executor& executor, double moment, const WeightedParticles<Space::device>& own,
                  const WeightedParticles<Space::device>& teacher, DeviceState v,
                  DeviceView<double> energy) {
  const ConstDeviceState& w = own.particles;
  const ConstDeviceState& others = teacher.particles;
  MCKEAN_EXPECT(w.d == 2 && (others.m == 0 || others.d == 2) && v.m == w.m && energy.size() <= 1);
  const std::size_t count = w.m + others.m;
  check_index(count);
  if (count == 0) {
    if (!energy.empty()) executor.zero(energy.data(), sizeof(double));
    return;
  }
  const std::size_t tiles = divide_up(count, planar_tile);
  PlanarAtom* atoms;
  std::uint64_t *keys, *sorted_keys;
  std::uint32_t *index, *sorted_index;
  ArcSums *within, *total, *start;
  double* partial;
  const auto place = [&](ScratchCursor cursor) {
    atoms = cursor.take<PlanarAtom>(count);
    keys = cursor.take<std::uint64_t>(count);
    sorted_keys = cursor.take<std::uint64_t>(count);
    index = cursor.take<std::uint32_t>(count);
    sorted_index = cursor.take<std::uint32_t>(count);
    within = cursor.take<ArcSums>(count);
    total = cursor.take<ArcSums>(tiles);
    start = cursor.take<ArcSums>(tiles + 1);
    partial = cursor.take<double>(tiles);
    return cursor.used();
  };
  place(ScratchCursor(executor.scratch(place(ScratchCursor()))));

  static_assert(PlanarAtomsArgs::threads == planar_tile &&
                PlanarPotentialArgs::threads == planar_tile);
  executor.run(tiles, 1,
               PlanarAtomsArgs{w.values.data(), w.m, own.weight, others.values.data(), others.m,
                               teacher.weight, atoms, keys, index});
  executor.pause(256 * double(count));
  executor.sort_pairs(keys, sorted_keys, index, sorted_index, count);
  executor.pause(256 * double(count));
  executor.run(tiles, 1, PlanarScanArgs{atoms, sorted_index, count, within, total});
  executor.run(1, 1, PlanarStartsArgs{total, tiles, start});
  const double factor = moment * 0.15915494309189533577;
  executor.run(tiles, 1,
               PlanarPotentialArgs{factor, atoms, sorted_keys, sorted_index, count, within, start,
                                   w.values.data(), w.m, v.values.data(), partial});
  if (!energy.empty()) executor.run(1, 1, TotalSumArgs{partial, tiles, energy.data()});
}

}  // namespace mckean::cuda
