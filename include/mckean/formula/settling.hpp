// Particles that reach a kink of the path norm |a||b| and stay there.
#pragma once

#include <cmath>

#include "mckean/formula/motion.hpp"

namespace mckean {

/// One step of size h has taken a particle across a = 0 (or b = 0), or is about to, while the
/// velocities on both sides point at it: the gradient flow has reached 0 and rests there, since
/// what the data ask for is below lambda |b| (or lambda |a|). An explicit method would chatter
/// across.
struct Settling {
  Motion motion;
  double h;

  /// From a before and after the step, and after it da/dt and |b| (1 on the sphere).
  MCKEAN_HD bool amplitude(double before, double after, double drift, double norm_b) const {
    if (motion.rate_a == 0 || after == 0) return false;
    const bool crossed = before * after < 0;
    const bool near = after * drift < 0 && std::abs(after) <= h * std::abs(drift);
    if (!crossed && !near) return false;
    const double penalty = motion.lambda * norm_b;
    const double asked = -drift / motion.rate_a - (after > 0 ? penalty : -penalty);
    return std::abs(asked) <= penalty;
  }

  /// From products of b before the step (b_0), after it (b) and db/dt (f), and a after it.
  MCKEAN_HD bool direction(double b0_dot_b, double squared_b, double b_dot_f, double squared_f,
                           double a) const {
    if (motion.rate_b == 0 || motion.sphere || squared_b == 0) return false;
    const bool crossed = b0_dot_b < 0;
    const bool near = b_dot_f < 0 && squared_b <= h * h * squared_f;
    if (!crossed && !near) return false;
    // |-f/rate - lambda |a| b/|b|| <= lambda |a|.
    const double penalty = motion.lambda * std::abs(a);
    return squared_f / motion.rate_b <= -2 * penalty * b_dot_f / std::sqrt(squared_b);
  }
};

}  // namespace mckean
