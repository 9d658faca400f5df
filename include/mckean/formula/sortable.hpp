// Doubles as integers of the same order, for sorts by radix and for sorts that NaN must not break.
#pragma once

#include <cstdint>
#include <cstring>

#include "mckean/config.hpp"

namespace mckean {

/// Orders doubles as integers, NaN included, so that sorting is safe whatever the state.
MCKEAN_HD std::uint64_t sortable(double x) {
  std::uint64_t bits;
  memcpy(&bits, &x, sizeof(bits));
  return bits >> 63 ? ~bits : bits | std::uint64_t{1} << 63;
}

}  // namespace mckean
