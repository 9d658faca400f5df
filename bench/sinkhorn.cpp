// Sinkhorn to a bracket of 5 %: both instances of clouds.hpp, growth in m fitted.
#include "host/transport/sinkhorn.hpp"

#include <benchmark/benchmark.h>

#include "clouds.hpp"

namespace mckean::bench {
namespace {

void sinkhorn(benchmark::State& run) {
  const auto n = static_cast<std::size_t>(run.range(0));
  const auto d = static_cast<std::size_t>(run.range(1));
  const DiscreteMeasure a = gaussian_cloud(n, d, 1);
  const DiscreteMeasure b = run.range(2) != 0 ? mixture_cloud(n, d, 2) : gaussian_cloud(n, d, 2);
  double gap = 0;
  for (auto _ : run) gap = solve_sinkhorn(a, b, {.rtol = 0.05}).gap();
  run.counters["gap"] = gap;
  run.SetComplexityN(run.range(0));
}

BENCHMARK(sinkhorn)
    ->ArgNames({"n", "d", "mixture"})
    ->ArgsProduct({{500, 1000, 2000, 4000}, {3}, {0}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond)
    ->Complexity(benchmark::oNSquared);
BENCHMARK(sinkhorn)
    ->ArgNames({"n", "d", "mixture"})
    ->ArgsProduct({{500, 1000, 2000, 4000}, {10}, {1}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond)
    ->Complexity(benchmark::oNSquared);

}  // namespace
}  // namespace mckean::bench
