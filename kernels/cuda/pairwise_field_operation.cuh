// The kernels of add_pairwise_field and pairwise_energy in their order, over an executor
// (executor.cuh).
#pragma once

#include "kernels/cuda/pairwise_field_kernels.cuh"
#include "kernels/cuda/scalars_kernels.cuh"
#include "kernels/cuda/scratch_cursor.cuh"
#include "kernels/cuda/state_operation.cuh"

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
  executor.run(divide_up(w.m, Args::threads), 1, Args{w.values, packed});
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
  executor.run(divide_up(w.m, Args::threads), 1,
               Args{static_cast<Real>(moment), packed.left, packed.right, w.values, weight, v});
}

/// *energy = sum_i sum_j k(w_i, w'_j).
template <PairKernelKind Kind, class Executor>
void pairwise_energy(Executor& executor, double moment, const ParticlePlanes& left,
                     const ParticlePlanes& right, double* energy) {
  using Args = PairwiseEnergyArgs<Kind>;
  const std::size_t blocks = divide_up(left.m, Args::threads);
  const PackedPair<double> packed(executor, left, right, blocks);
  executor.pause(double(left.m) * double(right.m) * double(left.d + 16));
  executor.run(blocks, 1, Args{moment, packed.left, packed.right, packed.extra});
  executor.run(1, 1, TotalSumArgs{packed.extra, blocks, energy});
}

inline ParticlePlanes planes(ConstDeviceState w) { return {w.values.data(), w.m, w.d}; }

/// use.operator()<Kind>().
template <class Use>
void with_kind(PairKernelKind kind, const Use& use) {
  using enum PairKernelKind;
  switch (kind) {
    case arc_cosine:
      return use.template operator()<arc_cosine>();
    case arcsine:
      return use.template operator()<arcsine>();
    case square:
      return use.template operator()<square>();
  }
}

/// The operations of the concept.
template <class Real, class Executor>
void add_pairwise_field(Executor& executor, const PairKernel& kernel, ConstDeviceState w,
                        ConstDeviceState atoms, double weight, DeviceState v) {
  MCKEAN_EXPECT(w.d == atoms.d && v.m == w.m && v.d == w.d);
  if (w.m == 0 || atoms.m == 0) return;
  with_kind(kernel.kind, [&]<PairKernelKind Kind>() {
    add_pairwise_field<Kind, Real>(executor, kernel.moment, planes(w), planes(atoms), weight,
                                   v.values.data());
  });
}

template <class Executor>
void pairwise_energy(Executor& executor, const PairKernel& kernel, ConstDeviceState left,
                     ConstDeviceState right, DeviceView<double> energy) {
  MCKEAN_EXPECT(left.d == right.d && energy.size() == 1);
  if (left.m == 0 || right.m == 0) return executor.zero(energy.data(), sizeof(double));
  with_kind(kernel.kind, [&]<PairKernelKind Kind>() {
    pairwise_energy<Kind>(executor, kernel.moment, planes(left), planes(right), energy.data());
  });
}

}  // namespace mckean::cuda
