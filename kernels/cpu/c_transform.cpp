// The c-transform and the soft-min over all targets: a few sources at a time, tiles of targets in
// order.
#include <cstdint>

#include "kernels/cpu/cost_tile.hpp"
#include "kernels/cpu/cpu_backend.hpp"
#include "kernels/cpu/loop_dispatch.hpp"
#include "kernels/cpu/tiles.hpp"
#include "mckean/formula/soft_min.hpp"

namespace mckean {
namespace {

using cpu::cost_sources;
using cpu::cost_targets;
using cpu::CostTile;
using cpu::TargetTiles;
using HostPoints = Points<Space::host>;

constexpr std::size_t tiles_between_checks = 16;

template <int Bytes>
MCKEAN_CPU_INLINE void add_soft(const double* row, const double* potentials, double inverse,
                                SoftMin& sum) {
  const double low = cpu::least_of_row<Bytes>(row);
  sum.lower(low, inverse);
  if (sum.leaves_out(low, inverse)) return;
  const double least = sum.least;
  double weight = 0;
  double cost = 0;
#pragma omp simd reduction(+ : weight, cost)
  for (std::size_t j = 0; j < cost_targets; ++j) {
    const double e = exponential_of_negative((least - row[j]) * inverse);
    weight += e;
    cost += e * (row[j] - potentials[j]);
  }
  sum.weight += weight;
  sum.cost += cost;
}

/// value and, where asked for, mean cost of the sources from `begin` on.
template <int Bytes, GroundCost Cost>
MCKEAN_CPU_INLINE void transform(const double* x, const TargetTiles& targets, double epsilon,
                                 double* value, double* mean_cost, cpu::EarlyEnd& early) {
  CostTile tile;
  SoftMin sums[cost_sources];
  const double inverse = epsilon > 0 ? 1 / epsilon : 0;
  for (std::size_t t = 0; t < targets.size(); ++t) {
    if (t % tiles_between_checks == 0 && early.asked()) return;
    cpu::fill_cost_tile<Bytes, Cost>(x, targets.d(), targets.coordinates(t), targets.potentials(t),
                                     tile);
    for (std::size_t s = 0; s < cost_sources; ++s) {
      SoftMin& sum = sums[s];
      if (epsilon > 0) {
        add_soft<Bytes>(tile.at[s], targets.potentials(t), inverse, sum);
        continue;
      }
      const double low = cpu::least_of_row<Bytes>(tile.at[s]);
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

/// The loops for one instruction set, `attribute` telling the compiler which.
#define MCKEAN_COST_LOOPS(Name, bytes, attribute)                                             \
  struct Name {                                                                               \
    template <GroundCost Cost>                                                                \
    attribute static void transform_sources(const double* x, const TargetTiles& targets,      \
                                            double epsilon, double* value, double* mean_cost, \
                                            cpu::EarlyEnd& early) {                           \
      transform<bytes, Cost>(x, targets, epsilon, value, mean_cost, early);                   \
    }                                                                                         \
  };
MCKEAN_COST_LOOPS(Baseline, 16, )
#ifdef MCKEAN_CPU_DISPATCH
MCKEAN_COST_LOOPS(Avx2, 32, __attribute__((target("arch=x86-64-v3"))))
MCKEAN_COST_LOOPS(Avx512, 64, __attribute__((target("arch=x86-64-v4,prefer-vector-width=512"))))
using Loops = cpu::LoopSets<Baseline, Avx2, Avx512>;
#else
using Loops = cpu::LoopSets<Baseline>;
#endif
#undef MCKEAN_COST_LOOPS

}  // namespace

template <class Real>
void CpuBackend<Real>::c_transform(GroundCost cost, Points<space> sources, Points<space> targets,
                                   ConstVector potential, double epsilon, Vector value,
                                   Vector mean_cost) const {
  MCKEAN_EXPECT(sources.d == targets.d && potential.size() == targets.n && targets.n > 0);
  MCKEAN_EXPECT(value.size() == sources.n && mean_cost.size() == sources.n && epsilon >= 0);
  const TargetTiles tiles(targets, potential);
  const auto run = [&](auto loops, auto kind) {
    cpu::for_each_long_tile(sources.n, cpu::source_tile, threads_,
                            [&](std::size_t begin, std::size_t end, cpu::EarlyEnd& early) {
                              std::vector<double> x(sources.d * cost_sources);
                              for (; begin < end && !early.asked(); begin += cost_sources) {
                                double values[cost_sources] = {}, costs[cost_sources] = {};
                                cpu::load_sources(sources, begin, x.data());
                                decltype(loops)::template transform_sources<kind.value>(
                                    x.data(), tiles, epsilon, values, costs, early);
                                const std::size_t count = std::min(cost_sources, end - begin);
                                std::copy_n(values, count, value.data() + begin);
                                std::copy_n(costs, count, mean_cost.data() + begin);
                              }
                            });
  };
  cpu::with_widest(Loops{},
                   [&](auto loops) { cpu::with_cost(cost, [&](auto kind) { run(loops, kind); }); });
}

template void CpuBackend<float>::c_transform(GroundCost, Points<space>, Points<space>, ConstVector,
                                             double, Vector, Vector) const;
template void CpuBackend<double>::c_transform(GroundCost, Points<space>, Points<space>, ConstVector,
                                              double, Vector, Vector) const;

}  // namespace mckean
