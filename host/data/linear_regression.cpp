// Least squares with an intercept.
#include "host/data/linear_regression.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

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

/// c of least |A c - y|, by Householder reflections with column pivoting (Golub and Van Loan,
/// Matrix Computations, 5.4.2). Each column is one piece of work, so that an interruption ends it
/// soon.
Eigen::VectorXd solve_least_squares(Eigen::MatrixXd a, Eigen::VectorXd y) {
  constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
  const Eigen::Index steps = std::min(a.rows(), a.cols());
  std::vector<Eigen::Index> order(static_cast<std::size_t>(a.cols()));
  std::iota(order.begin(), order.end(), Eigen::Index{0});
  // Norms of what is left of the columns, and what they were when last computed in full.
  Eigen::VectorXd norms(a.cols());
  for (Eigen::Index k = 0; k < a.cols(); ++k) {
    check_interruption();
    norms[k] = a.col(k).norm();
  }
  Eigen::VectorXd full_norms = norms;
  const double noise = kEpsilon * static_cast<double>(steps) * norms.maxCoeff();

  Eigen::Index rank = 0;
  for (; rank < steps; ++rank) {
    const Eigen::Index left = a.rows() - rank;
    Eigen::Index pivot = 0;
    norms.tail(a.cols() - rank).maxCoeff(&pivot);
    pivot += rank;
    if (pivot != rank) {
      a.col(pivot).swap(a.col(rank));
      std::swap(norms[pivot], norms[rank]);
      std::swap(full_norms[pivot], full_norms[rank]);
      std::swap(order[static_cast<std::size_t>(pivot)], order[static_cast<std::size_t>(rank)]);
    }
    Eigen::VectorXd v = a.col(rank).tail(left);
    const double norm = v.norm();
    if (!(norm > noise)) break;
    const double diagonal = v[0] > 0 ? -norm : norm;
    const double factor = 1 / (norm * (norm + std::abs(v[0])));
    v[0] -= diagonal;
    a(rank, rank) = diagonal;
    y.tail(left) -= factor * v.dot(y.tail(left)) * v;
    for (Eigen::Index k = rank + 1; k < a.cols(); ++k) {
      check_interruption();
      auto column = a.col(k).tail(left);
      column -= factor * v.dot(column) * v;
      const double share = a(rank, k) / norms[k];
      norms[k] *= norms[k] > 0 ? std::sqrt(std::max(0.0, 1 - share * share)) : 0;
      // Here the subtraction has taken half of the digits of the square.
      if (norms[k] <= std::sqrt(std::sqrt(kEpsilon)) * full_norms[k]) {
        norms[k] = full_norms[k] = column.tail(left - 1).norm();
      }
    }
  }
  const Eigen::VectorXd solution =
      a.topLeftCorner(rank, rank).triangularView<Eigen::Upper>().solve(y.head(rank));
  Eigen::VectorXd fit = Eigen::VectorXd::Zero(a.cols());
  for (Eigen::Index k = 0; k < rank; ++k) fit[order[static_cast<std::size_t>(k)]] = solution[k];
  return fit;
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
  const Targets train(train_y.data(), static_cast<Eigen::Index>(train_y.size()));
  const Targets test(test_y.data(), static_cast<Eigen::Index>(test_y.size()));
  const Eigen::VectorXd fit = solve_least_squares(add_intercept(train_x), train);
  return (add_intercept(test_x) * fit - test).squaredNorm() / static_cast<double>(test_y.size());
}

}  // namespace mckean
