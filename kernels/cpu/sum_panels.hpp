// What masked_sums.hpp is given, whatever the target.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mckean::cpu {

/// Rows of a matrix that one word of bits selects from.
constexpr std::size_t word_rows = 64;
/// Rows after which sums in Real are added to sums in fp64; a multiple of word_rows.
constexpr std::size_t sum_rows = 512;
/// Selections for which long tables do not pay.
constexpr std::size_t few_selections = 256;

/// Components of a matrix that are summed together.
template <class Real>
struct SumPanel {
  std::size_t first, width, components;  // of `width` the first so many are wanted

  static constexpr std::size_t widest = 128 / sizeof(Real);
  static constexpr std::size_t count(std::size_t components) {
    return (components + widest - 1) / widest;
  }
  /// The panels are as wide as can be, the last one as wide as must be: 4, 8, 16 or 32.
  static constexpr SumPanel number(std::size_t panel, std::size_t components) {
    const std::size_t first = panel * widest, left = components - first;
    std::size_t width = 4;
    while (width < left && width < widest) width *= 2;
    return {first, width, left < width ? left : width};
  }
};

/// out[c][j] += sum over rows r with bit r of selection j of matrix[r][c].
template <class Real>
struct MaskedSums {
  const Real* matrix;  // rows a stride apart, of which `width` values can be read
  std::size_t rows, stride;
  std::size_t width, components;
  const std::uint64_t* words;      // bit r % 64 of word j of plane r / 64
  std::size_t word_stride, count;  // of planes; words used of each
  double* out;
  std::size_t out_stride;
  Real* scratch;

  /// Values of `scratch` for so many selections.
  static std::size_t scratch_values(std::size_t count) {
    return SumPanel<Real>::widest * (13 * 32 + (1 + sizeof(double) / sizeof(Real)) * (count + 4));
  }
};

}  // namespace mckean::cpu
