// Which method suits which clouds.
#pragma once

#include <string>

#include "host/transport/discrete_measure.hpp"
#include "mckean/formula/ground_cost.hpp"
#include "mckean/w2_method.hpp"

namespace mckean {

/// The method that solves the transport between these clouds best, and why: by their dimension,
/// cost and sizes, those of weighted clouds as of one with equal weights and the same sum of
/// squares.
W2Method choose_w2_method(const DiscreteMeasure& a, const DiscreteMeasure& b, GroundCost cost,
                          std::string& reason);

}  // namespace mckean
