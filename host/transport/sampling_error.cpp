// The delta method.
#include "host/transport/sampling_error.hpp"

#include <cmath>

#include "mckean/config.hpp"

namespace mckean {

double sampling_variance(const DiscreteMeasure& measure, const std::vector<double>& potential) {
  MCKEAN_EXPECT(potential.size() == measure.n);
  double mean = 0;
  double squares = 0;
  for (std::size_t i = 0; i < measure.n; ++i) {
    mean += measure.weights[i] * potential[i];
    squares += measure.weights[i] * measure.weights[i];
  }
  double variance = 0;
  for (std::size_t i = 0; i < measure.n; ++i)
    variance += measure.weights[i] * (potential[i] - mean) * (potential[i] - mean);
  return variance * squares;
}

double sampling_error(double w2, const SamplingVariance& variance, Sampled sampled) {
  const double first = sampled != Sampled::second ? variance.first : 0;
  const double second = sampled != Sampled::first ? variance.second : 0;
  const double s = std::sqrt(first + second);
  const double root = std::sqrt(w2 * w2 + s);
  return root > 0 ? s / (root + w2) : 0;
}

}  // namespace mckean
