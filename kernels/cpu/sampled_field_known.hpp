// The loops for the activations known to the library; each file that includes this compiles them
// for one instruction set.
#pragma once

#include "kernels/cpu/sampled_field_masked.hpp"
#include "kernels/cpu/sampled_field_smooth.hpp"
#include "kernels/cpu/vector_math.hpp"

namespace mckean::cpu::MCKEAN_CPU_ISA {

/// Loops that refer to `activation`.
template <class Real>
SampledLoops<Real> known_loops(const AnyActivation& activation) {
  if (activation.kind == ActivationKind::custom) return smooth_loops<Real>(*activation.custom);
  return visit(activation, []<class A>(const A& functor) -> SampledLoops<Real> {
    if constexpr (std::is_same_v<A, PiecewiseLinear>) {
      return masked_loops<Real>(functor);
    } else {
      static constexpr A unchanging{};
      return smooth_loops<Real>(unchanging);
    }
  });
}

template SampledLoops<float> known_loops<float>(const AnyActivation&);
template SampledLoops<double> known_loops<double>(const AnyActivation&);

}  // namespace mckean::cpu::MCKEAN_CPU_ISA
