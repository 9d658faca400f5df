// A dense row-major matrix of doubles: what a file of data or of particles holds.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "mckean/config.hpp"

namespace mckean {

/// rows x cols; members may be set one by one, and what reads a matrix checks that they agree
/// (check_shape).
struct Matrix {
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::vector<double> values;  // rows * cols, entry (i, j) at i * cols + j

  Matrix() = default;
  Matrix(std::size_t r, std::size_t c) : rows(r), cols(c), values(r * c) {}

  double& operator()(std::size_t i, std::size_t j) {
    MCKEAN_EXPECT(i < rows && j < cols);
    return values[i * cols + j];
  }
  double operator()(std::size_t i, std::size_t j) const {
    MCKEAN_EXPECT(i < rows && j < cols);
    return values[i * cols + j];
  }
};

/// Zeros, of a size that may be large: Interrupted where that was asked for, std::bad_alloc
/// where it is beyond all memory.
Matrix make_matrix(std::size_t rows, std::size_t cols);

/// InputError that begins with `name` where the number of values is not rows * cols.
void check_shape(const Matrix& matrix, const std::string& name);

/// "442 x 10", for messages.
inline std::string shape(const Matrix& matrix) {
  return std::to_string(matrix.rows) + " x " + std::to_string(matrix.cols);
}

}  // namespace mckean
