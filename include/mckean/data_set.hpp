// Parts a data set into training and test data, and puts its columns on one scale.
#pragma once

#include <cstdint>
#include <vector>

#include "mckean/matrix.hpp"

namespace mckean {

/// n samples: x is n x d, y has n values.
struct DataSet {
  Matrix x;
  std::vector<double> y;
};

/// Two data sets of the same columns.
struct TrainTest {
  DataSet train;
  DataSet test;
};

/// The data in a random order that is a pure function of the seed, its first round(test_fraction *
/// n) rows as the test data. InputError where x and y differ in length or a part would be empty;
/// Interrupted where that was asked for.
TrainTest split_data(const DataSet& data, double test_fraction, std::uint64_t seed);

/// Moves and scales each column of `train` to mean 0 and variance 1 (1/n) and applies the same
/// numbers to `test`, which may have no rows. InputError where a column of `train` is constant,
/// `train` is empty or the columns differ in number; Interrupted where that was asked for, some
/// columns then changed.
void standardize(Matrix& train, Matrix& test);
void standardize(std::vector<double>& train, std::vector<double>& test);

}  // namespace mckean
