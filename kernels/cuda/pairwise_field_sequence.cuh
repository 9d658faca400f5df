// The kernels of add_pairwise_field and pairwise_energy in their order, over an executor as in
// sampled_field_sequence.cuh.
#pragma once

#include "kernels/cuda/pairwise_field_kernels.cuh"
#include "kernels/cuda/reductions_kernels.cuh"
#include "kernels/cuda/scratch_cursor.cuh"

namespace mckean::cuda {

/// m particles of dimension d as planes in the executor's memory; see Particles.
struct ParticlePlanes {
  const double* values;
  std::size_t m, d;
};

template <class Real, class Executor>
void pack_directions(Executor& executor, const ParticlePlanes& w,
                     const PackedDirections<Real>& packed) {
  using Args = PackDirectionsArgs<Real>;
  executor.run(static_cast<unsigned>(divide_up(w.m, Args::threads)), 1, Args{w.values, packed});
}

/// Packs both sets into scratch; `extra` doubles follow them.
template <class Real>
struct PackedPair {
  PackedDirections<Real> left;
  PackedDirections<Real> right;
  double* extra;

  template <class Executor>
  PackedPair(Executor& executor, const ParticlePlanes& l, const ParticlePlanes& r,
             std::size_t count) {
    const auto place = [&](ScratchCursor cursor) {
      left = {cursor.take<Real>((2 + l.d) * l.m), l.m, l.d};
      right = {cursor.take<Real>((2 + r.d) * r.m), r.m, r.d};
      extra = cursor.take<double>(count);
      return cursor.used();
    };
    place(ScratchCursor(executor.scratch(place(ScratchCursor()))));
    pack_directions(executor, l, left);
    pack_directions(executor, r, right);
  }
};

template <PairKernelKind Kind, class Real, class Executor>
void add_pairwise_field(Executor& executor, double moment, const ParticlePlanes& w,
                        const ParticlePlanes& atoms, double weight, double* v) {
  using Args = PairwiseFieldArgs<Kind, Real>;
  const PackedPair<Real> packed(executor, w, atoms, 0);
  executor.pause(double(w.m) * double(atoms.m) * double(w.d + 16));
  executor.run(static_cast<unsigned>(divide_up(w.m, Args::threads)), 1,
               Args{static_cast<Real>(moment), packed.left, packed.right, w.values, weight, v});
}

template <PairKernelKind Kind, class Executor>
double pairwise_energy(Executor& executor, double moment, const ParticlePlanes& left,
                       const ParticlePlanes& right) {
  using Args = PairwiseEnergyArgs<Kind>;
  const auto blocks = static_cast<unsigned>(divide_up(left.m, Args::threads));
  const PackedPair<double> packed(executor, left, right, blocks + 1);
  executor.pause(double(left.m) * double(right.m) * double(left.d + 16));
  executor.run(blocks, 1, Args{moment, packed.left, packed.right, packed.extra});
  executor.run(1, 1, TotalSumArgs<1>{packed.extra, blocks, packed.extra + blocks});
  return executor.fetch(packed.extra + blocks);
}

}  // namespace mckean::cuda
