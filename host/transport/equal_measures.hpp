// Whether two clouds are the same measure.
#pragma once

#include "host/transport/deadline.hpp"
#include "host/transport/discrete_measure.hpp"

namespace mckean {

/// Whether a and b have the same mass at every point, in whatever order and in however many pieces
/// their points come; without any rounding. O(n log n). OutOfTime where the deadline comes first.
bool equal_measures(const DiscreteMeasure& a, const DiscreteMeasure& b,
                    const Deadline& deadline = {});

}  // namespace mckean
