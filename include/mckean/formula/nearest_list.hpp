// The k least of values that come one by one, as a heap in memory that someone else owns.
#pragma once

#include <cstddef>
#include <cstdint>

#include "mckean/config.hpp"
#include "mckean/formula/soft_min.hpp"

namespace mckean {

/// Of one source: values with the indices of their targets, the largest on top, value[0]. Where
/// FirstOfEquals, one of two equal values counts as larger by its index; the k that stay do not
/// depend on the order in which they come then.
template <bool FirstOfEquals>
struct NearestList {
  double* value;         // k
  std::uint32_t* index;  // k
  std::size_t k;
  std::size_t count = 0;
  double limit = SoftMin::beyond;  // what is not below it need not come

  MCKEAN_HD void insert(double v, std::uint32_t j) {
    std::size_t at = count < k ? count++ : 0;
    if (at > 0) {
      // A new leaf goes up.
      for (; at > 0 && is_larger(v, j, (at - 1) / 2); at = (at - 1) / 2) move((at - 1) / 2, at);
    } else {
      // The top is replaced, and what comes in goes down.
      for (std::size_t child = 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && is_larger(value[child + 1], index[child + 1], child)) ++child;
        if (!is_below(v, j, child)) break;
        move(child, at);
        at = child;
      }
    }
    value[at] = v;
    index[at] = j;
    if (count == k) limit = value[0];
  }

  /// The same for values that come in no order of their indices.
  MCKEAN_HD void offer(double v, std::uint32_t j) {
    if (count < k || is_below(v, j, 0)) insert(v, j);
  }

 private:
  MCKEAN_HD bool is_larger(double v, std::uint32_t j, std::size_t than) const {
    return v > value[than] || (FirstOfEquals && v == value[than] && j > index[than]);
  }
  MCKEAN_HD bool is_below(double v, std::uint32_t j, std::size_t other) const {
    return v < value[other] || (FirstOfEquals && v == value[other] && j < index[other]);
  }
  MCKEAN_HD void move(std::size_t from, std::size_t to) {
    value[to] = value[from];
    index[to] = index[from];
  }
};

}  // namespace mckean
