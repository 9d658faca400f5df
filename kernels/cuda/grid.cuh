// How many blocks a launch has, and what a grid and an index may hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>

#include "kernels/divide_up.hpp"

namespace mckean::cuda {

struct Grid {
  unsigned x, y;
  bool empty() const { return x == 0 || y == 0; }
};

/// Throws std::length_error where a device has no such grid.
inline Grid checked_grid(std::size_t x, std::size_t y) {
  constexpr std::size_t most_x = 0x7fffffff, most_y = 0xffff;
  if (x > most_x || y > most_y) {
    throw std::length_error("CUDA: a grid of " + std::to_string(x) + " x " + std::to_string(y) +
                            " blocks, more than " + std::to_string(most_x) + " x " +
                            std::to_string(most_y));
  }
  return {static_cast<unsigned>(x), static_cast<unsigned>(y)};
}

/// Throws std::length_error where 32 bits can't number so many elements.
inline void check_index(std::size_t count) {
  if (count > std::numeric_limits<std::uint32_t>::max())
    throw std::length_error("CUDA: " + std::to_string(count) + " elements, more than 2^32 - 1");
}

}  // namespace mckean::cuda
