// What turns numbers into bounds: the rounding of dual and primal sums.
#pragma once

#include <vector>

#include "host/transport/discrete_measure.hpp"
#include "host/transport/exact/mass_units.hpp"
#include "mckean/formula/ground_cost.hpp"

namespace mckean {

/// A number that sum a_i u_i - sum b_j p_j cannot be below, for u_i = min_j c_ij + p_j as computed:
/// a lower bound of W2^2.
double dual_lower(GroundCost cost, const DiscreteMeasure& a, const DiscreteMeasure& b,
                  const std::vector<double>& u, const std::vector<double>& p);

/// A number that the cost of a plan cannot be above, from its sum of masses times costs as computed
/// with up to `roundings` roundings of each term beside those of its cost: an upper bound of W2^2,
/// also where the masses are units that differ a little from the weights.
double plan_upper(GroundCost cost, const DiscreteMeasure& a, const DiscreteMeasure& b,
                  const MassUnits& units, double sum, double roundings);

/// No cost between points of the two clouds is above this.
double bound_of_costs(const DiscreteMeasure& a, const DiscreteMeasure& b, GroundCost cost);

}  // namespace mckean
