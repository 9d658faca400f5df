// The planes in b-space where the velocity of a piecewise linear activation jumps.
#pragma once

#include <cstddef>

#include "mckean/formula/activation.hpp"
#include "mckean/view.hpp"

namespace mckean {

/// The planes b . x_i + offset = 0, i = 1..n; x is n x d, row-major, on the host.
struct Hinges {
  PiecewiseLinear activation;
  HostView<const double> x;
  std::size_t n = 0;
  std::size_t d = 0;
};

}  // namespace mckean
