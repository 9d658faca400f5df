// The kernels of planar_field in their order, over an executor that can also sort:
//     void sort_pairs(const uint64_t* keys_in, uint64_t* keys_out, const uint32_t* in, uint32_t*
//     out, size_t count)
// stable and ascending.
#pragma once

#include "kernels/cuda/pairwise_field_sequence.cuh"
#include "kernels/cuda/planar_field_kernels.cuh"

namespace mckean::cuda {

template <class Executor>
double planar_field(Executor& executor, double moment, const ParticlePlanes& w, double weight,
                    const ParticlePlanes& teacher, double teacher_weight, double* v) {
  const std::size_t count = w.m + teacher.m;
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
    partial = cursor.take<double>(tiles + 1);
    return cursor.used();
  };
  place(ScratchCursor(executor.scratch(place(ScratchCursor()))));

  const auto blocks = static_cast<unsigned>(tiles);
  static_assert(PlanarAtomsArgs::threads == planar_tile &&
                PlanarPotentialArgs::threads == planar_tile);
  executor.run(blocks, 1,
               PlanarAtomsArgs{w.values, w.m, weight, teacher.values, teacher.m, teacher_weight,
                               atoms, keys, index});
  executor.pause(256 * double(count));
  executor.sort_pairs(keys, sorted_keys, index, sorted_index, count);
  executor.pause(256 * double(count));
  executor.run(blocks, 1, PlanarScanArgs{atoms, sorted_index, count, within, total});
  executor.run(1, 1, PlanarStartsArgs{total, tiles, start});
  const double factor = moment * 0.15915494309189533577;
  executor.run(blocks, 1,
               PlanarPotentialArgs{factor, atoms, sorted_keys, sorted_index, count, within, start,
                                   w.values, w.m, v, partial});
  executor.run(1, 1, TotalSumArgs<1>{partial, blocks, partial + blocks});
  return executor.fetch(partial + blocks);
}

}  // namespace mckean::cuda
