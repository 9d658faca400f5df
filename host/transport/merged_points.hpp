// Equal points of a cloud as one point with their mass.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "host/transport/discrete_measure.hpp"

namespace mckean {

/// A measure with each place once, in the order of the first points there, and the place of every
/// point that was given. Masses of equal weights stay whole multiples of one of them.
struct MergedPoints {
  DiscreteMeasure measure;
  std::vector<std::uint32_t> place;

  /// A value for each place, as one for each point.
  std::vector<double> expanded(const std::vector<double>& values) const;
  /// A potential psi for each point, as one for each place: the largest, whose c-transform is that
  /// of all.
  std::vector<double> largest_potentials(const std::vector<double>& psi) const;
};

/// Empty where all points differ. O(n d).
std::optional<MergedPoints> merge_equal_points(const DiscreteMeasure& measure);

}  // namespace mckean
