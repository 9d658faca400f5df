// Least squares with an intercept.
#include "host/data/linear_regression.hpp"

#include <Eigen/Dense>
#include <cstddef>
#include <string>

#include "host/data/error.hpp"
#include "mckean/interruption.hpp"

namespace mckean {
namespace {

/// The columns of x, then a column of ones.
Eigen::MatrixXd add_intercept(const Matrix& x) {
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto rows = static_cast<Eigen::Index>(x.rows);
  const auto cols = static_cast<Eigen::Index>(x.cols);
  Eigen::MatrixXd design(rows, cols + 1);
  design.leftCols(cols) = Eigen::Map<const RowMajor>(x.values.data(), rows, cols);
  design.col(cols).setOnes();
  return design;
}

void check_shapes(const char* name, const Matrix& x, const std::vector<double>& y) {
  if (x.rows == 0 || x.rows != y.size()) {
    throw InputError(std::string("linear regression: the ") + name + " data has " +
                     std::to_string(x.rows) + " rows and " + std::to_string(y.size()) +
                     " targets; give one target for each row, and at least one row");
  }
}

}  // namespace

double linear_regression_risk(const Matrix& train_x, const std::vector<double>& train_y,
                              const Matrix& test_x, const std::vector<double>& test_y) {
  check_shapes("training", train_x, train_y);
  check_shapes("test", test_x, test_y);
  if (train_x.cols != test_x.cols) {
    throw InputError("linear regression: training data of " + std::to_string(train_x.cols) +
                     " columns and test data of " + std::to_string(test_x.cols) +
                     " do not match; give both the same columns");
  }
  check_interruption();
  using Targets = Eigen::Map<const Eigen::VectorXd>;
  const Targets train(train_y.data(), static_cast<Eigen::Index>(train_y.size()));
  const Targets test(test_y.data(), static_cast<Eigen::Index>(test_y.size()));
  const Eigen::VectorXd fit = add_intercept(train_x).colPivHouseholderQr().solve(train);
  return (add_intercept(test_x) * fit - test).squaredNorm() / static_cast<double>(test_y.size());
}

}  // namespace mckean
