// Measures scaled to where their squared distances are computed without overflow or loss.
#pragma once

#include "host/transport/discrete_measure.hpp"

namespace mckean {

/// Every point divided by its norm.
DiscreteMeasure on_unit_sphere(DiscreteMeasure measure);

/// All coordinates times a power of two.
DiscreteMeasure scaled(DiscreteMeasure measure, double factor);

/// The power of two by which both clouds are to be multiplied so that squares of their differences
/// neither overflow nor lose digits: 1 but for very large or very small ones.
double power_of_two_scale(const DiscreteMeasure& a, const DiscreteMeasure& b);

}  // namespace mckean
