// The dense products, solutions and decompositions that the library asks for, compiled once: Eigen's
// templates cost more to compile than all that uses them. None of them can be interrupted.
#pragma once

#include <Eigen/Core>

namespace mckean {

/// A B.
Eigen::MatrixXd product(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b);

/// The shortest of the x with |A x - b| least.
Eigen::VectorXd solve_least_squares(const Eigen::MatrixXd& a, const Eigen::VectorXd& b);

/// A = vectors diag(values) vectors^T, values ascending.
struct SymmetricDecomposition {
  Eigen::VectorXd values;
  Eigen::MatrixXd vectors;
};
/// Of a symmetric matrix, n x n; reads its lower triangle.
SymmetricDecomposition decompose_symmetric(const Eigen::MatrixXd& matrix);

/// A = left diag(values) right^T for A of m x n: left m x k, right n x k, k = min(m, n), values
/// descending.
struct SingularValueDecomposition {
  Eigen::MatrixXd left;
  Eigen::VectorXd values;
  Eigen::MatrixXd right;
};
SingularValueDecomposition decompose_singular(const Eigen::MatrixXd& matrix);

/// R of A = Q R, n x n upper triangular, for A of m x n, m >= n.
Eigen::MatrixXd triangular_factor(const Eigen::MatrixXd& matrix);

/// Q of the same, m x n.
Eigen::MatrixXd orthonormal_factor(const Eigen::MatrixXd& matrix);

}  // namespace mckean
