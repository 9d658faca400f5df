// Launches of the state operations.
#include <cmath>

#include "kernels/cuda/cuda_backend.hpp"
#include "kernels/cuda/executor.cuh"
#include "kernels/cuda/state_kernels.cuh"

namespace mckean {
namespace {

template <class Args>
void run_over(CudaContext& context, std::size_t count, const Args& args) {
  const auto blocks = static_cast<unsigned>((count + Args::threads - 1) / Args::threads);
  cuda::CudaExecutor(context).run(blocks, 1, args);
}

}  // namespace

template <class FieldReal>
void CudaBackend<FieldReal>::linear_combination(const LinearTerms<space>& terms, Vector out) const {
  cuda::CombineArgs args{terms.count, {}, {}, out.data(), out.size()};
  for (int t = 0; t < terms.count; ++t) {
    args.coefficient[t] = terms.coefficient[t];
    args.vector[t] = terms.vector[t];
  }
  run_over(*context_, out.size(), args);
}

template <class FieldReal>
void CudaBackend<FieldReal>::add_radial_field(double coefficient, int power, ConstState w,
                                              State v) const {
  run_over(*context_, w.m,
           cuda::RadialArgs{coefficient, power, w.values.data(), v.values.data(), w.m, w.d});
}

template <class FieldReal>
void CudaBackend<FieldReal>::finish_drift(const FieldSpec& spec, ConstState w, State v) const {
  run_over(*context_, w.m,
           cuda::DriftArgs{Motion(spec, w.m), w.values.data(), v.values.data(), w.m, w.d});
}

template <class FieldReal>
void CudaBackend<FieldReal>::project_out(const HeldView<space>& held, ConstState w, State v) const {
  if (held.particle.size() == 0) return;
  run_over(*context_, held.particle.size(),
           cuda::ProjectArgs{held, w.values.data(), v.values.data(), v.m, v.d});
}

template <class FieldReal>
void CudaBackend<FieldReal>::place(const HeldView<space>& held, State w) const {
  if (held.particle.size() == 0) return;
  run_over(*context_, held.particle.size(), cuda::PlaceArgs{held, w.values.data(), w.m, w.d});
}

template <class FieldReal>
void CudaBackend<FieldReal>::clear_resting(ConstVector w, ConstVector drift, Vector v) const {
  run_over(*context_, v.size(), cuda::ClearArgs{w.data(), drift.data(), v.data(), v.size()});
}

template <class FieldReal>
void CudaBackend<FieldReal>::normalize_directions(State w) const {
  run_over(*context_, w.m, cuda::NormalizeArgs{w.values.data(), w.m, w.d});
}

template <class FieldReal>
void CudaBackend<FieldReal>::add_noise(const FieldSpec& spec, double amplitude, std::uint64_t seed,
                                       std::uint64_t step, State w) const {
  run_over(*context_, w.m,
           cuda::NoiseArgs{
               std::sqrt(spec.rate_a()) * amplitude, std::sqrt(spec.rate_b()) * amplitude,
               spec.constraint == Constraint::sphere, seed, step, w.values.data(), w.m, w.d});
}

#define MCKEAN_INSTANTIATE(Real)                                                                  \
  template void CudaBackend<Real>::linear_combination(const LinearTerms<Space::device>&, Vector)  \
      const;                                                                                      \
  template void CudaBackend<Real>::add_radial_field(double, int, ConstState, State) const;        \
  template void CudaBackend<Real>::finish_drift(const FieldSpec&, ConstState, State) const;       \
  template void CudaBackend<Real>::project_out(const HeldView<Space::device>&, ConstState, State) \
      const;                                                                                      \
  template void CudaBackend<Real>::place(const HeldView<Space::device>&, State) const;            \
  template void CudaBackend<Real>::clear_resting(ConstVector, ConstVector, Vector) const;         \
  template void CudaBackend<Real>::normalize_directions(State) const;                             \
  template void CudaBackend<Real>::add_noise(const FieldSpec&, double, std::uint64_t,             \
                                             std::uint64_t, State) const;
MCKEAN_INSTANTIATE(float)
MCKEAN_INSTANTIATE(double)
#undef MCKEAN_INSTANTIATE

}  // namespace mckean
