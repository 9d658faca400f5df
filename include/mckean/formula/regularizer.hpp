// The regulariser r(w) of the objective J = R/2 + lambda s sum_j r(w_j).
#pragma once

#include <cmath>

#include "mckean/field_spec.hpp"
#include "mckean/formula/radial.hpp"

namespace mckean {

/// custom: 0, for what is added elsewhere; path: |a||b| (whose sum bounds the Barron norm); l2:
/// (a^2 + |b|^2)/2, weight decay.
MCKEAN_HD double regularizer_value(Regularizer kind, double a, double norm_b) {
  if (kind == Regularizer::none || kind == Regularizer::custom) return 0;
  return kind == Regularizer::path ? std::abs(a) * norm_b : (a * a + norm_b * norm_b) / 2;
}

/// path: (sign(a)|b|, |a| b/|b|), the subgradient 0 along a where a = 0 and along b where b = 0;
/// l2: (a, b).
MCKEAN_HD RadialGradient regularizer_gradient(Regularizer kind, double a, double norm_b) {
  if (kind == Regularizer::none || kind == Regularizer::custom) return {0, 0};
  if (kind == Regularizer::l2) return {a, 1};
  const double sign_a = a > 0 ? 1.0 : (a < 0 ? -1.0 : 0.0);
  return {sign_a * norm_b, norm_b == 0 ? 0.0 : std::abs(a) / norm_b};
}

}  // namespace mckean
