// The activations known to the library over arrays, with the C library's vector functions where it
// has them.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/known_activations.cpp"
#include "hwy/foreach_target.h"  // before highway.h
#include "hwy/highway.h"

#include "kernels/cpu/dispatch.hpp"
#include "kernels/cpu/sampled_loops.hpp"
#include "kernels/cpu/vector_math.hpp"

HWY_BEFORE_NAMESPACE();
namespace mckean::cpu::HWY_NAMESPACE {

template <class Real, class A>
void values(const void*, Real* z, std::size_t count) {
  take_values(A(), z, count);
}
template <class Real, class A>
void weigh(const void*, const double* error, std::size_t rows, std::size_t width, Real* z,
           Real* sum) {
  weigh_rows(A(), error, rows, width, z, sum);
}

template <class Real, class A>
constexpr ActivationArrays<Real> arrays_of{nullptr, &values<Real, A>, &weigh<Real, A>};

template <class Real>
const ActivationArrays<Real>& known_arrays(const AnyActivation& activation) {
  return visit(activation, []<class A>(const A&) -> const ActivationArrays<Real>& {
    return arrays_of<Real, A>;
  });
}

}  // namespace mckean::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mckean::cpu {

template <>
const ActivationArrays<float>& known_arrays(const AnyActivation& activation) {
  return MCKEAN_FOR_TARGET(known_arrays<float>)(activation);
}
template <>
const ActivationArrays<double>& known_arrays(const AnyActivation& activation) {
  return MCKEAN_FOR_TARGET(known_arrays<double>)(activation);
}

}  // namespace mckean::cpu
#endif
