// Cheap bounds of W2, proved with their roundings.
#pragma once

#include <optional>

#include "host/transport/bounds/sampling_error.hpp"
#include "host/transport/deadline.hpp"
#include "host/transport/discrete_measure.hpp"
#include "mckean/formula/ground_cost.hpp"

namespace mckean {

// Clouds of the same dimension d; InputError where the dimensions differ, a cloud is empty or a
// coordinate is not finite. Threads: 0 means all; their number does not show in a result. Where
// a deadline is taken and comes first they throw OutOfTime.

/// |m1 - m2| <= W2 for the means m, and W2^2 <= E c(x, y) for independent x and y, or a bound of
/// that from their chords: what takes next to no time. O(n d).
struct MeanBounds {
  double lower = 0;
  double upper = 0;
};
MeanBounds mean_bounds(const DiscreteMeasure& a, const DiscreteMeasure& b, GroundCost cost);

/// sqrt(|m1 - m2|^2 + tr(S1 + S2 - 2 (S1^{1/2} S2 S1^{1/2})^{1/2})) <= W2 for the euclidean cost, m
/// and S the means and covariances: the distance of the normal laws with these moments, attained
/// where one cloud is an affine image of the other by a positive matrix (Gelbrich, "On a formula
/// for the L2 Wasserstein metric", Math. Nachr. 147, 1990). O(n d^2 + d^3).
double gelbrich_lower(const DiscreteMeasure& a, const DiscreteMeasure& b, int threads = 0,
                      const Deadline& deadline = {});

/// The variance of W2^2 between samples as far as the normal laws with their moments tell: that of
/// Gelbrich's potentials u(x) = |z|^2 - z^T A z + 2 (m1 - m2) . z, z = x - m1, where A = S1^{-1/2}
/// (S1^{1/2} S2 S1^{1/2})^{1/2} S1^{-1/2} maps one law to the other. An estimate for where no
/// potentials are known. O(n d^2 + d^3).
SamplingVariance gelbrich_variance(const DiscreteMeasure& a, const DiscreteMeasure& b,
                                   int threads = 0, const Deadline& deadline = {});

/// sqrt(sum_k W2^2 of the projections on q_k) <= W2 for the euclidean cost and an orthonormal frame
/// q: the better of the frame of coordinates and of the principal axes of S1 + S2.
/// O(d (n d + n log n)).
double projection_lower(const DiscreteMeasure& a, const DiscreteMeasure& b, int threads = 0,
                        const Deadline& deadline = {});

/// The root of the cost of leaving point i of a to point i of b, >= W2; nothing where the sizes or
/// the weights differ. For the geodesic cost points are unit vectors. O(n d).
std::optional<double> synchronous_upper(const DiscreteMeasure& a, const DiscreteMeasure& b,
                                        GroundCost cost, int threads = 0);

}  // namespace mckean
