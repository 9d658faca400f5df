// The Wasserstein distance on the circle, for the geodesic distance between angles.
#pragma once

#include <vector>

namespace mckean {

// All distances are W2 (the root) between uniform measures on angles in radians, of any range.
// InputError where a set is empty or an angle is not finite.

/// Against the uniform law: with sorted angles and r_j = theta_(j) - 2 pi (j - 1/2)/m,
/// W2^2 = var(r) + (2 pi/m)^2/12. O(m log m).
double w2_circle_uniform(std::vector<double> angles);

/// The same for the antipodal symmetrisation {theta_j, theta_j + pi} of the set.
double w2_circle_uniform_antipodal(std::vector<double> angles);

/// Between two sets of any sizes, exact: the cost of coupling the lifted quantile functions is
/// convex in their shift (Delon, Salomon and Sobolevskii, "Fast transport optimization for Monge
/// costs on the circle", SIAM J. Appl. Math. 70, 2010), and its slope is bisected over the shifts
/// at which steps of the two meet. O(n log n); their least common multiple is below 2^60.
double w2_circle(std::vector<double> a, std::vector<double> b);

}  // namespace mckean
