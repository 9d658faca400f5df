// A distance in closed form with bounds of its rounding.
#pragma once

#include "host/transport/bounds/sampling_error.hpp"

namespace mckean {

/// lower <= W2 <= upper whatever rounding did, and `w2` as computed.
struct CertifiedDistance {
  double w2 = 0;
  double lower = 0;
  double upper = 0;
  SamplingVariance variance;  // of W2^2
};

/// What a computation may have lost: W2 to within `relative` of itself and `absolute`, and W2^2 by
/// `mass_rounding`^2 where masses have been rounded.
struct DistanceRounding {
  double relative = 0;
  double absolute = 0;
  double mass_rounding = 0;

  /// An end below a distance that was computed to be at least `w2`, or above one that was computed
  /// to be at most that. No square is formed that could overflow.
  double below(double w2) const;
  double above(double w2) const;
};

}  // namespace mckean
