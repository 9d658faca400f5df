// Train and test data: every row once, by the seed; standardised columns.
#include "mckean/data_set.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "mckean/error.hpp"
#include "mckean/formula/philox.hpp"

namespace mckean {
namespace {

/// Row i is (i, -i), its target 10 i.
DataSet numbered_rows(std::size_t n) {
  DataSet data{Matrix(n, 2), std::vector<double>(n)};
  for (std::size_t i = 0; i < n; ++i) {
    data.x(i, 0) = static_cast<double>(i);
    data.x(i, 1) = -static_cast<double>(i);
    data.y[i] = 10 * static_cast<double>(i);
  }
  return data;
}

TEST(SplitData, TakesEveryRowOnceWithItsTarget) {
  for (const std::size_t n : {2, 3, 10, 442}) {
    for (const double fraction : {0.25, 0.5}) {
      const TrainTest parts = split_data(numbered_rows(n), fraction, 7);
      EXPECT_EQ(parts.test.x.rows,
                static_cast<std::size_t>(std::round(fraction * static_cast<double>(n))));
      EXPECT_EQ(parts.train.x.rows + parts.test.x.rows, n);
      std::vector<double> seen;
      for (const DataSet* part : {&parts.train, &parts.test}) {
        ASSERT_EQ(part->y.size(), part->x.rows);
        for (std::size_t i = 0; i < part->x.rows; ++i) {
          EXPECT_EQ(part->x(i, 1), -part->x(i, 0));
          EXPECT_EQ(part->y[i], 10 * part->x(i, 0));
          seen.push_back(part->x(i, 0));
        }
      }
      std::sort(seen.begin(), seen.end());
      for (std::size_t i = 0; i < n; ++i) EXPECT_EQ(seen[i], static_cast<double>(i));
    }
  }
}

TEST(SplitData, IsAPureFunctionOfTheSeed) {
  const auto rows = [](std::uint64_t seed) {
    return split_data(numbered_rows(100), 0.2, seed).test.y;
  };
  EXPECT_EQ(rows(1), rows(1));
  EXPECT_NE(rows(1), rows(2));
  EXPECT_FALSE(std::is_sorted(rows(1).begin(), rows(1).end()));
}

TEST(SplitData, RejectsEmptyPartsAndUnequalLengths) {
  for (const double fraction :
       {0.0, 1.0, 0.04, 0.96, -0.5, 1.5, 1e300, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THROW(split_data(numbered_rows(10), fraction, 1), InputError) << fraction;
  }
  EXPECT_THROW(split_data(numbered_rows(0), 0.5, 1), InputError);
  EXPECT_THROW(split_data(numbered_rows(1), 0.5, 1), InputError);
  DataSet data = numbered_rows(10);
  data.y.pop_back();
  EXPECT_THROW(split_data(data, 0.5, 1), InputError);
}

TEST(Standardize, GivesColumnsOfMeanZeroAndVarianceOne) {
  Matrix train(4, 2);
  train.values = {1, 10, 3, 10, 1, 30, 3, 30};
  Matrix test(1, 2);
  test.values = {2, 50};
  standardize(train, test);
  EXPECT_EQ(train.values, (std::vector<double>{-1, -1, 1, -1, -1, 1, 1, 1}));
  EXPECT_EQ(test.values, (std::vector<double>{0, 3}));
}

TEST(Standardize, IsAccurateForColumnsFarFromZero) {
  constexpr std::size_t kRows = 1000;
  Matrix train(kRows, 1);
  for (std::size_t i = 0; i < kRows; ++i) {
    train(i, 0) = 1e6 + 1e-3 * normal_pair(1, Purpose::samples, 0, i, 0).first;
  }
  Matrix test(0, 1);
  standardize(train, test);
  double mean = 0;
  double square = 0;
  for (const double value : train.values) {
    mean += value / kRows;
    square += value * value / kRows;
  }
  // The mean itself is rounded to half an ulp of 1e6, 6e-11, which is 6e-8 of the deviation 1e-3.
  EXPECT_NEAR(mean, 0, 1e-7);
  EXPECT_NEAR(square, 1, 1e-12);
}

TEST(Standardize, MovesTargetsToo) {
  std::vector<double> train{1, 3};
  std::vector<double> test{5};
  standardize(train, test);
  EXPECT_EQ(train, (std::vector<double>{-1, 1}));
  EXPECT_EQ(test, (std::vector<double>{3}));
}

TEST(Standardize, IsNotDeceivedByTheRoundingOfAConstant) {
  for (const double value : {0.1, 1.0 / 3, -1e15 / 7, 1e-9 / 3}) {
    for (std::size_t count = 1; count < 60; ++count) {
      std::vector<double> train(count, value);
      std::vector<double> none;
      EXPECT_THROW(standardize(train, none), InputError) << count << " times " << value;
    }
  }
}

TEST(Standardize, NamesAConstantColumn) {
  Matrix train(3, 2);
  train.values = {1, 0.1, 2, 0.1, 3, 0.1};
  Matrix test(1, 2);
  try {
    standardize(train, test);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("column 2 of x is constant"), std::string::npos);
  }
  std::vector<double> targets{4, 4};
  std::vector<double> none;
  EXPECT_THROW(standardize(targets, none), InputError);
  EXPECT_THROW(standardize(none, targets), InputError);
  Matrix other(1, 3);
  EXPECT_THROW(standardize(train, other), InputError);
  Matrix empty(0, 2);
  EXPECT_THROW(standardize(empty, train), InputError);
}

}  // namespace
}  // namespace mckean
