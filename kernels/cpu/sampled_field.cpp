// The sampled field for the activations known to the library, with the loops of the target in
// use.
#include "kernels/cpu/cpu_backend.hpp"
#include "kernels/cpu/sampled_loops.hpp"

namespace mckean {
template <class FieldReal>
void CpuBackend<FieldReal>::predict(const AnyActivation& activation, ConstState w,
                                    const Output& output, Samples<Real, space> samples,
                                    Vector f) const {
  MCKEAN_EXPECT(f.size() == samples.n);
  cpu::run_predict(cpu::loops_for<Real>(activation), threads_, w, output, samples, f.data());
}

template <class FieldReal>
void CpuBackend<FieldReal>::sampled_field(const AnyActivation& activation, ConstState w,
                                          const Output& output, Samples<Real, space> samples,
                                          State v, Vector risk) const {
  MCKEAN_EXPECT(samples.n > 0 && v.m == w.m && v.d == w.d && samples.d == w.d);
  const double square = cpu::run_sampled_field(cpu::loops_for<Real>(activation), threads_, w,
                                               output, samples, v.values.data());
  if (!risk.empty()) risk[0] = square;
}

#define MCKEAN_INSTANTIATE(Real)                                                                 \
  template void CpuBackend<Real>::predict(const AnyActivation&, ConstState, const Output&,       \
                                          Samples<Real, Space::host>, Vector) const;             \
  template void CpuBackend<Real>::sampled_field(const AnyActivation&, ConstState, const Output&, \
                                                Samples<Real, Space::host>, State, Vector) const;
MCKEAN_INSTANTIATE(float)
MCKEAN_INSTANTIATE(double)
#undef MCKEAN_INSTANTIATE

}  // namespace mckean
