// Clouds for the benchmarks of transport.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "host/transport/discrete_measure.hpp"

namespace mckean::bench {

/// n normal points of R^d, with weights of an exponential law or equal ones.
inline DiscreteMeasure normal_cloud(std::size_t n, std::size_t d, std::uint64_t seed,
                                    bool weighted) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> normal;
  std::exponential_distribution<double> exponential;
  DiscreteMeasure cloud{n, d, std::vector<double>(n * d), std::vector<double>(n), !weighted};
  for (double& x : cloud.planes) x = normal(engine);
  double sum = 0;
  for (double& weight : cloud.weights) sum += weight = weighted ? exponential(engine) : 1;
  for (double& weight : cloud.weights) weight /= sum;
  return cloud;
}

}  // namespace mckean::bench
