// The Rayleigh-Ritz method in small spans: against known eigenvectors, and where vectors depend on
// each other.
#include "host/flow/ritz.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace mckean {
namespace {

using Vector = std::vector<double>;
constexpr std::size_t size = 5;
/// A diagonal operator.
const Vector eigenvalues{-7, -2, 0.5, 0.1, 0.3};

double product(const Vector& x, const Vector& y) {
  double sum = 0;
  for (std::size_t i = 0; i < size; ++i) sum += x[i] * y[i];
  return sum;
}
Vector image(const Vector& x) {
  Vector out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = eigenvalues[i] * x[i];
  return out;
}

std::optional<RitzPair> largest(const std::vector<Vector>& x) {
  std::vector<double> gram, images;
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      gram.push_back(product(x[i], x[j]));
      images.push_back(product(x[i], image(x[j])));
    }
  }
  return largest_ritz(static_cast<int>(x.size()), gram.data(), images.data());
}
Vector combine(const std::vector<Vector>& x, const RitzPair& ritz) {
  Vector out(size);
  for (std::size_t j = 0; j < x.size(); ++j) {
    for (std::size_t i = 0; i < size; ++i) out[i] += ritz.c[j] * x[j][i];
  }
  return out;
}

TEST(Ritz, FindsTheLargestEigenvectorInTheSpan) {
  // The span of the second, third and fifth axes, by vectors of very different lengths.
  const std::vector<Vector> x{{0, 1, 1, 0, 2}, {0, 1e-6, -3e-6, 0, 1e-6}, {0, 1e5, 0, 0, -1e5}};
  const auto ritz = largest(x);
  ASSERT_TRUE(ritz);
  EXPECT_NEAR(ritz->value, .5, 1e-12);
  EXPECT_NEAR(ritz->lowest, -2, 1e-12);
  const Vector found = combine(x, *ritz);
  EXPECT_NEAR(std::abs(found[2]), 1, 1e-10);
  EXPECT_NEAR(product(found, found), 1, 1e-12);
}

TEST(Ritz, OfOneVectorIsItsQuotient) {
  const Vector x{1, 2, 3, 4, 5};
  const auto ritz = largest({x});
  ASSERT_TRUE(ritz);
  EXPECT_NEAR(ritz->value, product(x, image(x)) / product(x, x), 1e-14);
  EXPECT_EQ(ritz->value, ritz->lowest);
  EXPECT_NEAR(ritz->c[0], 1 / std::sqrt(product(x, x)), 1e-15);
}

// Where a vector is a combination of the others, the result is that of the others.
TEST(Ritz, LeavesOutWhatIsThereTwice) {
  const Vector x{1, 0, 2, 0, 1}, y{0, 3, 1, 0, 2};
  Vector z(size);
  for (std::size_t i = 0; i < size; ++i) z[i] = 2 * x[i] - y[i];
  const auto two = largest({x, y}), three = largest({x, y, z});
  ASSERT_TRUE(two && three);
  EXPECT_NEAR(three->value, two->value, 1e-12);
  const Vector found = combine({x, y, z}, *three);
  EXPECT_NEAR(product(found, found), 1, 1e-12);
  EXPECT_NEAR(product(found, image(found)), two->value, 1e-12);
}

TEST(Ritz, OfNothingIsNothing) {
  EXPECT_FALSE(largest({Vector(size)}));
  EXPECT_FALSE(largest({Vector(size, std::numeric_limits<double>::quiet_NaN())}));
  EXPECT_FALSE(largest({Vector(size, 1), Vector(size)}));
}

}  // namespace
}  // namespace mckean
