// Standard errors by the delta method.
#include "host/transport/bounds/sampling_error.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "host/data/interruptible.hpp"
#include "mckean/config.hpp"

namespace mckean {

namespace {

constexpr double enough_terms = 10;
constexpr double enough_share = .125;  // of the points, where these are few

}  // namespace

MeanVariance mean_variance(double square, double fourth, double squared_masses) {
  // n/kurtosis >= min(10, n/8), multiplied out.
  const double share = std::min(enough_terms * squared_masses, enough_share);
  return {square * squared_masses, !(square > 0) || square * square >= share * fourth};
}

MeanVariance sampling_variance(const DiscreteMeasure& measure,
                               const std::vector<double>& potential) {
  MCKEAN_EXPECT(potential.size() == measure.n);
  const auto for_each_point = [&](const auto& use) {
    for_each_range(measure.n, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) use(i);
    });
  };
  double mean = 0;
  double squared_masses = 0;
  for_each_point([&](std::size_t i) {
    mean += measure.weights[i] * potential[i];
    squared_masses += measure.weights[i] * measure.weights[i];
  });
  double largest = 0;
  for_each_point(
      [&](std::size_t i) { largest = std::max(largest, std::abs(potential[i] - mean)); });
  if (!(largest > 0)) return {};
  // Relative to the largest, so that no fourth power overflows.
  double square = 0;
  double fourth = 0;
  for_each_point([&](std::size_t i) {
    const double ratio = (potential[i] - mean) / largest;
    const double term = measure.weights[i] * ratio * ratio;
    square += term;
    fourth += term * ratio * ratio;
  });
  MeanVariance result = mean_variance(square, fourth, squared_masses);
  result.value *= largest * largest;
  return result;
}

std::optional<double> sampling_error(double w2, const SamplingVariance& variance, Sampled sampled) {
  double sum = 0;
  for (const auto& [side, other] :
       {std::pair{variance.first, Sampled::second}, std::pair{variance.second, Sampled::first}}) {
    if (sampled == other) continue;
    if (!side.reliable) return {};
    sum += side.value;
  }
  const double s = std::sqrt(sum);
  const double root = std::sqrt(w2 * w2 + s);
  return root > 0 ? s / (root + w2) : 0;
}

}  // namespace mckean
