// W2 on the line between two clouds of unlike sizes, of equal and of other weights.
#include "host/transport/line.hpp"

#include <benchmark/benchmark.h>

#include "clouds.hpp"

namespace mckean {
namespace {

void line(benchmark::State& run) {
  const auto n = static_cast<std::size_t>(run.range(1));
  const DiscreteMeasure a = bench::gaussian_cloud(n, 1, 1, run.range(2) != 0);
  const DiscreteMeasure b = bench::gaussian_cloud(n - 1, 1, 2, run.range(2) != 0);
  for (auto _ : run) benchmark::DoNotOptimize(w2_line(a, b, static_cast<int>(run.range(0))).w2);
  run.SetComplexityN(run.range(1));
}

void sizes(benchmark::internal::Benchmark* benchmark, std::int64_t threads, std::int64_t weighted) {
  benchmark->ArgNames({"threads", "n", "weighted"})
      ->ArgsProduct({{threads}, {10000, 100000, 1000000, 10000000}, {weighted}})
      ->UseRealTime()
      ->Unit(benchmark::kMillisecond)
      ->Complexity(benchmark::oNLogN);
}

BENCHMARK(line)->Name("line_alone")->Apply([](auto* benchmark) { sizes(benchmark, 1, 0); });
BENCHMARK(line)->Apply([](auto* benchmark) { sizes(benchmark, 2, 0); });
BENCHMARK(line)->Name("line_weighted")->Apply([](auto* benchmark) { sizes(benchmark, 2, 1); });

}  // namespace
}  // namespace mckean
