// The points of an empirical measure in one memory space.
#pragma once

#include "mckean/view.hpp"

namespace mckean {

/// n points of R^d as d contiguous planes of n values.
template <Space S>
struct Points {
  View<const double, S> planes;  // d * n
  std::size_t n = 0;
  std::size_t d = 0;

  constexpr Points() = default;
  constexpr Points(View<const double, S> values, std::size_t points, std::size_t dim)
      : planes(values), n(points), d(dim) {
    MCKEAN_EXPECT(planes.size() == n * d);
  }
};

}  // namespace mckean
