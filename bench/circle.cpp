// W2 on the circle between two clouds of unlike sizes, and between one and the uniform law.
#include "host/transport/circle.hpp"

#include <benchmark/benchmark.h>

#include "clouds.hpp"

namespace mckean {
namespace {

void circle(benchmark::State& run) {
  const auto n = static_cast<std::size_t>(run.range(1));
  const DiscreteMeasure a = bench::gaussian_cloud(n, 1, 1, run.range(2) != 0);
  DiscreteMeasure b = bench::gaussian_cloud(n - 1, 1, 2, run.range(2) != 0);
  for (double& angle : b.planes) angle = 2 + angle / 2;
  for (auto _ : run) benchmark::DoNotOptimize(w2_circle(a, b, static_cast<int>(run.range(0))).w2);
  run.SetComplexityN(run.range(1));
}

void circle_uniform(benchmark::State& run) {
  const auto n = static_cast<std::size_t>(run.range(1));
  const DiscreteMeasure a = bench::gaussian_cloud(n, 1, 1, run.range(2) != 0);
  for (auto _ : run)
    benchmark::DoNotOptimize(w2_circle_uniform(a, static_cast<int>(run.range(0))).w2);
  run.SetComplexityN(run.range(1));
}

void sizes(benchmark::internal::Benchmark* benchmark, const std::vector<std::int64_t>& weighted) {
  benchmark->ArgNames({"threads", "n", "weighted"})
      ->ArgsProduct({{2}, {10000, 100000, 1000000, 10000000}, weighted})
      ->UseRealTime()
      ->Unit(benchmark::kMillisecond)
      ->Complexity(benchmark::oNLogN);
}

BENCHMARK(circle)->Apply([](auto* benchmark) { sizes(benchmark, {0}); });
BENCHMARK(circle)->Name("circle_weighted")->Apply([](auto* benchmark) { sizes(benchmark, {1}); });
BENCHMARK(circle_uniform)->Apply([](auto* benchmark) { sizes(benchmark, {0}); });
BENCHMARK(circle_uniform)->Name("circle_uniform_weighted")->Apply([](auto* benchmark) {
  sizes(benchmark, {1});
});

}  // namespace
}  // namespace mckean
