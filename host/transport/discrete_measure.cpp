// Measures from rows, checked.
#include "host/transport/discrete_measure.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "host/data/error.hpp"
#include "host/data/interruptible.hpp"
#include "mckean/compensated_sum.hpp"

namespace mckean {
namespace {

constexpr double off_by_rounding = 1e-12;                  // of a sum of weights
constexpr std::size_t most_points = std::size_t{1} << 31;  // indices of nodes have 32 bits

}  // namespace

Extent extent(const DiscreteMeasure& measure, std::size_t k) {
  const double* const plane = measure.planes.data() + k * measure.n;
  Extent all{plane[0], plane[0]};
  for_each_range(measure.n, [&](std::size_t begin, std::size_t end) {
    const auto [low, high] = std::minmax_element(plane + begin, plane + end);
    all = {std::min(all.low, *low), std::max(all.high, *high)};
  });
  return all;
}

DiscreteMeasure make_measure(const Matrix& rows, const std::vector<double>& weights,
                             const std::string& name) {
  if (rows.rows == 0 || rows.cols == 0)
    throw InputError(name + ": a cloud without points has no distance: give at least one");
  if (rows.rows > most_points) {
    throw InputError(name + ": has " + std::to_string(rows.rows) + " points, more than " +
                     std::to_string(most_points) + ": take a part of them");
  }
  for_each_range(rows.values.size(), [&](std::size_t begin, std::size_t end) {
    if (std::any_of(rows.values.data() + begin, rows.values.data() + end,
                    [](double value) { return !(std::abs(value) < 1e150); }))
      throw InputError(name +
                       ": a coordinate is not finite, or beyond 1e150: remove or rescale it");
  });
  std::vector<double> own(rows.rows, 1 / static_cast<double>(rows.rows));
  bool uniform = true;
  if (!weights.empty()) {
    if (weights.size() != rows.rows) {
      throw InputError(name + ": has " + std::to_string(rows.rows) + " points and " +
                       std::to_string(weights.size()) + " weights: give one for each point");
    }
    for (const double weight : weights) {
      if (!(weight >= 0 && weight < 1e300))
        throw InputError(name + ": a weight is negative or not finite: weights are masses");
    }
    const double sum = compensated_sum(weights);
    if (!(std::abs(sum - 1) < 1e-6)) {
      throw InputError(name + ": the weights add up to " + std::to_string(sum) +
                       ": divide them by that, so that they add up to 1");
    }
    uniform = std::all_of(weights.begin(), weights.end(),
                          [&](double weight) { return weight == weights.front(); });
    if (!uniform) own = weights;
  }
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < rows.rows; ++i) {
    if (own[i] > 0) kept.push_back(i);
  }
  DiscreteMeasure measure{kept.size(), rows.cols, make_zeros(kept.size() * rows.cols),
                          make_zeros(kept.size()), uniform};
  for (std::size_t i = 0; i < kept.size(); ++i) {
    check_interruption();
    measure.weights[i] = own[kept[i]];
    for (std::size_t k = 0; k < rows.cols; ++k)
      measure.planes[k * measure.n + i] = rows(kept[i], k);
  }
  return measure;
}

std::vector<double> masses_of(const DiscreteMeasure& measure) {
  std::vector<double> masses = measure.weights;
  const double sum = compensated_sum(masses);
  for (double& mass : masses) mass /= sum;
  return masses;
}

void center(const DiscreteMeasure& measure, std::vector<double>& values) {
  MCKEAN_EXPECT(values.size() == measure.n);
  double mean = 0;
  for (std::size_t i = 0; i < measure.n; ++i) mean += measure.weights[i] * values[i];
  for (double& value : values) value -= mean;
}

DiscreteMeasure select_points(const DiscreteMeasure& measure,
                              const std::vector<std::size_t>& index) {
  DiscreteMeasure part{index.size(), measure.d, std::vector<double>(index.size() * measure.d),
                       std::vector<double>(index.size()), measure.uniform};
  double sum = 0;
  for (const std::size_t i : index) sum += measure.weights[i];
  for (std::size_t i = 0; i < index.size(); ++i) {
    part.weights[i] =
        measure.uniform ? 1 / static_cast<double>(index.size()) : measure.weights[index[i]] / sum;
    for (std::size_t k = 0; k < measure.d; ++k)
      part.planes[k * part.n + i] = measure.planes[k * measure.n + index[i]];
  }
  return part;
}

}  // namespace mckean
