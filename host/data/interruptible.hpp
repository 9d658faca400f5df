// Large arrays, which the system takes its time to hand out.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "mckean/interruption.hpp"

namespace mckean {

/// Calls use(begin, end) for parts of {0..count-1}, in their order; throws Interrupted between
/// two of them.
template <class Use>
void for_each_range(std::size_t count, const Use& use) {
  constexpr std::size_t part = std::size_t{1} << 20;
  for (std::size_t begin = 0; begin < count; begin += part) {
    check_interruption();
    use(begin, std::min(begin + part, count));
  }
}

/// So many zeros; the first touch of their memory may be interrupted.
inline std::vector<double> make_zeros(std::size_t count) {
  std::vector<double> zeros;
  zeros.reserve(count);
  for_each_range(count, [&](std::size_t, std::size_t end) { zeros.resize(end); });
  return zeros;
}

}  // namespace mckean
