// The costs of moving unit mass from x to y, from |x - y|^2 and |x + y|^2.
#pragma once

#include <cmath>
#include <cstddef>

#include "mckean/choice.hpp"
#include "mckean/formula/arctangent.hpp"

namespace mckean {

/// euclidean: |x - y|^2. geodesic, for points of the unit sphere: angle(x, y)^2.
enum class GroundCost { euclidean, geodesic };

template <>
inline constexpr auto choices<GroundCost> = std::to_array<Choice<GroundCost>>(
    {{"euclidean", GroundCost::euclidean, "|x - y|"},
     {"geodesic", GroundCost::geodesic, "the angle of unit vectors; m x 1: angles"}});

/// How many roundings w = 2^-53 of itself a computed cost between points of R^d may be off. Of
/// |x - y|^2 each difference loses one, which counts twice, and its product and every sum one. The
/// roots of both arguments of the angle have half of that and one each, and pass it on whole; the
/// arctangent loses 8 and the square doubles all and loses one.
constexpr double cost_roundings(GroundCost cost, std::size_t d) {
  const auto dim = static_cast<double>(d);
  return cost == GroundCost::euclidean ? dim + 3 : 2 * (dim + 3 + 2 + 8) + 1;
}

/// `minus` = |x - y|^2, `plus` = |x + y|^2; the angle of unit vectors is 2 atan2(|x - y|, |x + y|),
/// which loses no digits near 0 or pi (Kahan).
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
