// Bounds of W2 from potentials (dual certificate) and plans, with their rounding.
#pragma once

#include <vector>

#include "host/transport/discrete_measure.hpp"
#include "host/transport/exact/integer_masses.hpp"
#include "mckean/formula/ground_cost.hpp"

namespace mckean {

/// Dual certificate: a number that sum a_i phi_i + sum b_j psi_j cannot be below, for the computed
/// c-transform phi_i = min_j c_ij - psi_j: a lower bound of W2^2.
double dual_lower(GroundCost cost, const DiscreteMeasure& a, const DiscreteMeasure& b,
                  const std::vector<double>& phi, const std::vector<double>& psi);

/// A number that the cost of a plan cannot be above, from its sum of masses times costs as computed
/// with up to `roundings` roundings of each term beside those of its cost: an upper bound of W2^2,
/// also where the masses are units that differ a little from the weights.
double plan_upper(GroundCost cost, const DiscreteMeasure& a, const DiscreteMeasure& b,
                  const IntegerMasses& units, double sum, double roundings);

/// No cost between points of the two clouds is above this.
double bound_of_costs(const DiscreteMeasure& a, const DiscreteMeasure& b, GroundCost cost);

}  // namespace mckean
