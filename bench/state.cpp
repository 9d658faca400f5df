// State operations and reductions, with the memory traffic of each as bytes/s, beside a plain copy
// of the same size.
#include <benchmark/benchmark.h>

#include <cmath>
#include <utility>
#include <vector>

#include "kernels/cpu/cpu_backend.hpp"

namespace mckean {
namespace {

using B = CpuBackend<double>;

constexpr std::size_t particles = std::size_t{1} << 20;
constexpr std::size_t dim = 10;
constexpr std::size_t values = particles * (1 + dim);

/// Four states of 2^20 particles in d = 10 (88 MiB each).
struct States {
  explicit States(int threads) : backend(threads) {
    for (auto& buffer : buffers) {
      buffer = backend.allocate<double>(values);
      for (std::size_t i = 0; i < values; ++i)
        buffer.view()[i] = 1e-3 * static_cast<double>(i % 997 + 1);
    }
  }
  View<double, Space::host> vector(int i) { return buffers[i].view(); }
  View<const double, Space::host> read(int i) { return buffers[i].view(); }
  B::State state(int i) { return {buffers[i].view(), particles, dim}; }

  View<double, Space::host> slots(std::size_t count) { return {scalars, count}; }

  B backend;
  Buffer<double, Space::host> buffers[4];
  double scalars[16] = {};
};

/// Runs `operation` with 1 and 2 threads; `arrays` states are read or written by each call.
template <class Operation>
void measure(benchmark::State& run, double arrays, const Operation& operation) {
  States states(static_cast<int>(run.range(0)));
  for (auto _ : run) {
    operation(states);
    benchmark::ClobberMemory();
  }
  run.counters["bytes"] = benchmark::Counter(arrays * values * sizeof(double),
                                             benchmark::Counter::kIsIterationInvariantRate);
}

void copy(benchmark::State& run) {
  measure(run, 2, [](States& s) { s.backend.copy(s.read(0), s.vector(1)); });
}

void linear_combination(benchmark::State& run) {
  const auto count = static_cast<int>(run.range(1));
  measure(run, count + 1, [count](States& s) {
    LinearTerms<Space::host> terms;
    for (int t = 0; t < count; ++t) terms.add(.1, s.read(t));
    s.backend.linear_combination(terms, s.vector(3));
  });
}

void finish_drift_free(benchmark::State& run) {
  measure(run, 2, [](States& s) { s.backend.finish_drift({}, s.state(0), s.state(1)); });
}

void finish_drift_sphere(benchmark::State& run) {
  FieldSpec spec;
  spec.constraint = Constraint::sphere;
  measure(run, 3, [&spec](States& s) { s.backend.finish_drift(spec, s.state(0), s.state(1)); });
}

void finish_drift_path(benchmark::State& run) {
  FieldSpec spec;
  spec.regularizer = Regularizer::path;
  spec.lambda = .1;
  measure(run, 3, [&spec](States& s) { s.backend.finish_drift(spec, s.state(0), s.state(1)); });
}

// Every tenth particle is held along one direction: one read and one write of its b.
void project_out(benchmark::State& run) {
  std::vector<std::uint64_t> particle, begin{0};
  for (std::size_t j = 0; j < particles; j += 10) {
    particle.push_back(j);
    begin.push_back(begin.back() + 1);
  }
  const std::vector<double> rows(particle.size() * dim, 1 / std::sqrt(double(dim)));
  const HeldView<Space::host> held{{particle.data(), particle.size()},
                                   {begin.data(), begin.size()},
                                   {rows.data(), rows.size()},
                                   {}};
  measure(run, .3, [&held](States& s) { s.backend.project_out(held, s.state(1), s.state(0)); });
}

// Three states are read; nothing settles, as at almost every step.
void settle(benchmark::State& run) {
  FieldSpec spec;
  spec.regularizer = Regularizer::path;
  spec.lambda = .1;
  measure(run, 3, [&spec](States& s) {
    s.backend.settle(spec, 1e-3, s.state(0), s.state(1), s.state(2), s.slots(1));
    benchmark::DoNotOptimize(s.slots(1)[0]);
  });
}

void normalize_directions(benchmark::State& run) {
  measure(run, 2, [](States& s) { s.backend.normalize_directions(s.state(0)); });
}

void add_radial_field(benchmark::State& run) {
  measure(run, 3, [](States& s) { s.backend.add_radial_field(.1, 1, s.state(0), s.state(1)); });
}

void add_noise(benchmark::State& run) {
  measure(run, 2, [](States& s) { s.backend.add_noise({}, 1e-3, 1, 2, s.state(0)); });
}

void dot(benchmark::State& run) {
  measure(run, 2, [](States& s) {
    InnerProducts<Space::host> list;
    list.add(s.read(0), s.read(1));
    s.backend.inner_products(list, s.slots(1));
    benchmark::DoNotOptimize(s.slots(1)[0]);
  });
}

void particle_sums(benchmark::State& run) {
  measure(run, 1, [](States& s) {
    s.backend.particle_sums(Regularizer::path, 1, s.state(0), s.slots(ParticleSums::count));
    benchmark::DoNotOptimize(s.slots(1)[0]);
  });
}

// The 13 products of a try of dopri5, over the 4 states here.
void inner_products(benchmark::State& run) {
  measure(run, 4, [](States& s) {
    InnerProducts<Space::host> list;
    for (int i = 0; i < 13; ++i) list.add(s.read(i % 4), s.read(i % 4));
    s.backend.inner_products(list, s.slots(13));
    benchmark::DoNotOptimize(s.slots(1)[0]);
  });
}

void check_finite(benchmark::State& run) {
  measure(run, 1, [](States& s) {
    s.backend.check_finite(s.read(0), s.slots(1));
    benchmark::DoNotOptimize(s.slots(1)[0]);
  });
}

void threads(benchmark::internal::Benchmark* b) {
  b->ArgName("threads")->Arg(1)->Arg(2)->UseRealTime()->Unit(benchmark::kMillisecond);
}

BENCHMARK(copy)->Apply(threads);
BENCHMARK(linear_combination)
    ->ArgNames({"threads", "terms"})
    ->ArgsProduct({{1, 2}, {1, 2, 3}})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(finish_drift_free)->Apply(threads);
BENCHMARK(finish_drift_sphere)->Apply(threads);
BENCHMARK(finish_drift_path)->Apply(threads);
BENCHMARK(project_out)->Apply(threads);
BENCHMARK(settle)->Apply(threads);
BENCHMARK(normalize_directions)->Apply(threads);
BENCHMARK(add_radial_field)->Apply(threads);
BENCHMARK(add_noise)->Apply(threads);
BENCHMARK(dot)->Apply(threads);
BENCHMARK(particle_sums)->Apply(threads);
BENCHMARK(inner_products)->Apply(threads);
BENCHMARK(check_finite)->Apply(threads);

}  // namespace
}  // namespace mckean
