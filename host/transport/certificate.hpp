// What turns numbers into bounds: the rounding of dual and primal sums.
#pragma once

#include <vector>

#include "host/transport/discrete_measure.hpp"
#include "mckean/ground_cost.hpp"

namespace mckean {

/// A number that sum a_i u_i - sum b_j p_j cannot be below, for u_i = min_j c_ij + p_j as computed:
/// a lower bound of W2^2.
double dual_lower(const DiscreteMeasure& a, const DiscreteMeasure& b, const std::vector<double>& u,
                  const std::vector<double>& p);

/// No cost between points of the two clouds is above this.
double bound_of_costs(const DiscreteMeasure& a, const DiscreteMeasure& b, GroundCost cost);

}  // namespace mckean
