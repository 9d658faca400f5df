// The targets of least cost plus potential: candidate arcs of a transport problem.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "mckean/ground_cost.hpp"
#include "mckean/points.hpp"

namespace mckean::cpu {

/// For each source the k least of c(x_i, y_j) + p_j in no order, k <= targets.n: value and index
/// are sources.n x k. The first of each row is the largest of the k. The same for any number of
/// threads.
void nearest_targets(GroundCost cost, const Points<Space::host>& sources,
                     const Points<Space::host>& targets, HostView<const double> potential,
                     std::size_t k, int threads, HostView<double> value,
                     HostView<std::uint32_t> index);

class TargetTiles;

/// The same search for one source at a time, between changes of single potentials.
class NearestTargets {
 public:
  /// The clouds must outlive the search. All potentials are 0.
  NearestTargets(GroundCost cost, const Points<Space::host>& sources,
                 const Points<Space::host>& targets);
  ~NearestTargets();

  void set_potential(std::size_t target, double potential);
  /// The value.size() least of c(x_source, y_j) + p_j, and their j; the first is the largest.
  void find(std::size_t source, std::span<double> value, std::span<std::uint32_t> index) const;

 private:
  GroundCost cost_;
  Points<Space::host> sources_;
  std::unique_ptr<TargetTiles> tiles_;
};

}  // namespace mckean::cpu
