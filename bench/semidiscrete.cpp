// Semi-discrete W2: the time to a certified relative gap of 1e-6 with the gap, the iterations and
// the resident memory reached, and its growth in the points and in the atoms.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <cmath>
#include <random>
#include <vector>

#include "host/transport/semidiscrete.hpp"

namespace mckean {
namespace {

constexpr std::size_t d = 10;
constexpr std::size_t components = 8;

/// n independent points of N(0, I).
DiscreteMeasure normal_cloud(std::size_t n, std::uint64_t seed) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> normal;
  DiscreteMeasure cloud{n, d, std::vector<double>(n * d),
                        std::vector<double>(n, 1 / static_cast<double>(n)), true};
  for (double& x : cloud.planes) x = normal(engine);
  return cloud;
}

/// n points of a mixture of 8 normal laws of mean 0 and covariance I: with means +- 1.2 e_k,
/// k < 4, each axis k < 4 gets 1.44/4 = .36 of its variance from the means and .64 within.
DiscreteMeasure mixture_cloud(std::size_t n, std::uint64_t seed) {
  DiscreteMeasure cloud = normal_cloud(n, seed);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < components / 2; ++k) cloud.planes[k * n + i] *= .8;
    const std::size_t component = i % components;
    cloud.planes[component / 2 * n + i] += component % 2 == 0 ? 1.2 : -1.2;
  }
  return cloud;
}

double resident_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

void solve(benchmark::State& run, std::size_t m, std::size_t atoms, bool mixture) {
  const DiscreteMeasure a = normal_cloud(m, 1);
  const DiscreteMeasure b = mixture ? mixture_cloud(atoms, 2) : normal_cloud(atoms, 2);
  SemidiscreteOptions options;
  options.threads = 2;
  TransportBracket bracket;
  for (auto _ : run) bracket = solve_semidiscrete(a, b, options);
  run.counters["w2"] = bracket.upper;
  run.counters["gap"] = bracket.gap();
  run.counters["iterations"] = static_cast<double>(bracket.iterations);
  run.counters["peak_MiB"] = resident_mib();  // of the process so far: filter for one size
}

void in_points(benchmark::State& run) {
  solve(run, static_cast<std::size_t>(run.range(0)), 1000, run.range(1) != 0);
  run.SetComplexityN(run.range(0));
}
BENCHMARK(in_points)
    ->ArgNames({"m", "mixture"})
    ->ArgsProduct({{32000, 125000, 500000, 1000000}, {0}})
    ->Iterations(1)
    ->UseRealTime()
    ->Unit(benchmark::kSecond)
    ->Complexity();
BENCHMARK(in_points)
    ->Name("in_points_to_mixture")
    ->ArgNames({"m", "mixture"})
    ->ArgsProduct({{32000, 125000, 500000, 1000000}, {1}})
    ->Iterations(1)
    ->UseRealTime()
    ->Unit(benchmark::kSecond)
    ->Complexity();

void in_atoms(benchmark::State& run) {
  solve(run, 250000, static_cast<std::size_t>(run.range(0)), false);
  run.SetComplexityN(run.range(0));
}
BENCHMARK(in_atoms)
    ->ArgName("M")
    ->Arg(125)
    ->Arg(250)
    ->Arg(500)
    ->Arg(1000)
    ->Arg(2000)
    ->Iterations(1)
    ->UseRealTime()
    ->Unit(benchmark::kSecond)
    ->Complexity();

}  // namespace
}  // namespace mckean
