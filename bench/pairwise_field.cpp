// The closed-form field and energy over all pairs, in pairs a second, for each kernel.
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "kernels/cpu/cpu_backend.hpp"

namespace mckean {
namespace {

constexpr std::size_t particles = 4096;

/// `particles` normal particles in dimension d, and a velocity of the same shape.
struct State {
  explicit State(std::size_t dim) : d(dim), w(particles * (1 + d)), v(w.size()) {
    std::mt19937_64 engine(1);
    std::normal_distribution<double> normal;
    for (double& x : w) x = normal(engine);
  }
  Particles<const double, Space::host> read() const {
    return {HostView<const double>(w.data(), w.size()), particles, d};
  }
  Particles<double, Space::host> write() {
    return {HostView<double>(v.data(), v.size()), particles, d};
  }

  std::size_t d;
  std::vector<double> w, v;
};

void count_pairs(benchmark::State& run) {
  run.counters["pairs"] = benchmark::Counter(static_cast<double>(particles * particles),
                                             benchmark::Counter::kIsIterationInvariantRate);
}

template <PairKernelKind Kind, class Real>
void field(benchmark::State& run) {
  const CpuBackend<Real> backend(static_cast<int>(run.range(0)));
  State state(static_cast<std::size_t>(run.range(1)));
  for (auto _ : run) {
    backend.add_pairwise_field({Kind, 1}, state.read(), state.read(), 1, state.write());
    benchmark::ClobberMemory();
  }
  count_pairs(run);
}

template <PairKernelKind Kind>
void energy(benchmark::State& run) {
  const CpuBackend<double> backend(static_cast<int>(run.range(0)));
  const State state(static_cast<std::size_t>(run.range(1)));
  for (auto _ : run) {
    double energy = 0;
    backend.pairwise_energy({Kind, 1}, state.read(), state.read(), {&energy, 1});
    benchmark::DoNotOptimize(energy);
  }
  count_pairs(run);
}

void sizes(benchmark::internal::Benchmark* b) {
  b->ArgNames({"threads", "d"})
      ->ArgsProduct({{1, 2}, {2, 10, 100}})
      ->UseRealTime()
      ->Unit(benchmark::kMillisecond);
}

BENCHMARK(field<PairKernelKind::arc_cosine, float>)->Apply(sizes);
BENCHMARK(field<PairKernelKind::arc_cosine, double>)->Apply(sizes);
BENCHMARK(field<PairKernelKind::arcsine, float>)->Apply(sizes);
BENCHMARK(field<PairKernelKind::arcsine, double>)->Apply(sizes);
BENCHMARK(field<PairKernelKind::square, float>)->Apply(sizes);
BENCHMARK(field<PairKernelKind::square, double>)->Apply(sizes);
BENCHMARK(energy<PairKernelKind::arc_cosine>)->Apply(sizes);
BENCHMARK(energy<PairKernelKind::arcsine>)->Apply(sizes);

}  // namespace
}  // namespace mckean
