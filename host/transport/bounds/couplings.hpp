// Upper bounds of W2 by couplings that are cheap to find.
#pragma once

#include <limits>

#include "host/transport/deadline.hpp"
#include "host/transport/discrete_measure.hpp"
#include "host/transport/pair_passes.hpp"
#include "mckean/formula/ground_cost.hpp"

namespace mckean {

/// The root of the cost of coupling two clouds in the order of their projections on the first
/// principal axis of b: above W2. O(n (d + log n)) beside the axis. OutOfTime where the deadline
/// comes first.
double ordered_upper(const DiscreteMeasure& a, const DiscreteMeasure& b, GroundCost cost,
                     const Deadline& deadline = {});

struct NearestBounds {
  double lower = 0;
  double upper = std::numeric_limits<double>::infinity();
};

/// Below: the root of what it would cost if every point could send all to its nearest one, the
/// better of both directions. Above: points of a send to their nearest one while it has room, in
/// the order of their distance, and what is left is coupled in the order of projections.
/// O(n m d). At the deadline it ends with what is known, OutOfTime where that is nothing.
NearestBounds nearest_bounds(const DiscreteMeasure& a, const DiscreteMeasure& b, GroundCost cost,
                             const PairPasses& passes, const Deadline& deadline = {});

}  // namespace mckean
