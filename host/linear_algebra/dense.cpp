// Dense linear algebra by Eigen.
#include "host/linear_algebra/dense.hpp"

#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <Eigen/SVD>

namespace mckean {

using Eigen::HouseholderQR;
using Eigen::MatrixXd;
using Eigen::VectorXd;

MatrixXd product(const MatrixXd& a, const MatrixXd& b) { return a * b; }

VectorXd solve_least_squares(const MatrixXd& a, const VectorXd& b) {
  return a.completeOrthogonalDecomposition().solve(b);
}

SymmetricDecomposition decompose_symmetric(const MatrixXd& matrix) {
  const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(matrix);
  return {solver.eigenvalues(), solver.eigenvectors()};
}

// One-sided: with V the eigenvectors of A^T A, A V = Q R has an R that is diagonal to sqrt(eps), of
// which a sweep or two of Jacobi's method find the singular values in full. Drmac and Veselic, New
// fast and accurate Jacobi SVD algorithm, SIAM J. Matrix Anal. Appl. 29 (2008), precondition in the
// same spirit.
SingularValueDecomposition decompose_singular(const MatrixXd& matrix) {
  if (matrix.rows() < matrix.cols()) {
    SingularValueDecomposition transposed = decompose_singular(matrix.transpose());
    std::swap(transposed.left, transposed.right);
    return transposed;
  }
  const MatrixXd right =
      decompose_symmetric(matrix.transpose() * matrix).vectors.rowwise().reverse();
  const HouseholderQR<MatrixXd> qr(matrix * right);
  const auto n = matrix.cols();
  const MatrixXd triangular = qr.matrixQR().topRows(n).triangularView<Eigen::Upper>();
  const Eigen::JacobiSVD<MatrixXd, Eigen::NoQRPreconditioner> svd(
      triangular, Eigen::ComputeFullU | Eigen::ComputeFullV);
  MatrixXd left = MatrixXd::Zero(matrix.rows(), n);
  left.topRows(n) = svd.matrixU();
  left.applyOnTheLeft(qr.householderQ());
  return {std::move(left), svd.singularValues(), right * svd.matrixV()};
}

MatrixXd triangular_factor(const MatrixXd& matrix) {
  const HouseholderQR<MatrixXd> qr(matrix);
  return qr.matrixQR().topRows(matrix.cols()).triangularView<Eigen::Upper>();
}

MatrixXd orthonormal_factor(const MatrixXd& matrix) {
  const HouseholderQR<MatrixXd> qr(matrix);
  return qr.householderQ() * MatrixXd::Identity(matrix.rows(), matrix.cols());
}

}  // namespace mckean
