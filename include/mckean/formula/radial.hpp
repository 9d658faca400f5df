// The functions a |b|^power that a uniform teacher on the sphere leaves behind, and gradients along
// b.
#pragma once

#include "mckean/config.hpp"

namespace mckean {

/// Gradient of a function of (a, |b|): grad_a = a, grad_b = b_factor * b.
struct RadialGradient {
  double a;
  double b_factor;
};

/// a |b|^power, power 1 or 2.
MCKEAN_HD double radial_value(int power, double a, double norm_b) {
  return power == 1 ? a * norm_b : a * norm_b * norm_b;
}

/// (|b|, a b/|b|) for power 1, 0 along b where b = 0; (|b|^2, 2 a b) for power 2.
MCKEAN_HD RadialGradient radial_gradient(int power, double a, double norm_b) {
  if (power == 2) return {norm_b * norm_b, 2 * a};
  return {norm_b, norm_b == 0 ? 0.0 : a / norm_b};
}

}  // namespace mckean
