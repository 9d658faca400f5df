// How the time of a method grows, in each size alone and in both, for both instances of clouds.hpp.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "clouds.hpp"
#include "host/transport/certificate/transport_bracket.hpp"

namespace mckean::bench {

/// Measurements of one method between m points in dimension d and M others. Each family has an
/// instance of its own, since a fit is that of a family: NAME/gaussian/m/SIZE and so on, or
/// /mixture/, where m, M or both (m=M) grow.
class Growth {
 public:
  using Sizes = std::vector<std::int64_t>;
  /// Solves one problem, and may leave counters.
  using Solve =
      std::function<void(const DiscreteMeasure& a, const DiscreteMeasure& b, benchmark::State&)>;

  Growth(std::string name, std::size_t d, Solve solve)
      : name_(std::move(name)), d_(d), solve_(std::move(solve)) {}

  /// What to fit, instead of the best of all.
  Growth order(benchmark::BigO order) const {
    Growth result = *this;
    result.order_ = order;
    return result;
  }
  /// For what takes so long that one run says enough.
  Growth once() const {
    Growth result = *this;
    result.once_ = true;
    return result;
  }
  Growth weighted() const {
    Growth result = *this;
    result.weighted_ = true;
    return result;
  }

  const Growth& in_m(const Sizes& m, std::int64_t atoms) const {
    return add("m", m, [atoms](std::int64_t size) { return std::pair(size, atoms); });
  }
  const Growth& in_atoms(const Sizes& atoms, std::int64_t m) const {
    return add("M", atoms, [m](std::int64_t size) { return std::pair(m, size); });
  }
  /// M = m - `less`.
  const Growth& in_both(const Sizes& m, std::int64_t less = 0) const {
    return add("m=M", m, [less](std::int64_t size) { return std::pair(size, size - less); });
  }

 private:
  template <class SizesOf>
  const Growth& add(const char* grows, const Sizes& sizes, const SizesOf& sizes_of) const {
    for (const Instance instance : {Instance::gaussian, Instance::mixture}) {
      const std::string name =
          name_ + (instance == Instance::mixture ? "/mixture/" : "/gaussian/") + grows;
      auto* family = benchmark::RegisterBenchmark(
          name.c_str(), [growth = *this, instance, sizes_of](benchmark::State& run) {
            const auto [m, atoms] = sizes_of(run.range(0));
            const auto a = growth.cloud(m, Instance::gaussian, 1);
            const auto b = growth.cloud(atoms, instance, 2);
            for (auto _ : run) growth.solve_(a, b, run);
            run.SetComplexityN(run.range(0));
          });
      for (const std::int64_t size : sizes) family->Arg(size);
      family->UseRealTime()->Unit(benchmark::kMillisecond);
      if (once_) {
        family->Iterations(1);
      } else {
        family->MinTime(.1);
      }
      family->Complexity(order_);
    }
    return *this;
  }

  DiscreteMeasure cloud(std::int64_t size, Instance instance, unsigned seed) const {
    const auto n = static_cast<std::size_t>(size);
    DiscreteMeasure points =
        instance == Instance::mixture ? mixture_cloud(n, d_, seed) : gaussian_cloud(n, d_, seed);
    return weighted_ ? with_weights(std::move(points), seed) : points;
  }

  std::string name_;
  std::size_t d_;
  Solve solve_;
  benchmark::BigO order_ = benchmark::oAuto;
  bool once_ = false;
  bool weighted_ = false;
};

inline void count(benchmark::State& run, const TransportBracket& bracket) {
  run.counters["w2"] = bracket.upper;
  run.counters["gap"] = bracket.gap();
  run.counters["iterations"] = static_cast<double>(bracket.iterations);
}

}  // namespace mckean::bench
