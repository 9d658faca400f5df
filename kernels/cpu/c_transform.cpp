// The c-transform and the soft-min over all targets: a few sources at a time, tiles of targets in
// order.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/c_transform.cpp"
#include "hwy/foreach_target.h"  // before highway.h
#include "hwy/highway.h"

#include "kernels/cpu/cost_tile_loops.hpp"
#include "kernels/cpu/cpu_backend.hpp"
#include "kernels/cpu/dispatch.hpp"
#include "kernels/cpu/tiles.hpp"
#include "mckean/formula/soft_min.hpp"

HWY_BEFORE_NAMESPACE();
namespace mckean::cpu::HWY_NAMESPACE {
namespace {

constexpr std::size_t tiles_between_checks = 16;

HWY_INLINE void add_soft(const double* row, const double* potentials, double inverse,
                         SoftMin& sum) {
  const CostTag tag;
  const double low = least_of_row(row);
  sum.lower(low, inverse);
  if (sum.leaves_out(low, inverse)) return;
  const double least = sum.least;
  CostVector weight = hn::Zero(tag), cost = hn::Zero(tag);
  for (std::size_t j = 0; j < cost_targets; j += cost_run) {
    alignas(64) double e[cost_run];
    for (std::size_t l = 0; l < cost_run; ++l)
      e[l] = exponential_of_negative((least - row[j + l]) * inverse);
#pragma GCC unroll 4
    for (std::size_t l = 0; l < cost_run; l += cost_lanes) {
      const CostVector own = hn::Load(tag, e + l);
      const CostVector p = hn::Load(tag, potentials + j + l);
      weight = hn::Add(weight, own);
      cost = hn::MulAdd(own, hn::Sub(hn::Load(tag, row + j + l), p), cost);
    }
  }
  sum.weight += hn::GetLane(hn::SumOfLanes(tag, weight));
  sum.cost += hn::GetLane(hn::SumOfLanes(tag, cost));
}

/// value and, where asked for, mean cost of the sources from `begin` on.
template <GroundCost Cost>
void transform(const double* x, const TargetTiles& targets, double epsilon, double* value,
               double* mean_cost, EarlyEnd& early) {
  CostTile tile;
  SoftMin sums[cost_sources];
  const double inverse = epsilon > 0 ? 1 / epsilon : 0;
  for (std::size_t t = 0; t < targets.size(); ++t) {
    if (t % tiles_between_checks == 0 && early.asked()) return;
    fill_cost_tile<Cost>(x, targets.d(), targets.coordinates(t), targets.potentials(t), tile);
    for (std::size_t s = 0; s < cost_sources; ++s) {
      SoftMin& sum = sums[s];
      if (epsilon > 0) {
        add_soft(tile.at[s], targets.potentials(t), inverse, sum);
        continue;
      }
      const double low = least_of_row(tile.at[s]);
      if (!(low < sum.least)) continue;
      std::size_t j = 0;
      while (tile.at[s][j] != low) ++j;
      sum.merge_hard(low, low - targets.potentials(t)[j]);
    }
  }
  for (std::size_t s = 0; s < cost_sources; ++s) {
    value[s] = sums[s].value(epsilon);
    mean_cost[s] = sums[s].mean_cost(epsilon);
  }
}

}  // namespace

using Transform = void (*)(const double* x, const TargetTiles&, double epsilon, double* value,
                           double* mean_cost, EarlyEnd&);

Transform transform_of(GroundCost cost) {
  return cost == GroundCost::geodesic ? &transform<GroundCost::geodesic>
                                      : &transform<GroundCost::euclidean>;
}

}  // namespace mckean::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mckean {
namespace cpu {
namespace {

auto transform_for_target(GroundCost cost) { return MCKEAN_FOR_TARGET(transform_of)(cost); }

}  // namespace
}  // namespace cpu

using cpu::cost_sources;

template <class Real>
void CpuBackend<Real>::c_transform(const PointPairs<space>& pairs, double epsilon, Vector value,
                                   Vector mean_cost) const {
  const Points<space>& sources = pairs.sources;
  MCKEAN_EXPECT(value.size() == sources.n && mean_cost.size() == sources.n && epsilon >= 0);
  const cpu::TargetTiles tiles(pairs.targets, pairs.potential);
  const auto transform = cpu::transform_for_target(pairs.cost);
  cpu::for_each_long_tile(sources.n, cpu::source_tile, threads_,
                          [&](std::size_t begin, std::size_t end, cpu::EarlyEnd& early) {
                            std::vector<double> x(sources.d * cost_sources);
                            for (; begin < end && !early.asked(); begin += cost_sources) {
                              double values[cost_sources] = {}, costs[cost_sources] = {};
                              cpu::load_sources(sources, begin, x.data());
                              transform(x.data(), tiles, epsilon, values, costs, early);
                              const std::size_t count = std::min(cost_sources, end - begin);
                              std::copy_n(values, count, value.data() + begin);
                              std::copy_n(costs, count, mean_cost.data() + begin);
                            }
                          });
}

template void CpuBackend<float>::c_transform(const PointPairs<space>&, double, Vector,
                                             Vector) const;
template void CpuBackend<double>::c_transform(const PointPairs<space>&, double, Vector,
                                              Vector) const;

}  // namespace mckean
#endif
