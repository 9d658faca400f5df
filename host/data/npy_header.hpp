// The header of a .npy file: a Python dictionary that says type, order and shape.
#pragma once

#include <cstddef>
#include <string>

#include "host/data/byte_source.hpp"

namespace mckean {

/// A type of number: kind 'f' (2, 4 or 8 bytes), 'i' or 'u' (1, 2, 4 or 8), or 'b' (1).
struct NpyType {
  char kind = 'f';
  std::size_t size = 8;
  bool big_endian = false;
};

struct NpyHeader {
  NpyType type;
  bool fortran_order = false;
  std::size_t rows = 0;
  std::size_t cols = 0;
};

/// Reads up to the first byte of the array. InputError for a type, order or shape that read_npy
/// does not take; 8 * rows * cols fits in std::size_t.
NpyHeader read_npy_header(ByteSource& source);

/// The 128 bytes before a float64 array of this shape in C order.
std::string make_npy_header(std::size_t rows, std::size_t cols);

}  // namespace mckean
