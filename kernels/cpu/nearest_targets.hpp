// The targets of least cost plus potential of one source: candidate arcs of a transport problem.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "kernels/cpu/search_loops.hpp"
#include "mckean/formula/ground_cost.hpp"
#include "mckean/points.hpp"

namespace mckean::cpu {

/// The search of CpuBackend::nearest_targets for one source at a time, between changes of single
/// potentials. Targets that are near in space share a tile, and a tile is looked at only where its
/// box and its least potential leave room for something nearer.
class NearestTargets {
 public:
  /// The clouds must outlive the search. All potentials are 0.
  NearestTargets(GroundCost cost, const Points<Space::host>& sources,
                 const Points<Space::host>& targets);
  ~NearestTargets();

  void set_potential(std::size_t target, double potential);
  /// The value.size() least of those c(x_source, y_j) + p_j that are not above `limit`, and their
  /// j; the first is the largest. Returns how many there are. Faster the lower the limit is.
  std::size_t find(std::size_t source, double limit, std::span<double> value,
                   std::span<std::uint32_t> index);
  std::size_t find(std::size_t source, std::span<double> value, std::span<std::uint32_t> index) {
    return find(source, 1e299, value, index);
  }

 private:
  SearchLoops loops_;
  Points<Space::host> sources_;
  std::vector<std::uint32_t> order_, slot_;  // target in a slot of the tiles, and slot of a target
  std::unique_ptr<SearchTiles> tiles_;
  TileBounds bounds_;
  std::vector<double> bound_;  // no target of the tile is nearer to the source at hand
  std::vector<double> x_;
};

}  // namespace mckean::cpu
