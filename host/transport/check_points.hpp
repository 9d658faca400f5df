// What every distance asks of the points it is given.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "host/data/error.hpp"

namespace mckean {

/// InputError where the set is empty or holds a value that is not finite.
inline void check_points(const char* name, const std::vector<double>& points) {
  if (points.empty()) {
    throw InputError(std::string(name) + ": a set of points is empty; give at least one");
  }
  const auto bad = std::find_if(points.begin(), points.end(),
                                [](double value) { return !std::isfinite(value); });
  if (bad == points.end()) return;
  throw InputError(std::string(name) + ": point " + std::to_string(bad - points.begin() + 1) +
                   " (counted from 1) is not finite; remove it");
}

}  // namespace mckean
