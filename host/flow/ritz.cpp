// A small symmetric eigenproblem.
#include "host/flow/ritz.hpp"

#include <Eigen/Core>
#include <Eigen/Eigenvalues>

namespace mckean {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, 0, 3, 3>;
using Vector = Eigen::Matrix<double, Eigen::Dynamic, 1, 0, 3, 1>;
using Solver = Eigen::SelfAdjointEigenSolver<Matrix>;

/// Part of the largest one below which an eigenvalue of unit vectors' Gram matrix is rounding.
constexpr double independent = 1e-8;

Matrix symmetric(int count, const double* rows) {
  Matrix full(count, count);
  for (int i = 0; i < count; ++i) {
    for (int j = 0; j <= i; ++j) full(i, j) = full(j, i) = *rows++;
  }
  return full;
}

}  // namespace

std::optional<RitzPair> largest_ritz(int count, const double* gram, const double* images) {
  const Matrix g = symmetric(count, gram), a = symmetric(count, images);
  if (!g.allFinite() || !a.allFinite() || !(g.diagonal().minCoeff() > 0)) return {};
  const Vector scale = g.diagonal().cwiseSqrt().cwiseInverse();
  const Solver basis(scale.asDiagonal() * g * scale.asDiagonal());
  Matrix columns(count, count);
  int kept = 0;
  for (int i = 0; i < count; ++i) {
    const double square = basis.eigenvalues()[i];
    if (square > independent) columns.col(kept++) = basis.eigenvectors().col(i) / std::sqrt(square);
  }
  if (kept == 0) return {};
  const Matrix vectors = scale.asDiagonal() * columns.leftCols(kept);
  const Solver ritz(vectors.transpose() * a * vectors);
  const Vector largest = vectors * ritz.eigenvectors().col(kept - 1);
  RitzPair pair{ritz.eigenvalues()[kept - 1], ritz.eigenvalues()[0], {}};
  for (int i = 0; i < count; ++i) pair.c[static_cast<std::size_t>(i)] = largest[i];
  return pair;
}

}  // namespace mckean
