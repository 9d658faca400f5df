// Matrices that may be large, and whether one holds what it says.
#include "mckean/matrix.hpp"

#include <limits>
#include <new>

#include "host/data/interruptible.hpp"
#include "mckean/error.hpp"

namespace mckean {

std::size_t count_of(std::size_t rows, std::size_t cols) {
  if (cols != 0 && rows > std::numeric_limits<std::ptrdiff_t>::max() / sizeof(double) / cols)
    throw std::bad_alloc();
  return rows * cols;
}

Matrix make_matrix(std::size_t rows, std::size_t cols) {
  Matrix matrix;
  matrix.rows = rows;
  matrix.cols = cols;
  matrix.values = make_zeros(count_of(rows, cols));
  return matrix;
}

void check_shape(const Matrix& matrix, const std::string& name) {
  const std::size_t count = matrix.values.size();
  const bool whole = matrix.cols == 0
                         ? count == 0
                         : count % matrix.cols == 0 && count / matrix.cols == matrix.rows;
  if (!whole) {
    throw InputError(name + ": the array is " + shape(matrix) + " and has " +
                     std::to_string(count) + " values: give rows times columns of them");
  }
}

}  // namespace mckean
