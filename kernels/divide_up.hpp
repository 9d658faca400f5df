// Of how many parts of one size something is made.
#pragma once

#include <cstddef>

namespace mckean {

constexpr std::size_t divide_up(std::size_t a, std::size_t b) { return (a + b - 1) / b; }

}  // namespace mckean
