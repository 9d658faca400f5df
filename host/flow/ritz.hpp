// The Rayleigh-Ritz method in the span of two or three vectors.
#pragma once

#include <array>
#include <optional>

namespace mckean {

/// The largest value c . A c/(c . G c) of a symmetric operator in the span of `count` <= 3 vectors
/// x_i, at c_0 x_0 + ... of norm 1, and the least one.
struct RitzPair {
  double value = 0;
  double lowest = 0;
  std::array<double, 3> c = {};
};

/// From G_ij = <x_i, x_j> and A_ij = <x_i, image of x_j>, j <= i, row by row. Directions that the
/// other vectors have too, to rounding, are left out; nothing where none is left.
std::optional<RitzPair> largest_ritz(int count, const double* gram, const double* images);

}  // namespace mckean
