// The loops of the search for nearest targets, for the target in use.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/cpu/cost_tile.hpp"
#include "kernels/cpu/tiles.hpp"
#include "mckean/formula/ground_cost.hpp"
#include "mckean/formula/nearest_list.hpp"

namespace mckean::cpu {

constexpr std::size_t search_targets = 32;  // targets of a tile of a search
using SearchTiles = TargetTilesOf<search_targets>;

/// What is known of each tile of a search.
struct TileBounds {
  std::size_t d, tiles;
  std::vector<double> low, high;    // boxes: d planes of a value for each tile
  std::vector<double> floor;        // the least potential
  std::vector<double> centre;       // of the sources
  std::vector<double> square;       // of a slot: |y - centre|^2
  std::vector<double> radius;       // the largest |y - centre|
  std::vector<double> shell_floor;  // the least |y - centre|^2 + p
};

using Nearest = NearestList<false>;

struct SearchLoops {
  /// All tiles for up to cost_sources sources, whose coordinates are d rows of x.
  void (*search_sources)(const double* x, const TargetTiles&, std::size_t sources, Nearest*,
                         EarlyEnd&);
  /// For one source the tiles whose bound leaves room, that of the least bound first.
  void (*search_one)(const double* x, const SearchTiles&, std::span<const double> bound, Nearest&);
  /// The least potential of a tile and what else of `bounds` depends on potentials.
  void (*find_floors)(const SearchTiles&, std::size_t tile, TileBounds&);
  /// For each tile a bound that no target in it is nearer to x than.
  void (*bound_tiles)(const double* x, const TileBounds&, double* bound);
};

SearchLoops search_loops(GroundCost);

}  // namespace mckean::cpu
