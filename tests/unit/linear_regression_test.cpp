// The least-squares baseline against exact fits, its normal equations and published numbers.
#include "mckean/linear_regression.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <vector>

#include "mckean/data_set.hpp"
#include "mckean/error.hpp"
#include "mckean/files.hpp"
#include "mckean/formula/philox.hpp"

namespace mckean {
namespace {

Matrix random_matrix(std::size_t rows, std::size_t cols, std::uint64_t seed) {
  Matrix x(rows, cols);
  for (std::size_t i = 0; i < rows * cols; ++i) {
    x.values[i] = normal_pair(seed, Purpose::samples, 0, i, 0).first;
  }
  return x;
}

TEST(LinearRegression, FitsAnAffineFunctionExactly) {
  const Matrix train = random_matrix(20, 3, 1);
  const Matrix test = random_matrix(7, 3, 2);
  const auto affine = [](const Matrix& x) {
    std::vector<double> y(x.rows);
    for (std::size_t i = 0; i < x.rows; ++i) y[i] = 5 + x(i, 0) - 2 * x(i, 1) + 0.5 * x(i, 2);
    return y;
  };
  auto y = affine(test);
  EXPECT_LT(linear_regression_risk(train, affine(train), test, y), 1e-28);
  y[3] += 2;  // 2^2 in one of 7
  EXPECT_NEAR(linear_regression_risk(train, affine(train), test, y), 4.0 / 7, 1e-13);
}

TEST(LinearRegression, IsTheClosedFormOfOneColumn) {
  Matrix x(4, 1);
  x.values = {0, 1, 2, 3};
  const std::vector<double> y{1, 3, 2, 6};
  // Slope cov/var = 1.75/1.25 = 1.4, intercept 3 - 1.4 * 1.5 = .9: residuals .1, .7, -1.7, .9.
  EXPECT_NEAR(linear_regression_risk(x, y, x, y), (0.01 + 0.49 + 2.89 + 0.81) / 4, 1e-14);
  Matrix at(1, 1);
  at(0, 0) = 10;
  EXPECT_NEAR(linear_regression_risk(x, y, at, {0}), 14.9 * 14.9, 1e-11);
}

TEST(LinearRegression, SurvivesDependentColumns) {
  Matrix x(4, 3);
  const double column[] = {0, 1, 2, 3};
  for (std::size_t i = 0; i < 4; ++i) {
    x(i, 0) = column[i];
    x(i, 1) = 2 * column[i];
    x(i, 2) = 7;  // the intercept's
  }
  const std::vector<double> y{1, 3, 2, 6};
  EXPECT_NEAR(linear_regression_risk(x, y, x, y), 1.05, 1e-13);
}

TEST(LinearRegression, LeavesAResidualOrthogonalToTheColumns) {
  // Columns of very different sizes, one of them nearly a sum of others, and more rows than
  // columns.
  Matrix x = random_matrix(200, 12, 3);
  for (std::size_t i = 0; i < x.rows; ++i) {
    for (std::size_t k = 0; k < 12; ++k) x(i, k) *= std::pow(10., static_cast<double>(k) - 6);
    x(i, 3) = 1e3 * x(i, 0) + 1e2 * x(i, 1) + 1e-6 * x(i, 3);
  }
  const std::vector<double> y = random_matrix(200, 1, 4).values;
  // Of the least risk: no step along a column, relative to its size, lowers it.
  const double least = linear_regression_risk(x, y, x, y);
  for (std::size_t k = 0; k < 12; ++k) {
    Matrix wider(200, 13);
    for (std::size_t i = 0; i < 200; ++i) {
      for (std::size_t c = 0; c < 12; ++c) wider(i, c) = x(i, c);
      wider(i, 12) = x(i, k);  // dependent: the fit is the same
    }
    EXPECT_NEAR(linear_regression_risk(wider, y, wider, y), least, 1e-10 * least) << k;
  }
  double mean_square = 0;
  for (const double value : y) mean_square += value * value / 200;
  EXPECT_LT(least, mean_square);
  // Fewer rows than columns: the fit goes through all of them.
  const Matrix wide = random_matrix(5, 12, 5);
  const std::vector<double> few{1, 2, 3, 4, 5};
  EXPECT_LT(linear_regression_risk(wide, few, wide, few), 1e-26);
}

// Groups of many rows, whose columns add up to the intercept's: the fit is the mean of each group.
TEST(LinearRegression, OfGroupsIsTheirMeans) {
  for (const std::size_t groups : {2, 7, 40}) {
    for (const double size : {1e-3, 1., 1e4}) {
      const std::size_t n = 30000;
      Matrix x(n, groups);
      std::vector<double> y = random_matrix(n, 1, groups).values, sum(groups), count(groups);
      for (std::size_t i = 0; i < n; ++i) {
        const std::size_t group = (i + i / 7) % groups;
        x(i, group) = size;
        y[i] += 3 * static_cast<double>(group);
        sum[group] += y[i];
        count[group] += 1;
      }
      double expected = 0;
      for (std::size_t i = 0; i < n; ++i) {
        const std::size_t group = (i + i / 7) % groups;
        expected += std::pow(y[i] - sum[group] / count[group], 2) / static_cast<double>(n);
      }
      EXPECT_NEAR(linear_regression_risk(x, y, x, y), expected, 1e-10) << groups << " " << size;
    }
  }
}

// Rows enough for many panels, columns for many blocks of them: the normal equations hold.
TEST(LinearRegression, OfManyPanelsSolvesTheNormalEquations) {
  const std::size_t n = 4000, d = 150;
  const Matrix x = random_matrix(n, d, 7);
  std::vector<double> y = random_matrix(n, 1, 8).values;
  const double least = linear_regression_risk(x, y, x, y);
  // Noise on n samples fitted by d + 1 numbers leaves chi^2 of n - d - 1 degrees over n.
  EXPECT_NEAR(least, 1 - 151. / 4000, 5 * std::sqrt(2. / 4000));
  // A function of the columns is fitted as well as before, and added to.
  std::vector<double> moved = y;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < d; ++k) moved[i] += x(i, k) * (static_cast<double>(k) - 70);
  }
  EXPECT_NEAR(linear_regression_risk(x, moved, x, moved), least, 1e-11);
}

