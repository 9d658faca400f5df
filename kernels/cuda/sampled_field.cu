// The sampled field of the library's own activations: the piecewise linear ones by masks, all
// others by one kernel.
#include "kernels/cuda/sampled_field_launch.cuh"
#include "kernels/cuda/smooth_activation.cuh"

namespace mckean {

template <class FieldReal>
void CudaBackend<FieldReal>::predict(const AnyActivation& activation, ConstState w, double scale,
                                     Samples<Real, space> samples, Vector f) const {
  if (activation.kind == ActivationKind::piecewise_linear) {
    predict(activation.linear, w, scale, samples, f);
  } else {
    predict(cuda::SmoothActivation{activation.kind}, w, scale, samples, f);
  }
}

template <class FieldReal>
double CudaBackend<FieldReal>::sampled_field(const AnyActivation& activation, ConstState w,
                                             double scale, Samples<Real, space> samples,
                                             State v) const {
  if (activation.kind == ActivationKind::piecewise_linear) {
    return sampled_field(activation.linear, w, scale, samples, v);
  }
  return sampled_field(cuda::SmoothActivation{activation.kind}, w, scale, samples, v);
}

#define MCKEAN_INSTANTIATE(Real)                                                             \
  template void CudaBackend<Real>::predict(const AnyActivation&, ConstState, double,         \
                                           Samples<Real, space>, Vector) const;              \
  template double CudaBackend<Real>::sampled_field(const AnyActivation&, ConstState, double, \
                                                   Samples<Real, space>, State) const;
MCKEAN_INSTANTIATE(float)
MCKEAN_INSTANTIATE(double)
#undef MCKEAN_INSTANTIATE

}  // namespace mckean
