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
  /// sum[j] += sum_s error[s] sigma(z[s][j]) and z[s][j] = error[s] sigma'(z[s][j]), for rows of
  /// `width` products.
  void (*weigh)(const void* activation, const double* error, std::size_t rows, std::size_t width,
                Real* z, Real* sum);
};

/// What they do: inlined into whoever has the type.
template <class Real, class A>
MCKEAN_HD void take_values(const A& sigma, Real* z, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) z[i] = sigma.value(z[i]);
}
template <class Real, class A>
MCKEAN_HD void weigh_rows(const A& sigma, const double* error, std::size_t rows, std::size_t width,
                          Real* __restrict z, Real* __restrict sum) {
  for (std::size_t s = 0; s < rows; ++s, z += width) {
    const Real e = static_cast<Real>(error[s]);
    for (std::size_t j = 0; j < width; ++j) {
      sum[j] += e * sigma.value(z[j]);
      z[j] = e * sigma.derivative(z[j]);
    }
  }
}

/// The arrays of `activation`, which must outlive them.
template <class Real, Activation A>
ActivationArrays<Real> activation_arrays(const A& activation) {
  return {
      &activation,
      [](const void* sigma, Real* z, std::size_t count) {
        take_values(A(*static_cast<const A*>(sigma)), z, count);
      },
      [](const void* sigma, const double* error, std::size_t rows, std::size_t width, Real* z,
         Real* sum) { weigh_rows(A(*static_cast<const A*>(sigma)), error, rows, width, z, sum); }};
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
