// Weights as whole units of mass.
#pragma once

#include <vector>

#include "host/transport/discrete_measure.hpp"
#include "host/transport/sparse_transport.hpp"

namespace mckean {

/// Units of two measures, with the same total. Uniform weights are represented exactly as long as
/// the least common multiple of the sizes is below 2^53; others are rounded to 2^-53 of the whole
/// by largest remainders, which moves less than `moved` of the mass.
struct MassUnits {
  std::vector<Mass> a, b;
  Mass total = 0;
  double moved = 0;
};

MassUnits to_units(const DiscreteMeasure& a, const DiscreteMeasure& b);

}  // namespace mckean
