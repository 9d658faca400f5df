// The exact solver between clouds of equal size, with the growth of its time fitted.
#include "host/transport/exact.hpp"

#include <benchmark/benchmark.h>

#include "clouds.hpp"

namespace mckean {
namespace {

void exact(benchmark::State& run) {
  const auto n = static_cast<std::size_t>(run.range(0));
  const auto d = static_cast<std::size_t>(run.range(1));
  const DiscreteMeasure a = bench::gaussian_cloud(n, d, 1);
  const DiscreteMeasure b =
      run.range(2) != 0 ? bench::mixture_cloud(n, d, 2) : bench::gaussian_cloud(n, d, 2);
  double gap = 0;
  for (auto _ : run) {
    const TransportBracket bracket = solve_exact(a, b, {.rtol = 1e-9});
    gap = bracket.gap();
  }
  run.counters["gap"] = gap;
  run.SetComplexityN(run.range(0));
}

/// A fit needs a family of its own for each dimension and instance.
void sizes(benchmark::internal::Benchmark* family, std::int64_t d, std::int64_t mixture) {
  family->ArgNames({"n", "d", "mixture"});
  for (const std::int64_t n : {1000, 2000, 4000, 8000, 16000}) family->Args({n, d, mixture});
  family->UseRealTime()->Unit(benchmark::kMillisecond)->Complexity();
}

BENCHMARK(exact)->Apply([](auto* family) { sizes(family, 3, 0); });
BENCHMARK(exact)->Apply([](auto* family) { sizes(family, 3, 1); });
BENCHMARK(exact)->Apply([](auto* family) { sizes(family, 10, 0); });
BENCHMARK(exact)->Apply([](auto* family) { sizes(family, 10, 1); });

}  // namespace
}  // namespace mckean
