// Least squares in a cube against all 3^k choices of free unknowns and bounds.
#include "host/flow/bounded_least_squares.hpp"

#include <Eigen/QR>
#include <gtest/gtest.h>

#include <random>

namespace mckean {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// The least |base + columns s| over the faces of the cube: each unknown at 0, at 1, or free.
double least_over_faces(const VectorXd& base, const MatrixXd& columns) {
  const Index k = columns.cols();
  double least = INFINITY;
  int faces = 1;
  for (Index i = 0; i < k; ++i) faces *= 3;
  for (int face = 0; face < faces; ++face) {
    VectorXd fixed = base;
    std::vector<Index> free;
    for (Index i = 0, code = face; i < k; ++i, code /= 3) {
      if (code % 3 == 1) fixed += columns.col(i);
      if (code % 3 == 2) free.push_back(i);
    }
    MatrixXd part(columns.rows(), static_cast<Index>(free.size()));
    for (std::size_t f = 0; f < free.size(); ++f)
      part.col(static_cast<Index>(f)) = columns.col(free[f]);
    VectorXd s(part.cols());
    if (!free.empty()) s = part.fullPivHouseholderQr().solve(-fixed);
    if (free.empty() || (s.minCoeff() >= 0 && s.maxCoeff() <= 1))
      least = std::min(least, (fixed + part * s).norm());
  }
  return least;
}

TEST(BoundedLeastSquares, IsTheLeastOverAllFacesOfTheCube) {
  std::mt19937_64 engine(1);
  std::normal_distribution<double> normal;
  int inside = 0, corners = 0;
  for (int trial = 0; trial < 2000; ++trial) {
    const Index k = 1 + trial % 5;
    const Index d = k + trial % 3;
    MatrixXd columns(d, k);
    VectorXd base(d);
    for (double& value : columns.reshaped()) value = normal(engine);
    for (double& value : base) value = normal(engine);
    if (trial % 2 == 0) base = -0.5 * columns.rowwise().sum() + 0.2 * base;
    const VectorXd s = bounded_least_squares(base, columns);
    ASSERT_EQ(s.size(), k);
    ASSERT_GE(s.minCoeff(), 0);
    ASSERT_LE(s.maxCoeff(), 1);
    ASSERT_NEAR((base + columns * s).norm(), least_over_faces(base, columns), 1e-10);
    inside += s.minCoeff() > 0 && s.maxCoeff() < 1;
    corners += (s.array() == 0 || s.array() == 1).all();
  }
  EXPECT_GT(inside, 100);
  EXPECT_GT(corners, 100);
}

TEST(BoundedLeastSquares, NothingUnknownIsNothing) {
  EXPECT_EQ(bounded_least_squares(VectorXd::Ones(3), MatrixXd(3, 0)).size(), 0);
}

}  // namespace
}  // namespace mckean
