// The hard minimum and the soft one over all targets, in pairs a second, for each cost, in double:
// growth in the sources (n) and in the targets (m).
#include <benchmark/benchmark.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "clouds.hpp"
#include "kernels/cpu/cpu_backend.hpp"

namespace mckean {
namespace {

constexpr std::int64_t fixed = 4096;

/// What is measured: epsilon is 0 for the hard minimum.
struct Transform {
  GroundCost cost;
  double epsilon;
  std::size_t d;

  std::string name() const {
    return std::string(epsilon > 0 ? "soft" : "hard") +
           (cost == GroundCost::geodesic ? "/geodesic" : "/euclidean") + "/d" + std::to_string(d);
  }
  DiscreteMeasure cloud(std::size_t n, unsigned seed) const {
    DiscreteMeasure points = bench::gaussian_cloud(n, d, seed);
    return cost == GroundCost::geodesic ? bench::on_sphere(std::move(points)) : points;
  }
};

void measure(benchmark::State& run, const Transform& transform, int threads, std::size_t n,
             std::size_t m) {
  const CpuBackend<double> backend(threads);
  const DiscreteMeasure sources = transform.cloud(n, 1), targets = transform.cloud(m, 2);
  const std::vector<double> potential = bench::gaussian_cloud(m, 1, 3).planes;
  std::vector<double> value(n), mean_cost(n);
  for (auto _ : run) {
    backend.c_transform({transform.cost, sources.points(), targets.points(), {potential.data(), m}},
                        transform.epsilon, {value.data(), n}, {mean_cost.data(), n});
    benchmark::ClobberMemory();
  }
  run.counters["pairs"] = benchmark::Counter(static_cast<double>(n) * static_cast<double>(m),
                                             benchmark::Counter::kIsIterationInvariantRate);
  run.SetComplexityN(run.range(0));
}

/// A fit needs a family of its own.
benchmark::internal::Benchmark* add(const Transform& transform, const char* grows,
                                    const std::function<void(benchmark::State&)>& body) {
  return benchmark::RegisterBenchmark((transform.name() + "/" + grows).c_str(), body)
      ->MinTime(.1)
      ->UseRealTime()
      ->Unit(benchmark::kMillisecond);
}

const bool registered = [] {
  for (const std::size_t d : {3, 10}) {
    for (const double epsilon : {0., .1}) {
      for (const GroundCost cost : {GroundCost::euclidean, GroundCost::geodesic}) {
        const Transform transform{cost, epsilon, d};
        const auto both = [transform](benchmark::State& run) {
          measure(run, transform, static_cast<int>(run.range(0)), fixed, fixed);
        };
        const auto in_n = [transform](benchmark::State& run) {
          measure(run, transform, 2, static_cast<std::size_t>(run.range(0)), fixed);
        };
        const auto in_m = [transform](benchmark::State& run) {
          measure(run, transform, 2, fixed, static_cast<std::size_t>(run.range(0)));
        };
        add(transform, "threads", both)->Arg(1)->Arg(2);
        for (auto* family : {add(transform, "n", in_n), add(transform, "m", in_m)})
          family->RangeMultiplier(4)->Range(1024, 65536)->Complexity(benchmark::oN);
      }
    }
  }
  return true;
}();

}  // namespace
}  // namespace mckean
