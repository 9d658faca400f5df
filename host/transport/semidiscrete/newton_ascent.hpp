// Newton's method for the smooth dual.
#pragma once

#include <functional>
#include <vector>

#include "host/transport/semidiscrete/smooth_dual.hpp"

namespace mckean {

/// sum_j |mass_j - b_j| where the dual was evaluated last.
double imbalance(const SmoothDual& dual);

/// Moves `potential` up g_eps until sum_j |mass_j - b_j| <= tolerance, for `most` steps, until
/// several in a row gain nothing or until `stop()` at the most: damped Newton steps (Kitagawa,
/// Merigot and Thibert, J. Eur. Math. Soc. 21, 2019) of the smooth dual, the p_j of an atom that
/// shares no point with others by at most 4 eps a step. Returns the number of steps; where the
/// deadline of the dual comes first it throws OutOfTime, and `potential` is that of the last step.
int ascend(SmoothDual& dual, std::vector<double>& potential, double epsilon, double tolerance,
           int most, const std::function<bool()>& stop);

}  // namespace mckean
