// The cost between two points of two clouds.
#pragma once

#include "mckean/formula/ground_cost.hpp"
#include "mckean/points.hpp"

namespace mckean {

inline double pair_cost(GroundCost cost, const Points<Space::host>& x, std::size_t i,
                        const Points<Space::host>& y, std::size_t j) {
  double minus = 0;
  double plus = 0;
  for (std::size_t k = 0; k < x.d; ++k) {
    const double from = x.planes[k * x.n + i];
    const double to = y.planes[k * y.n + j];
    minus += (from - to) * (from - to);
    plus += (from + to) * (from + to);
  }
  return cost == GroundCost::geodesic ? ground_cost<GroundCost::geodesic>(minus, plus) : minus;
}

}  // namespace mckean
