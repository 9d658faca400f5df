// The baseline that any network on tabular data should beat.
#pragma once

#include <vector>

#include "mckean/matrix.hpp"

namespace mckean {

/// Mean squared error on the test data (x is n x d, y has n values; another n for the test) of the
/// least-squares fit y = x . c + c_0 to the training data, by Householder QR of panels of rows and
/// then with column pivoting (Golub and Van Loan, Matrix Computations, 5.4; a solution also where
/// columns are dependent). InputError where shapes disagree or there are no samples, Interrupted
/// where that was asked for.
double linear_regression_risk(const Matrix& train_x, const std::vector<double>& train_y,
                              const Matrix& test_x, const std::vector<double>& test_y);

}  // namespace mckean
