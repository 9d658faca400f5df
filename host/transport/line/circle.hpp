// The Wasserstein distance on the circle, for the geodesic distance between angles.
#pragma once

#include <vector>

#include "host/transport/certificate/certified_distance.hpp"
#include "host/transport/deadline.hpp"
#include "host/transport/discrete_measure.hpp"

namespace mckean {

// A vector is the uniform measure on angles in radians, of any range; a DiscreteMeasure has angles
// where d is 1 and points of the plane, which count by their angle, where d is 2. InputError where
// a set is empty, an angle is not finite, a point is 0 or d is another one. Weights that are not
// equal are rounded as in quantiles.hpp. Threads: 0 means all; their number does not show in a
// result.

/// Against the uniform law: atoms of mass w_j in the order of their angles, m_j = w_1 + ... +
/// w_{j-1} + w_j/2 and r_j = theta_j - 2 pi m_j have W2^2 = var_w(r) + sum_j w_j (2 pi w_j)^2/12.
/// O(m log m). Its sampling variance is that of the atoms alone: the law is known. OutOfTime where
/// the deadline comes first, as from all that take one.
CertifiedDistance w2_circle_uniform(std::vector<double> angles, int threads = 0);
CertifiedDistance w2_circle_uniform(const DiscreteMeasure& measure, int threads,
                                    const Deadline& deadline = {});

/// The same for the antipodal symmetrisation: half of each mass at theta_j, half at theta_j + pi.
CertifiedDistance w2_circle_uniform_antipodal(std::vector<double> angles, int threads = 0);
CertifiedDistance w2_circle_uniform_antipodal(const DiscreteMeasure& measure, int threads,
                                              const Deadline& deadline = {});

/// Between two measures of any sizes, exact: the cost of coupling the lifted quantile functions is
/// convex in their shift (Delon, Salomon and Sobolevskii, "Fast transport optimization for Monge
/// costs on the circle", SIAM J. Appl. Math. 70, 2010); its least value is enclosed by tangents,
/// from a coarse start. O(n log n), and O(n) for each of about ten tangents.
CertifiedDistance w2_circle(std::vector<double> a, std::vector<double> b, int threads = 0);
CertifiedDistance w2_circle(const DiscreteMeasure& a, const DiscreteMeasure& b, int threads,
                            const Deadline& deadline = {});

}  // namespace mckean
