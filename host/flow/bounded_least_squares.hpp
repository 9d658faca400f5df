// Least squares with every unknown in [0, 1].
#pragma once

#include <Eigen/Core>

namespace mckean {

/// s in [0, 1]^k with |base + columns s| least: the active-set method of Stark and Parker,
/// "Bounded-variable least-squares" (Computational Statistics 10, 1995), from the middle of the
/// cube. Where columns depend on each other base + columns s is unique, s is one of many. Unknowns
/// that end at a bound are exactly 0 or 1.
Eigen::VectorXd bounded_least_squares(const Eigen::VectorXd& base, const Eigen::MatrixXd& columns);

}  // namespace mckean
