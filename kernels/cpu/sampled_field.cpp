// The sampled field for the activations known to the library, with the loops of the instruction set
// at hand.
#include "kernels/cpu/cpu_backend.hpp"
#include "kernels/cpu/instruction_set.hpp"

namespace mckean {
template <class FieldReal>
void CpuBackend<FieldReal>::predict(const AnyActivation& activation, ConstState w, double scale,
                                    Samples<Real, space> samples, Vector f) const {
  MCKEAN_EXPECT(f.size() == samples.n);
  cpu::run_predict(cpu::loops_for<Real>(cpu::widest_instruction_set(), activation), threads_, w,
                   scale, samples, f.data());
}

template <class FieldReal>
double CpuBackend<FieldReal>::sampled_field(const AnyActivation& activation, ConstState w,
                                            double scale, Samples<Real, space> samples,
                                            State v) const {
  MCKEAN_EXPECT(samples.n > 0 && v.m == w.m && v.d == w.d && samples.d == w.d);
  return cpu::run_sampled_field(cpu::loops_for<Real>(cpu::widest_instruction_set(), activation),
                                threads_, w, scale, samples, v.values.data());
}

template void CpuBackend<float>::predict(const AnyActivation&, ConstState, double,
                                         Samples<float, Space::host>, Vector) const;
template void CpuBackend<double>::predict(const AnyActivation&, ConstState, double,
                                          Samples<double, Space::host>, Vector) const;
template double CpuBackend<float>::sampled_field(const AnyActivation&, ConstState, double,
                                                 Samples<float, Space::host>, State) const;
template double CpuBackend<double>::sampled_field(const AnyActivation&, ConstState, double,
                                                  Samples<double, Space::host>, State) const;

}  // namespace mckean
