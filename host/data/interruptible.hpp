// Loops over large arrays, and their first touch, that end where an interruption was asked for.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "mckean/interruption.hpp"

namespace mckean {

constexpr std::size_t values_between_checks = std::size_t{1} << 20;

/// Calls use(begin, end) for parts of {0..count-1}, in their order; throws Interrupted between
/// two of them.
template <class Use>
void for_each_range(std::size_t count, const Use& use) {
  for (std::size_t begin = 0; begin < count; begin += values_between_checks) {
    check_interruption();
    use(begin, std::min(begin + values_between_checks, count));
  }
}

/// So many zeros. Interrupted where that was asked for, like all that is made of them.
inline std::vector<double> make_zeros(std::size_t count) {
  std::vector<double> zeros;
  zeros.reserve(count);
  for_each_range(count, [&](std::size_t, std::size_t end) { zeros.resize(end); });
  return zeros;
}

/// The values from..from + count - 1, with room for `room` of them.
inline std::vector<double> copy_values(const double* from, std::size_t count,
                                       std::size_t room = 0) {
  std::vector<double> copy;
  copy.reserve(std::max(count, room));
  for_each_range(count, [&](std::size_t begin, std::size_t end) {
    copy.insert(copy.end(), from + begin, from + end);
  });
  return copy;
}

}  // namespace mckean
