// One term of the error norm of an adaptive step.
#pragma once

#include <cmath>

#include "mckean/config.hpp"

namespace mckean {

/// (error/(atol + rtol max(|before|, |after|)))^2: Hairer, Norsett and Wanner, Solving Ordinary
/// Differential Equations I, II.4 (4.11). NaN where a value is not finite; 0 where error and
/// tolerance are both 0.
MCKEAN_HD double weighted_error_term(double error, double before, double after, double atol,
                                     double rtol) {
  const double x = std::abs(before);
  const double y = std::abs(after);
  const double tolerance = atol + rtol * (x > y ? x : y) + (x - x) + (y - y) + (error - error);
  const double ratio = error == 0 ? tolerance - tolerance : error / tolerance;
  return ratio * ratio;
}

}  // namespace mckean
