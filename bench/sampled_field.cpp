// One evaluation of the sampled velocity: time, pairs/s, useful flop/s (4 d a pair) and the
// process's peak memory.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <cmath>
#include <string>

#include "kernels/cpu/cpu_backend.hpp"

namespace mckean {
namespace {

template <class Real>
void measure(benchmark::State& run, const char* activation_name) {
  const CpuBackend<Real> backend(static_cast<int>(run.range(0)));
  const auto m = static_cast<std::size_t>(run.range(1));
  const auto n = static_cast<std::size_t>(run.range(2));
  const auto d = static_cast<std::size_t>(run.range(3));
  auto w = backend.template allocate<double>(m * (1 + d));
  auto v = backend.template allocate<double>(m * (1 + d));
  auto x = backend.template allocate<Real>(n * d);
  auto y = backend.template allocate<double>(n);
  for (std::size_t i = 0; i < m * (1 + d); ++i) {
    w.view()[i] = std::sin(static_cast<double>(i) * .7);
  }
  for (std::size_t i = 0; i < n * d; ++i) {
    x.view()[i] = static_cast<Real>(std::cos(static_cast<double>(i) * 1.3));
  }
  for (std::size_t i = 0; i < n; ++i) y.view()[i] = std::sin(static_cast<double>(i));
  const AnyActivation activation = *find_activation(activation_name);
  const Samples<Real, Space::host> samples{x.view(), y.view(), n, d};

  for (auto _ : run) {
    double risk = 0;
    backend.sampled_field(activation, {w.view(), m, d}, 1 / static_cast<double>(m), samples,
                          {v.view(), m, d}, {&risk, 1});
    benchmark::DoNotOptimize(risk);
  }
  using benchmark::Counter;
  const double pairs = static_cast<double>(m) * static_cast<double>(n);
  run.counters["pairs"] = Counter(pairs, Counter::kIsIterationInvariantRate);
  run.counters["flop"] =
      Counter(pairs * 4 * static_cast<double>(d), Counter::kIsIterationInvariantRate);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  run.counters["peak_MiB"] = static_cast<double>(usage.ru_maxrss) / 1024;
  run.SetLabel(backend.describe());
}

void in_float(benchmark::State& run, const char* activation) { measure<float>(run, activation); }
void in_double(benchmark::State& run, const char* activation) { measure<double>(run, activation); }

void sizes(benchmark::internal::Benchmark* b) {
  b->ArgNames({"threads", "m", "n", "d"})->UseRealTime()->Unit(benchmark::kMillisecond);
}
void relu_sizes(benchmark::internal::Benchmark* b) {
  sizes(b);
  for (const int threads : {1, 2}) {
    b->Args({threads, 1000000, 10000, 10})->Iterations(1);
  }
  for (const int d : {2, 3, 7, 10, 16, 32, 65, 300}) b->Args({2, 100000, 4096, d});
  b->Args({2, 1000000, 100, 10});
  b->Args({2, 100, 1000000, 10});
  b->Args({2, 1000, 1000, 10});
}
void smooth_sizes(benchmark::internal::Benchmark* b) {
  sizes(b);
  b->Args({2, 100000, 1024, 10});
}

BENCHMARK_CAPTURE(in_float, relu, "relu")->Apply(relu_sizes);
BENCHMARK_CAPTURE(in_double, relu, "relu")->Apply(smooth_sizes);
BENCHMARK_CAPTURE(in_float, leaky_relu, "leaky-relu")->Apply(smooth_sizes);
BENCHMARK_CAPTURE(in_float, offset_relu, "relu:.1")->Apply(smooth_sizes);
BENCHMARK_CAPTURE(in_float, tanh, "tanh")->Apply(smooth_sizes);
BENCHMARK_CAPTURE(in_float, sigmoid, "sigmoid")->Apply(smooth_sizes);
BENCHMARK_CAPTURE(in_float, erf, "erf")->Apply(smooth_sizes);
BENCHMARK_CAPTURE(in_float, square, "square")->Apply(smooth_sizes);

}  // namespace
}  // namespace mckean
