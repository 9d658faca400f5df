// Loops over large arrays, and their first touch, that end where an interruption was asked for.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "mckean/interruption.hpp"

namespace mckean {

/// rows * cols; std::bad_alloc where so many doubles are beyond all memory.
std::size_t count_of(std::size_t rows, std::size_t cols);

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

/// So many times one value. Interrupted where that was asked for, like all that is made of them.
template <class Value>
std::vector<Value> make_filled(std::size_t count, const Value& value) {
  std::vector<Value> filled;
  filled.reserve(count);
  for_each_range(count, [&](std::size_t, std::size_t end) { filled.resize(end, value); });
  return filled;
}

inline std::vector<double> make_zeros(std::size_t count) { return make_filled(count, 0.); }

/// 0, 1, ..., count - 1.
template <class Index>
std::vector<Index> make_indices(std::size_t count) {
  std::vector<Index> indices;
  indices.reserve(count);
  for_each_range(count, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) indices.push_back(static_cast<Index>(i));
  });
  return indices;
}

/// std::sort that ends where an interruption was asked for.
template <class Iterator, class Before = std::less<>>
void sort_in_parts(Iterator begin, Iterator end, const Before& before = {}) {
  std::uint64_t comparisons = 0;
  std::sort(begin, end, [&](const auto& x, const auto& y) {
    if (++comparisons % (std::uint64_t{1} << 14) == 0) check_interruption();
    return before(x, y);
  });
}

/// How many points of dimension d are looked at between two checks.
constexpr std::size_t points_between_checks(std::size_t d) {
  return std::max<std::size_t>(1, values_between_checks / std::max<std::size_t>(1, d));
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
