// The costs of moving unit mass from x to y, from |x - y|^2 and |x + y|^2.
#pragma once

#include <cmath>

#include "mckean/arctangent.hpp"

namespace mckean {

/// euclidean: |x - y|^2. geodesic, for points of the unit sphere: angle(x, y)^2.
enum class GroundCost { euclidean, geodesic };

/// `minus` = |x - y|^2, `plus` = |x + y|^2; the angle of unit vectors is 2 atan2(|x - y|, |x + y|),
/// which loses no digits near 0 or pi (Kahan). Relative error, beside that of the arguments, below
/// 10 eps.
template <GroundCost Cost, class Real>
MCKEAN_HD Real ground_cost(Real minus, Real plus) {
  if constexpr (Cost == GroundCost::euclidean) {
    return minus;
  } else {
    const Real half = arctangent(std::sqrt(minus), std::sqrt(plus));
    return Real(4) * half * half;
  }
}

}  // namespace mckean
