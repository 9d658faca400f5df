// The Wasserstein distance between point sets on a line.
#pragma once

#include <vector>

namespace mckean {

/// W2 (the root) between the uniform measures on a and on b, exact for any two sizes: the quantile
/// functions, both step functions, are compared piece by piece. O(n log n). InputError where a set
/// is empty or a value is not finite.
double w2_line(std::vector<double> a, std::vector<double> b);

}  // namespace mckean
