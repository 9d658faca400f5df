// The cheap bounds, growth in n fitted.
#include "host/transport/bounds.hpp"

#include <benchmark/benchmark.h>

#include "clouds.hpp"
#include "host/transport/couplings.hpp"

namespace mckean::bench {
namespace {

template <class Bound>
void measure(benchmark::State& run, const Bound& bound) {
  const auto n = static_cast<std::size_t>(run.range(0));
  const DiscreteMeasure a = gaussian_cloud(n, 10, 1);
  const DiscreteMeasure b = mixture_cloud(n, 10, 2);
  for (auto _ : run) benchmark::DoNotOptimize(bound(a, b));
  run.SetComplexityN(run.range(0));
}

void ordered(benchmark::State& run) {
  measure(run,
          [](const auto& a, const auto& b) { return ordered_upper(a, b, GroundCost::euclidean); });
}
void nearest(benchmark::State& run) {
  measure(run, [](const auto& a, const auto& b) {
    return nearest_bounds(a, b, GroundCost::euclidean).upper;
  });
}

BENCHMARK(ordered)->Range(1000, 1000000)->UseRealTime()->Complexity(benchmark::oNLogN);
BENCHMARK(nearest)->Range(1000, 32000)->UseRealTime()->Complexity(benchmark::oNSquared);

}  // namespace
}  // namespace mckean::bench
