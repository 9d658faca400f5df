// Least squares with an intercept: panels of rows are reduced to a triangle, and that is solved
// with column pivoting.
#include "mckean/linear_regression.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>

#include "mckean/error.hpp"
#include "mckean/interruption.hpp"

namespace mckean {
namespace {

using Eigen::Index;
using RowMajor =
    Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;

constexpr Index columns_at_once = 64;
constexpr Index values_at_once = Index{1} << 22;  // between two looks at an interruption

/// use(begin, end) for pieces of begin..end-1 that have about values_at_once of `rows` values each.
template <class Use>
void for_each_block(Index begin, Index end, Index rows, const Use& use) {
  const Index step = std::max<Index>(1, values_at_once / std::max<Index>(1, rows));
  for (; begin < end; begin += step) {
    check_interruption();
    use(begin, std::min(begin + step, end));
  }
}

/// Householder reflections that leave `matrix` upper triangular.
void make_triangular(Eigen::MatrixXd& matrix) {
  const Index rows = matrix.rows(), cols = matrix.cols();
  for (Index k = 0; k < std::min(rows - 1, cols); k += columns_at_once) {
    const Index end = std::min(k + columns_at_once, cols);
    check_interruption();
    const Eigen::HouseholderQR<Eigen::MatrixXd> panel(matrix.block(k, k, rows - k, end - k));
    matrix.block(k, k, rows - k, end - k) = panel.matrixQR().triangularView<Eigen::Upper>();
    for (Index first = end; first < cols; first += columns_at_once) {
      check_interruption();
      const Index count = std::min(columns_at_once, cols - first);
      matrix.block(k, first, rows - k, count)
          .applyOnTheLeft(panel.householderQ().setLength(std::min(rows - k, end - k)).adjoint());
    }
  }
}

/// Rows (x, 1, y) of the data, from `rows` of `matrix` on.
void copy_rows(const Matrix& x, const std::vector<double>& y, Index begin, Index count,
               Eigen::MatrixXd& matrix, Index row) {
  const auto cols = static_cast<Index>(x.cols);
  const RowMajor all(x.values.data(), static_cast<Index>(x.rows), cols);
  for_each_block(0, count, cols, [&](Index first, Index last) {
    matrix.block(row + first, 0, last - first, cols) = all.middleRows(begin + first, last - first);
  });
  matrix.col(cols).segment(row, count).setOnes();
  matrix.col(cols + 1).segment(row, count) =
      Eigen::Map<const Eigen::VectorXd>(y.data() + begin, count);
}

/// A matrix of at most d + 2 rows that has the same least-squares solutions as (x, 1 | y).
Eigen::MatrixXd reduced(const Matrix& x, const std::vector<double>& y) {
  const auto rows = static_cast<Index>(x.rows);
  const auto cols = static_cast<Index>(x.cols) + 2;
  const Index panel = 2 * cols;
  Eigen::MatrixXd kept(std::min(rows, panel + cols), cols);
  Index filled = kept.rows();
  copy_rows(x, y, 0, filled, kept, 0);
  for (Index next = filled; next < rows; next += panel) {
    make_triangular(kept);
    const Index count = std::min(panel, rows - next);
    kept.conservativeResize(cols + count, cols);
    copy_rows(x, y, next, count, kept, cols);
  }
  if (kept.rows() > cols) {
    make_triangular(kept);
    kept.conservativeResize(cols, cols);
  }
  return kept;
}

/// QR with column pivoting of all columns but the last, the right-hand side.
class PivotedSolver {
 public:
  /// `lost`: what has been lost of a column before, in roundings of its norm.
  PivotedSolver(Eigen::MatrixXd system, double lost)
      : system_(std::move(system)),
        lost_(lost),
        order_(system_.cols() - 1),
        norm_(system_.cols() - 1) {
    for (Index k = 0; k < order_.size(); ++k) order_[k] = k;
    update_norms(0);
  }

  /// A solution of least residual, which is 0 where the columns are dependent on others.
  Eigen::VectorXd solve() {
    const Index unknowns = order_.size();
    const Index most = std::min(system_.rows(), unknowns);
    const double largest = most > 0 ? norm_.maxCoeff() : 0;
    const double least =
        largest * std::numeric_limits<double>::epsilon() * (static_cast<double>(most) + lost_);
    Index rank = 0;
    for (; rank < most; ++rank) {
      Index pivot = 0;
      norm_.tail(unknowns - rank).maxCoeff(&pivot);
      swap(rank, rank + pivot);
      if (!(eliminate(rank) > least)) break;
    }
    Eigen::VectorXd solution = Eigen::VectorXd::Zero(unknowns);
    Eigen::VectorXd part = system_.col(unknowns).head(rank);
    for (Index k = rank - 1; k >= 0; --k) {
      if (k % columns_at_once == 0) check_interruption();
      part[k] /= system_(k, k);
      part.head(k) -= part[k] * system_.col(k).head(k);
      solution[order_[k]] = part[k];
    }
    return solution;
  }

 private:
  void swap(Index k, Index pivot) {
    if (k == pivot) return;
    system_.col(k).swap(system_.col(pivot));
    std::swap(order_[k], order_[pivot]);
    std::swap(norm_[k], norm_[pivot]);
  }

  /// Column k below row k to a multiple of e_1, the later columns likewise; the size of that.
  double eliminate(Index k) {
    const Index rows = system_.rows() - k;
    Eigen::VectorXd reflector(rows - 1);
    double factor = 0, pivot = 0;
    system_.col(k).tail(rows).makeHouseholder(reflector, factor, pivot);
    system_.col(k).tail(rows).setZero();
    system_(k, k) = pivot;
    Eigen::VectorXd workspace(system_.cols());
    for_each_block(k + 1, system_.cols(), rows, [&](Index first, Index last) {
      system_.block(k, first, rows, last - first)
          .applyHouseholderOnTheLeft(reflector, factor, workspace.data());
    });
    update_norms(k + 1);
    return std::abs(pivot);
  }

  /// Of the columns from k on, below row k. Computed anew: none is what a difference left over.
  void update_norms(Index k) {
    const Index rows = system_.rows() - k;
    for_each_block(k, norm_.size(), rows, [&](Index first, Index last) {
      norm_.segment(first, last - first) =
          system_.block(k, first, rows, last - first).colwise().norm();
    });
  }

  Eigen::MatrixXd system_;
  double lost_;
  Eigen::Matrix<Index, Eigen::Dynamic, 1> order_;
  Eigen::VectorXd norm_;
};

double mean_squared_error(const Matrix& x, const std::vector<double>& y,
                          const Eigen::VectorXd& fit) {
  const auto cols = static_cast<Index>(x.cols);
  const RowMajor all(x.values.data(), static_cast<Index>(x.rows), cols);
  double sum = 0;
  for_each_block(0, all.rows(), cols, [&](Index first, Index last) {
    const Eigen::Map<const Eigen::VectorXd> targets(y.data() + first, last - first);
    sum += ((all.middleRows(first, last - first) * fit.head(cols) - targets).array() + fit[cols])
               .square()
               .sum();
  });
  return sum / static_cast<double>(y.size());
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
  const Eigen::VectorXd fit =
      PivotedSolver(reduced(train_x, train_y), std::sqrt(static_cast<double>(train_x.rows)))
          .solve();
  return mean_squared_error(test_x, test_y, fit);
}

}  // namespace mckean