TEST(LinearRegression, OfTheDiabetesDataHasThePublishedFit) {
  const std::filesystem::path folder = std::filesystem::path(MCKEAN_EXAMPLES_DIR) / "data";
  Matrix x = read_matrix(folder / "diabetes-x.csv");
  const std::vector<double> y = read_matrix(folder / "diabetes-y.csv").values;
  double variance = 0;
  for (const double value : y)
    variance += (value - 152.13348416289594) / 442 * (value - 152.13348416289594);
  // R^2 of ordinary least squares on all ten covariates, as R and scikit-learn report it.
  const double risk = linear_regression_risk(x, y, x, y);
  EXPECT_NEAR(1 - risk / variance, 0.5177, 5e-5);
  // An affine change of the columns does not change the fit.
  Matrix none(0, 10);
  standardize(x, none);
  EXPECT_NEAR(linear_regression_risk(x, y, x, y), risk, 1e-9 * risk);
}

TEST(LinearRegression, RejectsShapesThatDisagree) {
  const Matrix x = random_matrix(4, 2, 1);
  const std::vector<double> y{1, 2, 3, 4};
  EXPECT_THROW(linear_regression_risk(x, {1, 2, 3}, x, y), InputError);
  EXPECT_THROW(linear_regression_risk(x, y, x, {1}), InputError);
  EXPECT_THROW(linear_regression_risk(x, y, Matrix(0, 2), {}), InputError);
  EXPECT_THROW(linear_regression_risk(x, y, random_matrix(4, 3, 1), y), InputError);
}

}  // namespace
}  // namespace mckean
