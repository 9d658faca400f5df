// Weights of two measures as integers with the same total.
#pragma once

#include <cstdint>
#include <vector>

#include "host/transport/discrete_measure.hpp"

namespace mckean {

/// Whole units of mass, so that sums of them are exact and no remainder is left.
using Mass = std::int64_t;

/// Units of two measures, with the same total. Weights that are made of equal pieces, as uniform
/// ones are, are represented exactly where the other ones are not, or as long as the least common
/// multiple of the numbers of pieces is below 2^53; others
/// in units of about 2^-62 of the whole, by largest remainders. `discrepancy` bounds the sum over
/// both of the differences from the weights: at costs of at most C that is discrepancy C/2 of the
/// transport's.
struct IntegerMasses {
  std::vector<Mass> a, b;
  Mass total = 0;
  double discrepancy = 0;
};

IntegerMasses to_integer_masses(const DiscreteMeasure& a, const DiscreteMeasure& b);

}  // namespace mckean
