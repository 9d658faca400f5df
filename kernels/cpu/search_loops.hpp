// The loops of the search for nearest targets, for the target in use.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/cpu/cost_tile.hpp"
#include "kernels/cpu/tiles.hpp"
#include "mckean/formula/ground_cost.hpp"

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

/// The k least values of one source, the largest of them on top of a heap.
struct Nearest {
  double* value;
  std::uint32_t* index;
  std::size_t k;
  std::size_t count = 0;
  double limit = TargetTiles::beyond;

  void insert(double v, std::uint32_t j) {
    std::size_t at = count < k ? count++ : 0;
    if (at > 0) {
      // A new leaf goes up.
      for (; at > 0 && value[(at - 1) / 2] < v; at = (at - 1) / 2) move((at - 1) / 2, at);
    } else {
      // The top is replaced, and what comes in goes down.
      for (std::size_t child = 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && value[child + 1] > value[child]) ++child;
        if (value[child] <= v) break;
        move(child, at);
        at = child;
      }
    }
    value[at] = v;
    index[at] = j;
    if (count == k) limit = value[0];
  }
  void move(std::size_t from, std::size_t to) {
    value[to] = value[from];
    index[to] = index[from];
  }
};

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
