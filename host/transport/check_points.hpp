// Checks of the points that a distance is given.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "host/data/interruptible.hpp"
#include "mckean/error.hpp"

namespace mckean {

/// InputError where the set is empty or holds a value that is not finite.
inline void check_points(const char* name, const std::vector<double>& points) {
  if (points.empty()) {
    throw InputError(std::string(name) + ": a set of points is empty; give at least one");
  }
  for_each_range(points.size(), [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      if (std::isfinite(points[i])) continue;
      throw InputError(std::string(name) + ": point " + std::to_string(i + 1) +
                       " (counted from 1) is not finite; remove it");
    }
  });
}

}  // namespace mckean
