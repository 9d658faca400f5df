// Chains of multiply-adds for every target. On the baseline of x86-64, which has none, a
// multiplication and an addition each.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bench/machine/fma_peak.cpp"
#include "hwy/foreach_target.h"  // before highway.h
#include "hwy/highway.h"

#include "kernels/cpu/dispatch.hpp"
#include "kernels/cpu/simd.hpp"

HWY_BEFORE_NAMESPACE();
namespace mckean::cpu::HWY_NAMESPACE {

/// Two units with a latency of up to 6 cycles are busy with 12 chains, and four with up to 6 with
/// 24; all of them and two factors are in registers.
constexpr std::size_t chains = vector_registers == 32 ? 24 : 12;

/// `rounds` of one multiply-add in each chain; the flop.
template <class Real>
double multiply_add_chains(std::size_t rounds) {
  using Vec = Simd<Real>;
  // The compiler doesn't know these.
  volatile Real factor = Real(.5), summand = Real(1);
  const typename Vec::Vector x = Vec::fill(factor), y = Vec::fill(summand);
  typename Vec::Vector sum[chains];
#pragma GCC unroll 32
  for (std::size_t c = 0; c < chains; ++c) sum[c] = Vec::fill(static_cast<Real>(c));
  for (std::size_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 32
    for (std::size_t c = 0; c < chains; ++c) sum[c] = hn::MulAdd(sum[c], x, y);
  }
  typename Vec::Vector total = sum[0];
#pragma GCC unroll 32
  for (std::size_t c = 1; c < chains; ++c) total = hn::Add(total, sum[c]);
  volatile Real kept = Vec::sum(total);
  static_cast<void>(kept);
  return 2. * static_cast<double>(chains * rounds) * Vec::lanes;
}

}  // namespace mckean::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <algorithm>
#include <atomic>
#include <chrono>

#include "bench/machine/fma_peak.hpp"
#include "kernels/cpu/thread_pool.hpp"

namespace mckean::cpu {
namespace {

using Chains = double(std::size_t);

/// The best run of each thread while all of them run, added up.
double peak(Chains* chains_in_use, int threads) {
  using Clock = std::chrono::steady_clock;
  constexpr std::size_t rounds = 100000;  // about a millisecond
  constexpr int runs = 100;
  struct Measurement {
    Chains* chains_in_use;
    std::atomic<double> sum{0};
  } measurement{chains_in_use, {}};
  on_threads(threads, {[](const void* data, int) {
                         auto& all = *static_cast<Measurement*>(const_cast<void*>(data));
                         double best = 0;
                         for (int run = 0; run < runs; ++run) {
                           const auto begin = Clock::now();
                           const double flop = all.chains_in_use(rounds);
                           const std::chrono::duration<double> seconds = Clock::now() - begin;
                           best = std::max(best, flop / seconds.count());
                         }
                         all.sum += best;
                       },
                       &measurement});
  return measurement.sum;
}

}  // namespace
}  // namespace mckean::cpu

template <>
double mckean::bench::fma_peak<float>(int threads) {
  using namespace mckean::cpu;
  return peak(MCKEAN_FOR_TARGET(multiply_add_chains<float>), threads);
}
template <>
double mckean::bench::fma_peak<double>(int threads) {
  using namespace mckean::cpu;
  return peak(MCKEAN_FOR_TARGET(multiply_add_chains<double>), threads);
}
#endif
