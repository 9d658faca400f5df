// Train and test data, and columns of mean 0 and variance 1.
#include "mckean/data_set.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "host/data/interruptible.hpp"
#include "mckean/error.hpp"
#include "mckean/formula/batch.hpp"

namespace mckean {
namespace {

/// The rows `permute` puts at positions from..to-1.
DataSet take_rows(const DataSet& data, std::size_t from, std::size_t to, std::uint64_t seed) {
  DataSet part;
  part.x = make_matrix(to - from, data.x.cols);
  part.y = make_zeros(to - from);
  for (std::size_t i = from; i < to; ++i) {
    check_interruption();
    const std::size_t row = permute(i, data.x.rows, seed, split_epoch);
    std::copy_n(data.x.values.begin() + static_cast<std::ptrdiff_t>(row * data.x.cols), data.x.cols,
                &part.x.values[(i - from) * data.x.cols]);
    part.y[i - from] = data.y[row];
  }
  return part;
}

struct Moments {
  double mean;
  double deviation;  // 0 where all values are equal
};

/// Of the values at start, start + stride, ..., `count` of them; the mean's own rounding is
/// corrected.
Moments find_moments(const double* start, std::size_t count, std::size_t stride) {
  const auto n = static_cast<double>(count);
  bool constant = true;
  double mean = 0;
  for_each_range(count, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      mean += start[i * stride] / n;
      constant = constant && start[i * stride] == start[0];
    }
  });
  double sum = 0;
  double squares = 0;
  for_each_range(count, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const double difference = start[i * stride] - mean;
      sum += difference;
      squares += difference * difference;
    }
  });
  const double shift = sum / n;
  return {mean + shift, constant ? 0 : std::sqrt(std::max(0.0, squares / n - shift * shift))};
}

void apply(const Moments& moments, double* start, std::size_t count, std::size_t stride) {
  for_each_range(count, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i)
      start[i * stride] = (start[i * stride] - moments.mean) / moments.deviation;
  });
}

void standardize_column(double* train, std::size_t train_count, double* test,
                        std::size_t test_count, std::size_t stride, const std::string& name) {
  const Moments moments = find_moments(train, train_count, stride);
  if (!(moments.deviation > 0)) {
    throw InputError("standardize: " + name +
                     " is constant in the training data; remove that column");
  }
  apply(moments, train, train_count, stride);
  apply(moments, test, test_count, stride);
}

}  // namespace

TrainTest split_data(const DataSet& data, double test_fraction, std::uint64_t seed) {
  check_shape(data.x, "data");
  const std::size_t n = data.x.rows;
  if (data.y.size() != n) {
    throw InputError("data: x has " + std::to_string(n) + " rows and y " +
                     std::to_string(data.y.size()) + "; give one target for each row");
  }
  const double share = std::round(test_fraction * static_cast<double>(n));
  if (!(test_fraction >= 0 && test_fraction <= 1 && share >= 1 && share < static_cast<double>(n))) {
    throw InputError("data: the test fraction " + std::to_string(test_fraction) + " of " +
                     std::to_string(n) +
                     " rows leaves no test or no training data; give one between 0 and 1");
  }
  const auto test_rows = static_cast<std::size_t>(share);
  return {take_rows(data, test_rows, n, seed), take_rows(data, 0, test_rows, seed)};
}

void standardize(Matrix& train, Matrix& test) {
  if (train.rows == 0 || train.cols != test.cols) {
    throw InputError("standardize: training data of " + std::to_string(train.rows) + " x " +
                     std::to_string(train.cols) + " and test data of " + std::to_string(test.rows) +
                     " x " + std::to_string(test.cols) +
                     " do not match; give both the same columns");
  }
  check_shape(train, "standardize");
  check_shape(test, "standardize");
  for (std::size_t k = 0; k < train.cols; ++k) {
    standardize_column(train.values.data() + k, train.rows, test.values.data() + k, test.rows,
                       train.cols, "column " + std::to_string(k + 1) + " of x");
  }
}

void standardize(std::vector<double>& train, std::vector<double>& test) {
  if (train.empty()) throw InputError("standardize: there are no training targets; give some");
  standardize_column(train.data(), train.size(), test.data(), test.size(), 1, "the target y");
}

}  // namespace mckean
