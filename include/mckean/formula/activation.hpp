// The activations sigma(z) and their derivatives, each written once for host and device.
#pragma once

#include <cmath>
#include <concepts>
#include <optional>
#include <string_view>
#include <utility>

#include "mckean/choice.hpp"
#include "mckean/config.hpp"

namespace mckean {

/// A user's activation is any copyable functor with value(z) and derivative(z) for float and
/// double, marked MCKEAN_HD.
template <class A>
concept Activation = requires(const A activation, float zf, double zd) {
  { activation.value(zf) } -> std::same_as<float>;
  { activation.value(zd) } -> std::same_as<double>;
  { activation.derivative(zf) } -> std::same_as<float>;
  { activation.derivative(zd) } -> std::same_as<double>;
};

/// sigma(z) = (z + offset) * (z + offset > 0 ? above : below): relu, leaky-relu, abs and relu with
/// an offset. The derivative at the kink is `below`, so relu'(0) = 0. Its field is a product with a
/// 0/1 mask.
struct PiecewiseLinear {
  double below = 0;
  double above = 1;
  double offset = 0;

  friend bool operator==(const PiecewiseLinear&, const PiecewiseLinear&) = default;

  template <class T>
  MCKEAN_HD T derivative(T z) const {
    return z + T(offset) > T(0) ? T(above) : T(below);
  }
  template <class T>
  MCKEAN_HD T value(T z) const {
    return (z + T(offset)) * derivative(z);
  }
};

struct Tanh {
  template <class T>
  MCKEAN_HD T value(T z) const {
    return std::tanh(z);
  }
  template <class T>
  MCKEAN_HD T derivative(T z) const {
    const T t = std::tanh(z);
    return (T(1) - t) * (T(1) + t);
  }
};

/// 1/(1 + exp(-z)), through tanh so that neither tail overflows.
struct Sigmoid {
  template <class T>
  MCKEAN_HD T value(T z) const {
    const T e = std::exp(-std::abs(z));
    return (z >= T(0) ? T(1) : e) / (T(1) + e);
  }
  template <class T>
  MCKEAN_HD T derivative(T z) const {
    const T e = std::exp(-std::abs(z));
    return e / ((T(1) + e) * (T(1) + e));
  }
};

/// erf(z/sqrt 2), the activation of Saad and Solla (1995).
struct Erf {
  template <class T>
  MCKEAN_HD T value(T z) const {
    return std::erf(z * T(0.70710678118654752440));
  }
  template <class T>
  MCKEAN_HD T derivative(T z) const {
    return T(0.79788456080286535588) * std::exp(-z * z / T(2));
  }
};

/// log(1 + exp z).
struct Softplus {
  template <class T>
  MCKEAN_HD T value(T z) const {
    return (z > T(0) ? z : T(0)) + std::log1p(std::exp(-std::abs(z)));
  }
  template <class T>
  MCKEAN_HD T derivative(T z) const {
    return Sigmoid{}.value(z);
  }
};

/// z sigmoid(z).
struct Silu {
  template <class T>
  MCKEAN_HD T value(T z) const {
    return z * Sigmoid{}.value(z);
  }
  template <class T>
  MCKEAN_HD T derivative(T z) const {
    return Sigmoid{}.value(z) + z * Sigmoid{}.derivative(z);
  }
};

/// z Phi(z), Phi the standard normal distribution function (the exact form, not the tanh
/// approximation).
struct Gelu {
  template <class T>
  MCKEAN_HD T distribution(T z) const {
    return std::erfc(-z * T(0.70710678118654752440)) / T(2);
  }
  template <class T>
  MCKEAN_HD T value(T z) const {
    return z * distribution(z);
  }
  template <class T>
  MCKEAN_HD T derivative(T z) const {
    return distribution(z) + z * T(0.39894228040143267794) * std::exp(-z * z / T(2));
  }
};

struct Square {
  template <class T>
  MCKEAN_HD T value(T z) const {
    return z * z;
  }
  template <class T>
  MCKEAN_HD T derivative(T z) const {
    return T(2) * z;
  }
};

enum class ActivationKind {
  piecewise_linear,
  tanh,
  sigmoid,
  erf,
  softplus,
  silu,
  gelu,
  square,
  custom
};

struct CustomActivation;

/// One of the activations above, chosen at run time, or a user's own.
struct AnyActivation {
  ActivationKind kind = ActivationKind::piecewise_linear;
  PiecewiseLinear linear = {};               // read where kind is piecewise_linear
  const CustomActivation* custom = nullptr;  // where it is custom; custom_activation.hpp

  friend bool operator==(const AnyActivation&, const AnyActivation&) = default;
};

/// Calls `use` with the functor that `activation`, one of the library's, stands for.
template <class Use>
MCKEAN_HD decltype(auto) visit(const AnyActivation& activation, Use&& use) {
  switch (activation.kind) {
    case ActivationKind::tanh:
      return use(Tanh{});
    case ActivationKind::sigmoid:
      return use(Sigmoid{});
    case ActivationKind::erf:
      return use(Erf{});
    case ActivationKind::softplus:
      return use(Softplus{});
    case ActivationKind::silu:
      return use(Silu{});
    case ActivationKind::gelu:
      return use(Gelu{});
    case ActivationKind::square:
      return use(Square{});
    case ActivationKind::piecewise_linear:
    case ActivationKind::custom:
      break;
  }
  return use(activation.linear);
}

namespace detail {

constexpr AnyActivation piecewise_linear(double below, double above, double offset) {
  return {ActivationKind::piecewise_linear, {below, above, offset}};
}
inline std::optional<AnyActivation> relu_with(double offset) {
  return piecewise_linear(0, 1, offset);
}
inline std::optional<double> relu_offset(const AnyActivation& activation) {
  const double offset = activation.linear.offset;
  if (!(activation == piecewise_linear(0, 1, offset))) return {};
  return offset;
}
inline std::optional<AnyActivation> leaky_relu_with(double slope) {
  return piecewise_linear(slope, 1, 0);
}
inline std::optional<double> leaky_relu_slope(const AnyActivation& activation) {
  const double slope = activation.linear.below;
  if (!(activation == piecewise_linear(slope, 1, 0))) return {};
  return slope;
}

}  // namespace detail

template <>
inline constexpr auto choices<AnyActivation> = std::to_array<Choice<AnyActivation>>(
    {{"relu", detail::piecewise_linear(0, 1, 0), "max(z, 0)"},
     {"relu:C", {}, "max(z + C, 0)", detail::relu_with, detail::relu_offset},
     {"abs", detail::piecewise_linear(-1, 1, 0), "|z|"},
     {"leaky-relu", detail::piecewise_linear(.01, 1, 0), "z above 0, .01 z below"},
     {"leaky-relu:SLOPE",
      {},
      "z above 0, SLOPE z below",
      detail::leaky_relu_with,
      detail::leaky_relu_slope},
     {"tanh", {ActivationKind::tanh}, ""},
     {"sigmoid", {ActivationKind::sigmoid}, "1/(1 + exp(-z))"},
     {"erf", {ActivationKind::erf}, "erf(z/sqrt 2)"},
     {"softplus", {ActivationKind::softplus}, "log(1 + exp z)"},
     {"silu", {ActivationKind::silu}, "z/(1 + exp(-z))"},
     {"gelu", {ActivationKind::gelu}, "z Phi(z)"},
     {"square", {ActivationKind::square}, "z^2"}});

/// The activation of a name of these rows. Empty where there is none of that name.
std::optional<AnyActivation> find_activation(std::string_view name);

}  // namespace mckean
