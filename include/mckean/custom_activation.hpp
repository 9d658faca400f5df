// An activation of a user's own: a functor outside the library, known to it by functions on arrays.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "mckean/communicator.hpp"
#include "mckean/formula/activation.hpp"
#include "mckean/particles.hpp"

namespace mckean {

/// sigma and sigma' at `count` values z, of any alignment, by the loops of the user's translation
/// unit. On a machine with vector functions those of the compiler's flags are used.
template <class Real>
struct ActivationLoops {
  using Values = void (*)(const void* functor, const Real* z, std::size_t count, Real* value);
  using Both = void (*)(const void* functor, const Real* z, std::size_t count, Real* value,
                        Real* derivative);
  Values values = nullptr;  // value may be z
  Both both = nullptr;      // derivative may be z; value may not
};

/// The operations predict and sampled_field (kernels/backend.hpp) of a back end on a device, whose
/// type the functions know; made by <mckean/cuda.cuh>.
template <class Real>
struct ActivationOnDevice {
  using Weights = Particles<const double, Space::device>;
  using Output = NetworkOutput<Space::device>;
  using Data = Samples<Real, Space::device>;
  using Scalars = DeviceView<double>;
  void (*predict)(const void* functor, const void* backend, Weights w, const Output& output,
                  const Data& samples, Scalars f) = nullptr;
  void (*sampled_field)(const void* functor, const void* backend, Weights w, const Output& output,
                        const Data& samples, Particles<double, Space::device> v,
                        Scalars risk) = nullptr;
};

/// What a back end is told of a functor.
struct CustomActivation {
  const void* functor = nullptr;
  ActivationLoops<float> in_float;
  ActivationLoops<double> in_double;
  ActivationOnDevice<float> on_device_in_float;  // null where there is no device code
  ActivationOnDevice<double> on_device_in_double;

  template <class Real>
  MCKEAN_HD const ActivationLoops<Real>& loops() const {
    if constexpr (sizeof(Real) == sizeof(float)) {
      return in_float;
    } else {
      return in_double;
    }
  }
  template <class Real>
  MCKEAN_HD const ActivationOnDevice<Real>& on_device() const {
    if constexpr (sizeof(Real) == sizeof(float)) {
      return on_device_in_float;
    } else {
      return on_device_in_double;
    }
  }
  double value(double z) const {
    in_double.values(functor, &z, 1, &z);
    return z;
  }
};

namespace detail {

template <class A, class Real>
ActivationLoops<Real> activation_loops() {
  return {[](const void* functor, const Real* z, std::size_t count, Real* value) {
            const A sigma = *static_cast<const A*>(functor);
            for (std::size_t i = 0; i < count; ++i) value[i] = sigma.value(z[i]);
          },
          [](const void* functor, const Real* z, std::size_t count, Real* value, Real* derivative) {
            const A sigma = *static_cast<const A*>(functor);
            for (std::size_t i = 0; i < count; ++i) value[i] = sigma.value(z[i]);
            for (std::size_t i = 0; i < count; ++i) derivative[i] = sigma.derivative(z[i]);
          }};
}

/// A functor with the loops over it.
template <Activation A>
struct OwnedActivation : CustomActivation {
  explicit OwnedActivation(A own) : stored(std::move(own)) {
    functor = &stored;
    in_float = activation_loops<A, float>();
    in_double = activation_loops<A, double>();
  }
  OwnedActivation(const OwnedActivation&) = delete;
  OwnedActivation& operator=(const OwnedActivation&) = delete;

  A stored;
};

/// sigma of a CustomActivation, one value after the other.
struct CustomValue {
  const CustomActivation& own;
  double value(double z) const { return own.value(z); }
};

}  // namespace detail

/// The same as visit(), of a user's own activation too; on the host, for values in double.
template <class Use>
decltype(auto) visit_any(const AnyActivation& activation, Use&& use) {
  if (activation.kind == ActivationKind::custom)
    return use(detail::CustomValue{*activation.custom});
  return visit(activation, std::forward<Use>(use));
}

/// The activation of a model: one of the library's, `*find_activation("tanh")`, or a functor of a
/// user's own, which is copied:
///
///     struct Sine {
///       template <class T> MCKEAN_HD T value(T z) const { return std::sin(z); }
///       template <class T> MCKEAN_HD T derivative(T z) const { return std::cos(z); }
///     };
///     model.activation = Sine{};
///
/// Products b . x are computed by the library's loops for the processor at hand; the functor by the
/// compiler's flags of the user. On a CUDA device a functor needs <mckean/cuda.cuh>. A velocity
/// that jumps (relu) is integrated well only as the library's PiecewiseLinear.
class ModelActivation {
 public:
  ModelActivation(const AnyActivation& known = {}) : known_(known) {}
  ModelActivation(const PiecewiseLinear& linear)
      : known_{ActivationKind::piecewise_linear, linear} {}
  template <Activation A>
  ModelActivation(A own) : ModelActivation(std::make_shared<detail::OwnedActivation<A>>(own)) {}
  explicit ModelActivation(std::shared_ptr<const CustomActivation> own) : own_(std::move(own)) {
    known_.kind = ActivationKind::custom;
    known_.custom = own_.get();
  }

  /// Refers to the functor, where that is the user's own.
  operator const AnyActivation&() const { return known_; }
  const AnyActivation& any() const { return known_; }

 private:
  AnyActivation known_;
  std::shared_ptr<const CustomActivation> own_;
};

}  // namespace mckean
