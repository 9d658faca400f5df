// Plans that cost next to nothing to find, and what their costs prove.
#pragma once

#include "host/transport/discrete_measure.hpp"
#include "mckean/ground_cost.hpp"

namespace mckean {

/// The root of the cost of coupling two clouds in the order of their projections on the first
/// principal axis of b: above W2. O(n (d + log n)) beside the axis.
double ordered_upper(const DiscreteMeasure& a, const DiscreteMeasure& b, GroundCost cost);

struct NearestBounds {
  double lower = 0;
  double upper = 0;
};

/// Below: the root of what it would cost if every point could send all to its nearest one, the
/// better of both directions. Above: points of a send to their nearest one while it has room, in
/// the order of their distance, and what is left is coupled in the order of projections.
/// O(n m d).
NearestBounds nearest_bounds(const DiscreteMeasure& a, const DiscreteMeasure& b, GroundCost cost,
                             int threads = 0);

}  // namespace mckean
