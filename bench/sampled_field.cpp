// One evaluation of the sampled velocity: bench_sampled_field [--threads T] [--seconds S] and the
// options of Google Benchmark. Families ACTIVATION/REAL/m/dD/nN/SIZE and
// ACTIVATION/REAL/n/dD/mM/SIZE grow in one size alone, each with a fit; relu-arranged is what flows
// do on the line and the plane, in O(m + n). Left out is what would take more than S (2) seconds or
// 2e12 flop, or too much memory. `flop` counts 4 d a pair and second, of_peak is that over the
// flop/s of multiply-adds in registers and of_gemm over those of OpenBLAS for the product x b' of
// the same size, both measured in this run; peak_MiB is the process's peak memory. sampled_field.sh
// draws figures of the results.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "bench/machine/fma_peak.hpp"
#include "bench/machine/gemm.hpp"
#include "kernels/cpu/cpu_backend.hpp"
#include "kernels/cpu/thread_pool.hpp"

namespace mckean::bench {
namespace {

constexpr double most_flop = 2e12;
constexpr double most_bytes = 4e9;

struct Settings {
  int threads = 0;
  double seconds = 2;  // that one evaluation may take
  double float_peak = 0, double_peak = 0;

  template <class Real>
  double peak() const {
    return sizeof(Real) == sizeof(float) ? float_peak : double_peak;
  }
};
Settings settings;

struct Size {
  std::size_t m, n, d;

  double pairs() const { return static_cast<double>(m) * static_cast<double>(n); }
  double flop() const { return 4 * pairs() * static_cast<double>(d); }
};

enum class Loops { general, arranged };

/// A number in [-1, 1) for each index, without a pattern.
double scattered(std::uint64_t index) {
  index = (index + 1) * 0x9e3779b97f4a7c15;
  index = (index ^ (index >> 32)) * 0xd6e8feb86659fd93;
  return static_cast<double>(static_cast<std::int64_t>(index ^ (index >> 32))) * 0x1p-63;
}

template <class Real>
class Problem {
 public:
  Problem(int threads, const AnyActivation& activation, const Size& size, Loops loops)
      : backend_(threads),
        activation_(activation),
        size_(size),
        w_(backend_.template allocate<double>(size.m * (1 + size.d))),
        v_(backend_.template allocate<double>(size.m * (1 + size.d))),
        x_(backend_.template allocate<Real>(size.n * size.d)),
        y_(backend_.template allocate<double>(size.n)) {
    for (std::size_t i = 0; i < size.m * (1 + size.d); ++i) w_.view()[i] = scattered(i);
    for (std::size_t i = 0; i < size.n * size.d; ++i)
      x_.view()[i] = static_cast<Real>(scattered(~i));
    for (std::size_t i = 0; i < size.n; ++i) y_.view()[i] = scattered(3 * i);
    if (loops == Loops::arranged) arranged_ = backend_.arrange(activation.linear, samples());
  }

  double evaluate() {
    double risk = 0;
    const Particles<const double, Space::host> w{w_.view(), size_.m, size_.d};
    const Particles<double, Space::host> v{v_.view(), size_.m, size_.d};
    const NetworkOutput<Space::host> output{1 / static_cast<double>(size_.m)};
    if (arranged_ != nullptr) {
      backend_.sampled_field(*arranged_, activation_.linear, w, output, y_.view(), v, {&risk, 1});
    } else {
      backend_.sampled_field(activation_, w, output, samples(), v, {&risk, 1});
    }
    return risk;
  }
  std::string describe() const { return backend_.describe(); }

 private:
  using Backend = CpuBackend<Real>;

  Samples<Real, Space::host> samples() { return {x_.view(), y_.view(), size_.n, size_.d}; }

