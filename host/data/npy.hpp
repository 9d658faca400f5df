// NumPy's .npy files: a header that is a Python dictionary, then the raw array.
#pragma once

#include "host/data/byte_source.hpp"
#include "mckean/matrix.hpp"

namespace mckean {

/// An array of bool, int8 to int64, uint8 to uint64, float16, float32 or float64, little or big
/// endian, in C or Fortran order, format versions 1 to 3; one of n values becomes n x 1. InputError
/// where the source is anything else, is empty, shorter or longer than its header says, or holds a
/// value that is not finite or, as an integer beyond 2^53 may be, not a double. Memory: the result
/// and one block.
Matrix read_npy(ByteSource& source);

}  // namespace mckean
