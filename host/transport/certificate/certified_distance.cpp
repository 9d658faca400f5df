// Lower and upper bounds of a distance in closed form, less and plus the rounding of its terms.
#include "host/transport/certificate/certified_distance.hpp"

#include <algorithm>
#include <cmath>

namespace mckean {
namespace {

constexpr double outwards = 0x1p-50;  // for the few roundings here

}  // namespace

double DistanceRounding::below(double w2) const {
  const double least = w2 * (1 - relative) - absolute;
  if (!(least > mass_rounding)) return 0;
  return std::sqrt(least - mass_rounding) * std::sqrt(least + mass_rounding) * (1 - outwards);
}

double DistanceRounding::above(double w2) const {
  if (w2 == 0 && absolute == 0 && mass_rounding == 0) return 0;
  return std::hypot(w2 * (1 + relative) + absolute, mass_rounding) * (1 + outwards);
}

}  // namespace mckean
