// The sampled field of the library's own activations.
#include "kernels/cuda/sampled_field_launch.cuh"

namespace mckean {

template <class FieldReal>
void CudaBackend<FieldReal>::predict(const AnyActivation& activation, ConstState w,
                                     const Output& output, Samples<Real, space> samples,
                                     Vector f) const {
  cuda::with_functor(activation, [&](const auto& sigma) { predict(sigma, w, output, samples, f); });
}

template <class FieldReal>
void CudaBackend<FieldReal>::sampled_field(const AnyActivation& activation, ConstState w,
                                           const Output& output, Samples<Real, space> samples,
                                           State v, Vector risk) const {
  cuda::with_functor(activation,
                     [&](const auto& sigma) { sampled_field(sigma, w, output, samples, v, risk); });
}

#define MCKEAN_INSTANTIATE(Real)                                                                  \
  template void CudaBackend<Real>::predict(const AnyActivation&, ConstState, const Output&,       \
                                           Samples<Real, space>, Vector) const;                   \
  template void CudaBackend<Real>::sampled_field(const AnyActivation&, ConstState, const Output&, \
                                                 Samples<Real, space>, State, Vector) const;
MCKEAN_INSTANTIATE(float)
MCKEAN_INSTANTIATE(double)
#undef MCKEAN_INSTANTIATE

}  // namespace mckean
