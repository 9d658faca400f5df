// All smooth activations of the library as one functor, so that a kernel is compiled once for them:
// a switch beside the transcendental functions behind it.
#pragma once

#include "mckean/formula/activation.hpp"

namespace mckean::cuda {

struct SmoothActivation {
  ActivationKind kind;

  template <class T>
  MCKEAN_HD T value(T z) const {
    return visit(AnyActivation{kind, {}}, [z](const auto& sigma) { return sigma.value(z); });
  }
  template <class T>
  MCKEAN_HD T derivative(T z) const {
    return visit(AnyActivation{kind, {}}, [z](const auto& sigma) { return sigma.derivative(z); });
  }
};

}  // namespace mckean::cuda
