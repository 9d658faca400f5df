// Semi-discrete W2: the time to a certified relative gap of 1e-6 with the gap, the iterations and
// the resident memory reached, and its growth in the points and in the atoms.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include "clouds.hpp"
#include "host/transport/semidiscrete.hpp"

namespace mckean {
namespace {

constexpr std::size_t d = 10;
double resident_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

void solve(benchmark::State& run, std::size_t m, std::size_t atoms, bool mixture) {
  const DiscreteMeasure a = bench::gaussian_cloud(m, d, 1);
  const DiscreteMeasure b =
      mixture ? bench::mixture_cloud(atoms, d, 2) : bench::gaussian_cloud(atoms, d, 2);
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
