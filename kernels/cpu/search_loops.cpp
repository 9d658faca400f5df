// The loops of the search for nearest targets: over all tiles for a few sources, over some for one.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/search_loops.cpp"
#include "hwy/foreach_target.h"  // before highway.h
#include "hwy/highway.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "kernels/cpu/cost_tile_loops.hpp"
#include "kernels/cpu/dispatch.hpp"
#include "kernels/cpu/search_loops.hpp"

HWY_BEFORE_NAMESPACE();
namespace mckean::cpu::HWY_NAMESPACE {
namespace {

template <GroundCost Cost, std::size_t Count, std::size_t Width>
HWY_INLINE void search_tile(const double* x, const TargetTilesOf<Width>& targets, std::size_t t,
                            std::size_t sources, Nearest* nearest) {
  CostTile tile;
  alignas(64) double least[8];
  fill_cost_tile<Cost, Count, Width>(x, targets.d(), targets.coordinates(t), targets.potentials(t),
                                     tile);
  for (std::size_t s = 0; s < sources; ++s) {
    Nearest& own = nearest[s];
    hn::Store(lane_minima<Width>(tile.at[s]), CostTag(), least);
    for (std::size_t l = 0; l < cost_lanes; ++l) {
      if (!(least[l] < own.limit)) continue;
      for (std::size_t j = l; j < Width; j += cost_lanes) {
        if (tile.at[s][j] < own.limit)
          own.insert(tile.at[s][j], static_cast<std::uint32_t>(t * Width + j));
      }
    }
  }
}

/// A bit for each value of a row that is below the limit.
HWY_INLINE std::uint64_t lanes_below(const double* row, double limit) {
  const CostTag tag;
  const hn::RebindToUnsigned<CostTag> bits;
  alignas(64) std::uint64_t lanes[cost_lanes];
  for (std::size_t l = 0; l < cost_lanes; ++l) lanes[l] = std::uint64_t{1} << l;
  const CostVector at_most = hn::Set(tag, limit);
  const auto bit = hn::Load(bits, lanes);
  auto any = hn::Zero(bits);
#pragma GCC unroll 32
  for (std::size_t j = 0; j < search_targets; j += cost_lanes) {
    const auto below = hn::RebindMask(bits, hn::Lt(hn::Load(tag, row + j), at_most));
    any = hn::Or(any, hn::IfThenElseZero(below, hn::ShiftLeftSame(bit, static_cast<int>(j))));
  }
  hn::Store(any, bits, lanes);
  std::uint64_t found = 0;
  for (std::size_t l = 0; l < cost_lanes; ++l) found |= lanes[l];
  return found;
}

/// The same for one source, to which most tiles have few values below the limit or none.
template <GroundCost Cost>
HWY_INLINE void search_tile_of_one(const double* x, const SearchTiles& targets, std::size_t t,
                                   Nearest& nearest) {
  CostTile tile;
  fill_cost_tile<Cost, 1, search_targets>(x, targets.d(), targets.coordinates(t),
                                          targets.potentials(t), tile);
  for (std::uint64_t below = lanes_below(tile.at[0], nearest.limit); below != 0;
       below &= below - 1) {
    const auto j = static_cast<std::size_t>(std::countr_zero(below));
    if (tile.at[0][j] < nearest.limit)
      nearest.insert(tile.at[0][j], static_cast<std::uint32_t>(t * search_targets + j));
  }
}

template <GroundCost Cost>
void search_sources(const double* x, const TargetTiles& targets, std::size_t sources,
                    Nearest* nearest, EarlyEnd& early) {
  for (std::size_t begin = 0; begin < targets.size() && !early.asked(); begin += 16) {
    const std::size_t end = std::min<std::size_t>(begin + 16, targets.size());
    for (std::size_t t = begin; t < end; ++t)
      search_tile<Cost, cost_sources>(x, targets, t, sources, nearest);
  }
}
template <GroundCost Cost>
void search_one(const double* x, const SearchTiles& targets, std::span<const double> bound,
                Nearest& nearest) {
  const auto least = std::min_element(bound.begin(), bound.end());
  std::size_t t = static_cast<std::size_t>(least - bound.begin());
  const std::size_t first = t;
  std::size_t next = 0;
  while (t < targets.size()) {
    if (bound[t] <= nearest.limit) search_tile_of_one<Cost>(x, targets, t, nearest);
    while (next < targets.size() && (next == first || bound[next] > nearest.limit)) ++next;
    t = next++;
  }
}
void find_floors(const SearchTiles& targets, std::size_t t, TileBounds& bounds) {
  const double* const potential = targets.potentials(t);
  const double* const square = bounds.square.data() + t * search_targets;
  alignas(64) double sum[search_targets];
  for (std::size_t j = 0; j < search_targets; ++j) sum[j] = square[j] + potential[j];
  bounds.floor[t] = least_of_row<search_targets>(potential);
  bounds.shell_floor[t] = least_of_row<search_targets>(sum);
}
void bound_tiles(const double* x, const TileBounds& of, double* bound) {
  const std::size_t tiles = of.tiles;
  double square = 0;
  std::fill_n(bound, tiles, 0.);
  for (std::size_t k = 0; k < of.d; ++k) {
    const double* const low = of.low.data() + k * tiles;
    const double* const high = of.high.data() + k * tiles;
    const double at = x[k];
    square += (at - of.centre[k]) * (at - of.centre[k]);
    for (std::size_t t = 0; t < tiles; ++t) {
      const double below = low[t] - at;
      const double above = at - high[t];
      double outside = below > above ? below : above;
      outside = outside > 0 ? outside : 0;
      bound[t] += outside * outside;
    }
  }
  const double radius = std::sqrt(square);
  const double rounding = 0x1p-50 * (static_cast<double>(of.d) + 8);
  for (std::size_t t = 0; t < tiles; ++t) {
    const double shell = of.shell_floor[t];
    const double far = of.radius[t];
    const double size = square + far * far + (shell < 0 ? -shell : shell);
    const double by_shell = square + shell - 2 * radius * far - rounding * size;
    const double by_box = bound[t] * (1 - 1e-13) + of.floor[t];
    bound[t] = by_box > by_shell ? by_box : by_shell;
  }
}

template <GroundCost Cost>
SearchLoops loops_of() {
  return {&search_sources<Cost>, &search_one<Cost>, &find_floors, &bound_tiles};
}

}  // namespace

SearchLoops search_loops(GroundCost cost) {
  return cost == GroundCost::geodesic ? loops_of<GroundCost::geodesic>()
                                      : loops_of<GroundCost::euclidean>();
}

}  // namespace mckean::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mckean::cpu {

SearchLoops search_loops(GroundCost cost) { return MCKEAN_FOR_TARGET(search_loops)(cost); }

}  // namespace mckean::cpu
#endif
