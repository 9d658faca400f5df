// Sliced distances and the cheap bounds, in d = 10.
#include "host/transport/sliced.hpp"

#include <benchmark/benchmark.h>

#include "clouds.hpp"
#include "host/transport/bounds.hpp"

namespace mckean {
namespace {

constexpr std::size_t dimension = 10;

template <class Distance>
void measure(benchmark::State& run, const Distance& distance) {
  const auto n = static_cast<std::size_t>(run.range(0));
  const DiscreteMeasure a = bench::gaussian_cloud(n, dimension, 1, false);
  const DiscreteMeasure b = bench::gaussian_cloud(n, dimension, 2, false);
  for (auto _ : run) benchmark::DoNotOptimize(distance(a, b));
  run.SetComplexityN(run.range(0));
}

void sliced(benchmark::State& run) {
  measure(run, [](const auto& a, const auto& b) { return sliced_distances(a, b, {80, 1, 2}); });
}

void gelbrich(benchmark::State& run) {
  measure(run, [](const auto& a, const auto& b) { return gelbrich_lower(a, b, 2); });
}

void projection(benchmark::State& run) {
  measure(run, [](const auto& a, const auto& b) { return projection_lower(a, b, 2); });
}

void synchronous(benchmark::State& run) {
  measure(run, [](const auto& a, const auto& b) {
    return synchronous_upper(a, b, GroundCost::euclidean, 2);
  });
}

void sizes(benchmark::internal::Benchmark* benchmark, std::int64_t largest) {
  benchmark->ArgName("n")
      ->RangeMultiplier(10)
      ->Range(10000, largest)
      ->UseRealTime()
      ->Unit(benchmark::kMillisecond);
}

BENCHMARK(sliced)->Apply([](auto* b) { sizes(b, 1000000); }) -> Complexity(benchmark::oNLogN);
BENCHMARK(projection)->Apply([](auto* b) { sizes(b, 10000000); }) -> Complexity(benchmark::oNLogN);
BENCHMARK(gelbrich)->Apply([](auto* b) { sizes(b, 10000000); }) -> Complexity(benchmark::oN);
BENCHMARK(synchronous)->Apply([](auto* b) { sizes(b, 10000000); }) -> Complexity(benchmark::oN);

}  // namespace
}  // namespace mckean
