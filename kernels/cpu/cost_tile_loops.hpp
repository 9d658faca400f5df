// Ground costs plus potentials of a few sources against a tile of targets, in a buffer that stays
// in the first cache; the c-transform, the soft-min and the search for nearest targets read it.
// Included again for each target.
#if defined(MCKEAN_CPU_COST_TILE_LOOPS_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef MCKEAN_CPU_COST_TILE_LOOPS_HPP
#undef MCKEAN_CPU_COST_TILE_LOOPS_HPP
#else
#define MCKEAN_CPU_COST_TILE_LOOPS_HPP
#endif

#include "hwy/highway.h"
#include "kernels/cpu/cost_tile.hpp"
#include "mckean/formula/ground_cost.hpp"

HWY_BEFORE_NAMESPACE();
namespace mckean::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using CostTag = hn::ScalableTag<double>;
using CostVector = hn::Vec<CostTag>;
constexpr std::size_t cost_lanes = HWY_LANES(double);
/// Values whose formula is a loop of scalars between two vector ones, which the compiler puts into
/// vectors; of two it does not.
constexpr std::size_t cost_run = cost_lanes < 4 ? 4 : cost_lanes;

/// `x` holds d rows of Count coordinates, and the first Count rows of the tile are filled.
template <GroundCost Cost, std::size_t Count = cost_sources, std::size_t Width = cost_targets>
HWY_INLINE void fill_cost_tile(const double* x, std::size_t d, const double* coordinates,
                               const double* potentials, CostTile& tile) {
  const CostTag tag;
  constexpr bool both = Cost == GroundCost::geodesic;
  constexpr std::size_t pack = both ? cost_run / cost_lanes : HWY_CAP_GE512 ? 2 : 1;
  for (std::size_t j = 0; j < Width; j += pack * cost_lanes) {
    CostVector minus[Count][pack];
    [[maybe_unused]] CostVector plus[Count][pack];
#pragma GCC unroll 4
    for (std::size_t s = 0; s < Count; ++s) {
#pragma GCC unroll 4
      for (std::size_t v = 0; v < pack; ++v) minus[s][v] = plus[s][v] = hn::Zero(tag);
    }
    const double* row = coordinates + j;
    for (const double* own_x = x; own_x != x + d * Count; own_x += Count, row += Width) {
#pragma GCC unroll 4
      for (std::size_t v = 0; v < pack; ++v) {
        const CostVector y = hn::Load(tag, row + v * cost_lanes);
#pragma GCC unroll 4
        for (std::size_t s = 0; s < Count; ++s) {
          const CostVector own = hn::Set(tag, own_x[s]);
          const CostVector difference = hn::Sub(y, own);
          minus[s][v] = hn::MulAdd(difference, difference, minus[s][v]);
          if constexpr (both) {
            const CostVector sum = hn::Add(y, own);
            plus[s][v] = hn::MulAdd(sum, sum, plus[s][v]);
          }
        }
      }
    }
    CostVector p[pack];
#pragma GCC unroll 4
    for (std::size_t v = 0; v < pack; ++v) p[v] = hn::Load(tag, potentials + j + v * cost_lanes);
#pragma GCC unroll 4
    for (std::size_t s = 0; s < Count; ++s) {
      if constexpr (both) {
        alignas(64) double cost[cost_run], sums[cost_run];
#pragma GCC unroll 4
        for (std::size_t v = 0; v < pack; ++v) {
          hn::Store(minus[s][v], tag, cost + v * cost_lanes);
          hn::Store(plus[s][v], tag, sums + v * cost_lanes);
        }
        for (std::size_t l = 0; l < cost_run; ++l) cost[l] = ground_cost<Cost>(cost[l], sums[l]);
#pragma GCC unroll 4
        for (std::size_t v = 0; v < pack; ++v) minus[s][v] = hn::Load(tag, cost + v * cost_lanes);
      }
#pragma GCC unroll 4
      for (std::size_t v = 0; v < pack; ++v) {
        hn::Store(hn::Add(minus[s][v], p[v]), tag, tile.at[s] + j + v * cost_lanes);
      }
    }
  }
}

/// The least value of each lane class l, l + cost_lanes, ... of a row of a tile.
template <std::size_t Width = cost_targets>
HWY_INLINE CostVector lane_minima(const double* row) {
  const CostTag tag;
  CostVector low = hn::Load(tag, row);
  for (std::size_t j = cost_lanes; j < Width; j += cost_lanes)
    low = hn::Min(hn::Load(tag, row + j), low);
  return low;
}

template <std::size_t Width = cost_targets>
HWY_INLINE double least_of_row(const double* row) {
  return hn::GetLane(hn::MinOfLanes(CostTag(), lane_minima<Width>(row)));
}

}  // namespace mckean::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
