// Large matrices.
#include "mckean/matrix.hpp"

#include "host/data/interruptible.hpp"

namespace mckean {

Matrix make_matrix(std::size_t rows, std::size_t cols) {
  Matrix matrix;
  matrix.rows = rows;
  matrix.cols = cols;
  matrix.values = make_zeros(rows * cols);
  return matrix;
}

}  // namespace mckean
