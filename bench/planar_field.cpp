// The O(m log m) field of the plane, in particles a second, from a shuffled and from a sorted
// start.
#include <benchmark/benchmark.h>

#include <cmath>
#include <numbers>
#include <random>
#include <vector>

#include "kernels/cpu/cpu_backend.hpp"

namespace mckean {
namespace {

/// m unit directions and amplitudes 1, either uniform and independent or in the order of the angle.
std::vector<double> make_state(std::size_t m, bool sorted) {
  std::mt19937_64 engine(1);
  std::uniform_real_distribution<double> uniform(-std::numbers::pi, std::numbers::pi);
  std::vector<double> w(3 * m, 1);
  for (std::size_t j = 0; j < m; ++j) {
    const double place = 2 * (static_cast<double>(j) + .5) / static_cast<double>(m) - 1;
    const double angle = sorted ? std::numbers::pi * place : uniform(engine);
    w[m + j] = std::cos(angle);
    w[2 * m + j] = std::sin(angle);
  }
  return w;
}

void field(benchmark::State& run) {
  const CpuBackend<double> backend(static_cast<int>(run.range(0)));
  const auto m = static_cast<std::size_t>(run.range(1));
  const std::vector<double> w = make_state(m, run.range(2) != 0);
  std::vector<double> v(w.size());
  const Particles<const double, Space::host> state(HostView<const double>(w.data(), w.size()), m,
                                                   2);
  const Particles<double, Space::host> velocity(HostView<double>(v.data(), v.size()), m, 2);
  for (auto _ : run) {
    double energy = 0;
    backend.planar_field(.5, {state, 1 / static_cast<double>(m)}, {{{}, 0, 2}, 0}, velocity,
                         {&energy, 1});
    benchmark::DoNotOptimize(energy);
  }
  run.counters["particles"] =
      benchmark::Counter(static_cast<double>(m), benchmark::Counter::kIsIterationInvariantRate);
}

BENCHMARK(field)
    ->ArgNames({"threads", "m", "sorted"})
    ->ArgsProduct({{1, 2}, {1000, 100000, 1000000, 4000000}, {0, 1}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace mckean
