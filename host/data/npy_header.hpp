// The header of a .npy file: a Python dictionary that says type, order and shape.
#pragma once

#include <cstddef>
#include <string>

#include "host/data/input_file.hpp"

namespace mckean {

struct NpyHeader {
  std::size_t item_size = 8;  // 4: float32, 8: float64, both little endian
  bool fortran_order = false;
  std::size_t rows = 0;
  std::size_t cols = 0;
};

/// Reads up to the first byte of the array. InputError for a type, order or shape that read_npy
/// does not take; rows * cols * item_size fits in std::size_t.
NpyHeader read_npy_header(InputFile& file);

/// The 128 bytes before a float64 array of this shape in C order.
std::string make_npy_header(std::size_t rows, std::size_t cols);

}  // namespace mckean
