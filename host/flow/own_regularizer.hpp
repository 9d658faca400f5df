// A user's own regulariser on a back end.
#pragma once

#include <utility>
#include <vector>

#include "kernels/backend.hpp"
#include "mckean/custom_regularizer.hpp"
#include "mckean/error.hpp"

namespace mckean {

/// On the host: r of every particle, and v += lambda grad r.
void write_values(const CustomRegularizer&, const RegularizedParticles&, double* r);
void add_gradient(const CustomRegularizer&, const RegularizedParticles&, double* v);

/// grad r and sum r by the user's functions; nothing where the regulariser is the library's.
template <Backend B>
class OwnRegularizer {
 public:
  /// InputError where the functor has no code for the device.
  OwnRegularizer(const B& backend, const FieldSpec& spec, std::size_t m)
      : backend_(backend), spec_(spec) {
    if (!exists()) return;
    if constexpr (B::space == Space::device) {
      if (spec.own_regularizer->values_on_device == nullptr || !has_stream) {
        throw InputError(
            "regularizer: this functor has no device code: make it by cuda_regularizer() of "
            "<mckean/cuda.cuh> in a .cu file, or choose the device cpu");
      }
    }
    ones_ = backend.template allocate<double>(m);
    const std::vector<double> ones(m, 1.);
    backend.copy(HostView<const double>(ones.data(), m), ones_.view());
  }

  bool exists() const { return spec_.regularizer == Regularizer::custom; }

  /// v += lambda grad r(w).
  void add_gradient_to(Particles<const double, B::space> w, Particles<double, B::space> v) const {
    const CustomRegularizer& own = *spec_.own_regularizer;
    if constexpr (B::space == Space::host) {
      add_gradient(own, particles(w), v.values.data());
    } else if constexpr (has_stream) {
      own.add_gradient_on_device(own.functor, particles(w), backend_.stream(), v.values.data());
    }
  }
  /// slot = sum r(w), of m particles.
  void sum(Particles<const double, B::space> w, View<double, B::space> slot) const {
    const CustomRegularizer& own = *spec_.own_regularizer;
    auto values = backend_.template allocate<double>(w.m);
    if constexpr (B::space == Space::host) {
      write_values(own, particles(w), values.view().data());
    } else if constexpr (has_stream) {
      own.values_on_device(own.functor, particles(w), backend_.stream(), values.view().data());
    }
    InnerProducts<B::space> product;
    product.add(std::as_const(values).view(), ones_.view());
    backend_.inner_products(product, slot);
  }

 private:
  static constexpr bool has_stream = requires(const B& backend) {
    { backend.stream() } -> std::convertible_to<void*>;
  };

  RegularizedParticles particles(Particles<const double, B::space> w) const {
    return {w.values.data(), w.m, w.d, spec_.constraint == Constraint::sphere, spec_.lambda};
  }

  const B& backend_;
  FieldSpec spec_;
  Buffer<double, B::space> ones_;
};

}  // namespace mckean
