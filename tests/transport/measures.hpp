// Small weighted clouds for tests, and the distance between them by exhaustion.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "host/transport/discrete_measure.hpp"
#include "host/transport/pair_cost.hpp"
#include "mckean/formula/philox.hpp"

namespace mckean::test {

/// n normal points of R^d, with unequal weights from 0.1 to 1.1 times a constant or equal ones.
inline DiscreteMeasure random_measure(std::size_t n, std::size_t d, std::uint64_t seed,
                                      bool weighted) {
  DiscreteMeasure measure{n, d, std::vector<double>(n * d), std::vector<double>(n), !weighted};
  for (std::size_t k = 0; k < n * d; ++k)
    measure.planes[k] = normal_pair(seed, Purpose::samples, 0, k, 0).first;
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    measure.weights[i] = weighted ? .1 + uniform(seed, Purpose::samples, 1, i, 0) : 1;
    sum += measure.weights[i];
  }
  for (double& weight : measure.weights) weight /= sum;
  return measure;
}

/// All coordinates plus `by`.
inline DiscreteMeasure translated(DiscreteMeasure measure, double by) {
  for (double& x : measure.planes) x += by;
  return measure;
}

inline DiscreteMeasure line_measure(std::vector<double> values, std::vector<double> weights) {
  const std::size_t n = values.size();
  return {n, 1, std::move(values), std::move(weights), false};
}

/// The best of all assignments of equally many points of equal weights, at most 8.
inline double w2_by_permutations(const DiscreteMeasure& a, const DiscreteMeasure& b,
                                 GroundCost cost) {
  std::vector<std::size_t> order(a.n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  double best = std::numeric_limits<double>::infinity();
  do {
    double sum = 0;
    for (std::size_t i = 0; i < a.n; ++i)
      sum += pair_cost(cost, a.points(), i, b.points(), order[i]);
    best = std::min(best, sum);
  } while (std::next_permutation(order.begin(), order.end()));
  return std::sqrt(best / static_cast<double>(a.n));
}

}  // namespace mckean::test
