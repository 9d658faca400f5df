// The nearest targets of each source, in pairs a second, for each cost and for lists as the bounds
// and semidiscrete want them: growth in the sources (n) and in the targets (m).
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "clouds.hpp"
#include "kernels/cpu/cpu_backend.hpp"

namespace mckean {
namespace {

constexpr std::size_t fixed = 4096;
constexpr std::size_t d = 3;

DiscreteMeasure cloud(GroundCost cost, std::size_t n, unsigned seed) {
  DiscreteMeasure points = bench::gaussian_cloud(n, d, seed);
  return cost == GroundCost::geodesic ? bench::on_sphere(std::move(points)) : points;
}

void measure(benchmark::State& run, GroundCost cost, std::size_t k, std::size_t n, std::size_t m) {
  const CpuBackend<double> backend(2);
  const DiscreteMeasure sources = cloud(cost, n, 1), targets = cloud(cost, m, 2);
  const std::vector<double> potential = bench::gaussian_cloud(m, 1, 3).planes;
  std::vector<double> value(n * k);
  std::vector<std::uint32_t> index(n * k);
  for (auto _ : run) {
    backend.nearest_targets({cost, sources.points(), targets.points(), {potential.data(), m}}, k,
                            {value.data(), n * k}, {index.data(), n * k});
    benchmark::ClobberMemory();
  }
  run.counters["pairs"] = benchmark::Counter(static_cast<double>(n) * static_cast<double>(m),
                                             benchmark::Counter::kIsIterationInvariantRate);
  run.SetComplexityN(run.range(0));
}

const bool registered = [] {
  for (const std::size_t k : {1, 16}) {
    for (const GroundCost cost : {GroundCost::euclidean, GroundCost::geodesic}) {
      const std::string name =
          std::string(cost == GroundCost::geodesic ? "geodesic" : "euclidean") + "/k" +
          std::to_string(k);
      for (const bool in_n : {true, false}) {
        benchmark::RegisterBenchmark((name + (in_n ? "/n" : "/m")).c_str(),
                                     [=](benchmark::State& run) {
                                       const auto size = static_cast<std::size_t>(run.range(0));
                                       measure(run, cost, k, in_n ? size : fixed,
                                               in_n ? fixed : size);
                                     })
            ->RangeMultiplier(4)
            ->Range(1024, 65536)
            ->Complexity(benchmark::oN)
            ->MinTime(.1)
            ->UseRealTime()
            ->Unit(benchmark::kMillisecond);
      }
    }
  }
  return true;
}();

}  // namespace
}  // namespace mckean
