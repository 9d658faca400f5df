// Measures from rows, checked.
#include "host/transport/discrete_measure.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "host/data/interruptible.hpp"
#include "mckean/error.hpp"
#include "mckean/formula/compensated_sum.hpp"

namespace mckean {
namespace {

constexpr std::size_t most_points = std::size_t{1} << 31;  // indices of nodes have 32 bits

std::size_t count_of_zeros(const std::vector<double>& weights) {
  return static_cast<std::size_t>(std::count(weights.begin(), weights.end(), 0.));
}

/// The rows with mass, as planes.
void transpose_kept(const Matrix& rows, const std::vector<double>& weights,
                    DiscreteMeasure& measure) {
  std::size_t to = 0;
  for (std::size_t i = 0; i < rows.rows; ++i) {
    if (i % points_between_checks(rows.cols) == 0) check_interruption();
    if (weights[i] == 0) continue;
    for (std::size_t k = 0; k < rows.cols; ++k)
      measure.planes[k * measure.n + to] = rows.values[i * rows.cols + k];
    ++to;
  }
}

}  // namespace

Extent extent(std::span<const double> values) {
  Extent all{values[0], values[0]};
  for_each_range(values.size(), [&](std::size_t begin, std::size_t end) {
    // Without branches, so that it is as fast as memory is.
    double low = all.low, high = all.high;
    for (std::size_t i = begin; i < end; ++i) {
      low = std::min(low, values[i]);
      high = std::max(high, values[i]);
    }
    all = {low, high};
  });
  return all;
}

Extent extent(const DiscreteMeasure& measure, std::size_t k) {
  return extent(std::span(measure.planes).subspan(k * measure.n, measure.n));
}

DiscreteMeasure make_measure(const Matrix& rows, const std::vector<double>& weights,
                             const std::string& name) {
  if (rows.rows == 0 || rows.cols == 0)
    throw InputError(name + ": a cloud without points has no distance: give at least one");
  check_shape(rows, name);
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
  std::vector<double> own = make_filled(rows.rows, 1 / static_cast<double>(rows.rows));
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
  const std::size_t kept = uniform ? rows.rows : own.size() - count_of_zeros(own);
  DiscreteMeasure measure{kept, rows.cols, make_zeros(kept * rows.cols), {}, uniform};
  transpose_kept(rows, own, measure);
  if (kept < own.size()) std::erase(own, 0.);
  measure.weights = std::move(own);
  return measure;
}

std::vector<double> masses_of(const DiscreteMeasure& measure) {
  std::vector<double> masses = copy_values(measure.weights.data(), measure.n);
  const double sum = compensated_sum(masses);
  for (double& mass : masses) mass /= sum;
  return masses;
}

void center(const DiscreteMeasure& measure, std::vector<double>& values) {
  MCKEAN_EXPECT(values.size() == measure.n);
  double mean = 0;
  for_each_range(measure.n, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) mean += measure.weights[i] * values[i];
  });
  for_each_range(measure.n, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) values[i] -= mean;
  });
}

DiscreteMeasure select_points(const DiscreteMeasure& measure,
                              const std::vector<std::size_t>& index) {
  const std::size_t count = index.size();
  DiscreteMeasure part{count, measure.d, make_zeros(count * measure.d),
                       make_filled(count, 1 / static_cast<double>(count)), measure.uniform};
  if (!measure.uniform) {
    double sum = 0;
    for (const std::size_t i : index) sum += measure.weights[i];
    for (std::size_t i = 0; i < count; ++i) part.weights[i] = measure.weights[index[i]] / sum;
  }
  for (std::size_t k = 0; k < measure.d; ++k) {
    const double* const from = measure.planes.data() + k * measure.n;
    double* const to = part.planes.data() + k * count;
    for_each_range(count, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) to[i] = from[index[i]];
    });
  }
  return part;
}

}  // namespace mckean
