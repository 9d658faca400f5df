// The loops of the sampled field for the target in use: those that keep signs between the passes,
// and those for any activation.
#pragma once

#include "kernels/cpu/sampled_field_run.hpp"
#include "mckean/formula/activation.hpp"

namespace mckean::cpu {

/// An activation over arrays, compiled where its type is known.
template <class Real>
struct ActivationArrays {
  const void* activation;
  /// z = sigma(z).
  void (*values)(const void* activation, Real* z, std::size_t count);
  /// value = sigma(z), then z = sigma'(z).
  void (*values_and_derivatives)(const void* activation, Real* z, Real* value, std::size_t count);
};

/// The arrays of `activation`, which must outlive them.
template <class Real, Activation A>
ActivationArrays<Real> activation_arrays(const A& activation) {
  return {&activation,
          [](const void* sigma, Real* z, std::size_t count) {
            const A own = *static_cast<const A*>(sigma);
            for (std::size_t i = 0; i < count; ++i) z[i] = own.value(z[i]);
          },
          [](const void* sigma, Real* __restrict z, Real* __restrict value, std::size_t count) {
            const A own = *static_cast<const A*>(sigma);
            for (std::size_t i = 0; i < count; ++i) {
              value[i] = own.value(z[i]);
              z[i] = own.derivative(z[i]);
            }
          }};
}

/// Those of an activation known to the library, compiled for the target in use.
template <class Real>
const ActivationArrays<Real>& known_arrays(const AnyActivation&);

/// The loops for an activation that must outlive them.
template <class Real>
SampledLoops<Real> masked_loops(const PiecewiseLinear&);
template <class Real>
SampledLoops<Real> smooth_loops(const ActivationArrays<Real>&);

/// Either for an activation known to the library.
template <class Real>
SampledLoops<Real> loops_for(const AnyActivation& activation) {
  return activation.kind == ActivationKind::piecewise_linear
             ? masked_loops<Real>(activation.linear)
             : smooth_loops<Real>(known_arrays<Real>(activation));
}

#define MCKEAN_DECLARE(Real)                                        \
  template <>                                                       \
  const ActivationArrays<Real>& known_arrays(const AnyActivation&); \
  template <>                                                       \
  SampledLoops<Real> masked_loops(const PiecewiseLinear&);          \
  template <>                                                       \
  SampledLoops<Real> smooth_loops(const ActivationArrays<Real>&);
MCKEAN_DECLARE(float)
MCKEAN_DECLARE(double)
#undef MCKEAN_DECLARE

}  // namespace mckean::cpu
