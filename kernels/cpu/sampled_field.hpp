// The sampled field for an activation of a user's own, which is compiled with the user's flags; all
// else is the library's. Included at the end of cpu_backend.hpp.
#pragma once

#include "kernels/cpu/cpu_backend.hpp"
#include "kernels/cpu/sampled_loops.hpp"

namespace mckean {

template <class FieldReal>
template <Activation A>
void CpuBackend<FieldReal>::predict(const A& activation, ConstState w, const Output& output,
                                    Samples<Real, space> samples, Vector f) const {
  if constexpr (std::is_same_v<A, PiecewiseLinear>) {
    predict(AnyActivation{ActivationKind::piecewise_linear, activation}, w, output, samples, f);
  } else {
    const auto arrays = cpu::activation_arrays<Real>(activation);
    cpu::run_predict(cpu::smooth_loops<Real>(arrays), threads_, {w, output, samples}, f.data());
  }
}

template <class FieldReal>
template <Activation A>
void CpuBackend<FieldReal>::sampled_field(const A& activation, ConstState w, const Output& output,
                                          Samples<Real, space> samples, State v,
                                          Vector risk) const {
  if constexpr (std::is_same_v<A, PiecewiseLinear>) {
    sampled_field(AnyActivation{ActivationKind::piecewise_linear, activation}, w, output, samples,
                  v, risk);
  } else {
    const auto arrays = cpu::activation_arrays<Real>(activation);
    const double square = cpu::run_sampled_field(cpu::smooth_loops<Real>(arrays), threads_,
                                                 {w, output, samples}, v.values.data());
    if (!risk.empty()) risk[0] = square;
  }
}

}  // namespace mckean