  Backend backend_;
  AnyActivation activation_;
  Size size_;
  Buffer<double, Space::host> w_, v_;
  Buffer<Real, Space::host> x_;
  Buffer<double, Space::host> y_;
  std::unique_ptr<const typename Backend::Arrangement> arranged_;
};

template <class Real>
void measure(benchmark::State& run, int threads, const AnyActivation& activation, const Size& size,
             Loops loops) {
  Problem<Real> problem(threads, activation, size, loops);
  for (auto _ : run) benchmark::DoNotOptimize(problem.evaluate());
  const auto rate = [&](const char* name, double amount) {
    run.counters[name] = benchmark::Counter(amount, benchmark::Counter::kIsIterationInvariantRate);
  };
  rate("pairs", size.pairs());
  if (loops == Loops::general) {
    rate("flop", size.flop());
    rate("of_peak", size.flop() / settings.peak<Real>() * settings.threads / threads);
    const double gemm = gemm_rate<Real>(threads, size.n, size.m, size.d);
    if (gemm > 0) rate("of_gemm", size.flop() / gemm);
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  run.counters["peak_MiB"] = static_cast<double>(usage.ru_maxrss) / 1024;
  run.SetLabel(problem.describe());
}

template <class Real>
constexpr const char* name_of_real() {
  return sizeof(Real) == sizeof(float) ? "float" : "double";
}

/// Measurements of one activation and precision.
template <class Real>
class Families {
 public:
  Families(const std::string& activation, Loops loops = Loops::general)
      : name_(activation + (loops == Loops::arranged ? "-arranged/" : "/") + name_of_real<Real>()),
        activation_(*find_activation(activation)),
        loops_(loops) {}

  void grow(const std::vector<std::size_t>& dims) const {
    for (const std::size_t d : dims) {
      grow_in("m", {10000000, 1000000, 100000, 10000, 1000}, {1000, 1000, d});
      grow_in("n", {100000, 10000, 1000, 100}, {10000, 10000, d});
    }
  }
  void one(const char* grows, int threads, const Size& size) const {
    auto* family = add(name_ + "/" + grows, [families = *this, size, threads](auto& run) {
      families.run(run, threads, size);
    });
    family->Arg(threads);
  }

 private:
  template <class Body>
  static benchmark::internal::Benchmark* add(const std::string& name, const Body& body) {
    return benchmark::RegisterBenchmark(name.c_str(), body)
        ->MinTime(.1)
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond);
  }

  /// `fixed` with m or n replaced by each of the sizes.
  void grow_in(const std::string& grows, const std::vector<std::size_t>& sizes,
               const Size& fixed) const {
    const auto size_of = [grows, fixed](std::size_t size) {
      return grows == "m" ? Size{size, fixed.n, fixed.d} : Size{fixed.m, size, fixed.d};
    };
    const std::string other = grows == "m" ? std::string("n").append(std::to_string(fixed.n))
                                           : std::string("m").append(std::to_string(fixed.m));
    auto* family = add(name_ + "/" + grows + "/d" + std::to_string(fixed.d) + "/" + other,
                       [families = *this, size_of](benchmark::State& run) {
                         const auto size = static_cast<std::size_t>(run.range(0));
                         families.run(run, settings.threads, size_of(size));
                         run.SetComplexityN(run.range(0));
                       });
    int count = 0;
    for (auto size = sizes.rbegin(); size != sizes.rend(); ++size) {
      if (!affordable(size_of(*size))) continue;
      family->Arg(static_cast<std::int64_t>(*size));
      ++count;
    }
    if (count > 1) family->Complexity(benchmark::oN);
  }

  void run(benchmark::State& state, int threads, const Size& size) const {
    measure<Real>(state, threads, activation_, size, loops_);
  }

  /// By a guess of the time: of the arranged loops some nanoseconds for each particle and sample,
  /// otherwise products at a quarter of the peak, and what comes between them.
  bool affordable(const Size& size) const {
    const double bytes = 16 * static_cast<double>(size.m) * (1 + static_cast<double>(size.d));
    if (bytes > most_bytes) return false;
    if (loops_ == Loops::arranged)
      return 1e-7 * static_cast<double>(size.m + size.n) < settings.seconds;
    const bool smooth = activation_.kind != ActivationKind::piecewise_linear;
    const double work = size.flop() + size.pairs() * (smooth ? 150 : 10);
    return size.flop() <= most_flop && work < .25 * settings.peak<Real>() * settings.seconds;
  }

  std::string name_;
  AnyActivation activation_;
  Loops loops_;
};

void add_families() {
  const std::vector<std::size_t> dims{1, 2, 3, 10, 32, 100, 300, 1000, 3000};
  for (const char* const activation : {"relu", "tanh"}) {
    Families<float>(activation).grow(dims);
    Families<double>(activation).grow(dims);
  }
  Families<float>("relu", Loops::arranged).grow({1, 2});
  Families<double>("relu", Loops::arranged).grow({1, 2});
  for (int threads = 1; threads <= settings.threads; threads *= 2)
    Families<float>("relu").one("threads", threads, {100000, 4096, 10});
  for (const char* const activation :
       {"relu:.1", "abs", "leaky-relu", "sigmoid", "erf", "softplus", "silu", "gelu", "square"}) {
    Families<float>(activation).one("threads", settings.threads, {100000, 1024, 10});
  }
}

/// Takes the options that are ours out of the arguments.
void read_settings(int& argc, char** argv) {
  int kept = 1;
  for (int i = 1; i < argc; ++i) {
    const bool has_value = i + 1 < argc;
    if (has_value && std::strcmp(argv[i], "--threads") == 0) {
      settings.threads = std::atoi(argv[++i]);
    } else if (has_value && std::strcmp(argv[i], "--seconds") == 0) {
      settings.seconds = std::atof(argv[++i]);
    } else {
      argv[kept++] = argv[i];
    }
  }
  argc = kept;
  settings.threads = cpu::thread_count(settings.threads);
  settings.float_peak = fma_peak<float>(settings.threads);
  settings.double_peak = fma_peak<double>(settings.threads);
}

std::string giga(double rate) { return std::to_string(std::lround(rate * 1e-9)); }

}  // namespace

int run(int argc, char** argv) {
  prefer_best_gemm(argv);
  benchmark::Initialize(&argc, argv);
  read_settings(argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::AddCustomContext("back_end", CpuBackend<float>(settings.threads).describe());
  benchmark::AddCustomContext("fma_peak_gflops_float", giga(settings.float_peak));
  benchmark::AddCustomContext("fma_peak_gflops_double", giga(settings.double_peak));
  benchmark::AddCustomContext("gemm", describe_gemm());
  add_families();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace mckean::bench

int main(int argc, char** argv) {
  try {
    return mckean::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "bench_sampled_field: " << error.what() << '\n';
    return 2;
  }
}
