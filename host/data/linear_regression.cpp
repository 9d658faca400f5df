// Least squares with an intercept.
#include "host/data/linear_regression.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "host/data/error.hpp"
#include "mckean/interruption.hpp"

namespace mckean {
namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Rows begin to end of x, then a column of ones.
Eigen::MatrixXd add_intercept(const Matrix& x, std::size_t begin, std::size_t end) {
  const auto rows = static_cast<Eigen::Index>(end - begin);
  const auto cols = static_cast<Eigen::Index>(x.cols);
  Eigen::MatrixXd design(rows, cols + 1);
  design.leftCols(cols) = Eigen::Map<const RowMajor>(x.values.data() + begin * x.cols, rows, cols);
  design.col(cols).setOnes();
  return design;
}

/// c of least |A c - y|, A being x with a column of ones: the triangle of [A y] by blocks of rows
/// (Demmel, Grigori, Hoemmen and Langou, "Communication-optimal QR", 2012), between which an
/// interruption is seen, and then the pivoted factorisation of what is left.
Eigen::VectorXd solve_least_squares(const Matrix& x, const std::vector<double>& y) {
  const auto cols = static_cast<Eigen::Index>(x.cols) + 1;
  const std::size_t block = std::max<std::size_t>(1024, x.cols);
  Eigen::MatrixXd triangle(0, cols + 1);
  for (std::size_t begin = 0; begin < x.rows; begin += block) {
    check_interruption();
    const std::size_t end = std::min(begin + block, x.rows);
    const auto rows = static_cast<Eigen::Index>(end - begin);
    Eigen::MatrixXd stacked(triangle.rows() + rows, cols + 1);
    stacked.topRows(triangle.rows()) = triangle;
    stacked.bottomRows(rows).leftCols(cols) = add_intercept(x, begin, end);
    stacked.bottomRows(rows).col(cols) = Eigen::Map<const Eigen::VectorXd>(y.data() + begin, rows);
    const Eigen::Index kept = std::min(stacked.rows(), cols + 1);
    const Eigen::HouseholderQR<Eigen::MatrixXd> factors(stacked);
    triangle = factors.matrixQR().topRows(kept).triangularView<Eigen::Upper>();
  }
  return triangle.leftCols(cols).colPivHouseholderQr().solve(triangle.col(cols));
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
  using Targets = Eigen::Map<const Eigen::VectorXd>;
  const Targets test(test_y.data(), static_cast<Eigen::Index>(test_y.size()));
  const Eigen::VectorXd fit = solve_least_squares(train_x, train_y);
  return (add_intercept(test_x, 0, test_x.rows) * fit - test).squaredNorm() /
         static_cast<double>(test_y.size());
}

}  // namespace mckean
