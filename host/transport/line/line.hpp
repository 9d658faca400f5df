// The Wasserstein distance between measures on a line.
#pragma once

#include <vector>

#include "host/transport/certificate/certified_distance.hpp"
#include "host/transport/discrete_measure.hpp"
#include "host/transport/line/quantiles.hpp"

namespace mckean {

// Threads: 0 means all; their number does not show in a result.

/// W2 between the uniform measures on a and on b, exact for any two sizes: the quantile functions,
/// both step functions, are compared piece by piece. O(n log n). InputError where a set is empty or
/// a value is not finite.
CertifiedDistance w2_line(std::vector<double> a, std::vector<double> b, int threads = 0);

/// The same between two measures on the line, of any weights; InputError also where d is not 1.
/// Weights that are not equal are rounded as in quantiles.hpp. OutOfTime where the deadline comes
/// first.
CertifiedDistance w2_line(const DiscreteMeasure& a, const DiscreteMeasure& b, int threads,
                          const Deadline& deadline = {});

/// W2 as computed between quantile functions of the same total, and how far off it may be relative
/// to itself where they have so many steps together.
double w2_of_steps(const QuantileSteps& a, const QuantileSteps& b, int threads);
double rounding_of_steps(std::size_t steps);

}  // namespace mckean
