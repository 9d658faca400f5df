// Loops and sums over fixed tiles in fixed order: which thread runs a tile never shows in the
// result.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <utility>
#include <vector>

#include "kernels/cpu/thread_pool.hpp"
#include "mckean/interruption.hpp"

namespace mckean::cpu {

/// Ends a loop on several threads: they ask whether to leave out the rest, and what left something
/// out ends by throwing after the loop. That is so
/// where an interruption was asked for, or where the limit of the thread that made this is over.
/// Made inside a loop of the caller's, it never asks for that.
class EarlyEnd {
 public:
  bool asked() {
    if (!may_throw_) return false;
    if ((held_ || !interruption_requested()) && (limit_ == nullptr || !limit_->over()))
      return false;
    left_out_.store(true, std::memory_order_relaxed);
    return true;
  }
  void check() const {
    if (may_throw_) check_interruption();
    if (left_out_.load(std::memory_order_relaxed)) throw Interrupted();
  }

 private:
  const bool may_throw_ = !in_parallel();
  const bool held_ = detail::interruptions_held > 0;
  const TimeLimit* const limit_ = TimeLimit::of_thread();
  std::atomic<bool> left_out_{false};
};

/// Particles per tile where a tile keeps one value a particle, and elements per tile of flat
/// arrays.
constexpr std::size_t particle_tile = 512;
constexpr std::size_t element_tile = 4096;

/// body(begin, end) for every tile of {0..count-1}.
template <class Body>
void for_each_tile(std::size_t count, std::size_t tile, int threads, const Body& body) {
  for_each_index((count + tile - 1) / tile, threads, [&](std::size_t t, std::size_t) {
    body(t * tile, std::min(t * tile + tile, count));
  });
}

/// for_each_tile for work that may last: throws Interrupted within about a tile of a request. A
/// body that lasts itself asks `early` on its way and returns.
template <class Body>
void for_each_long_tile(std::size_t count, std::size_t tile, int threads, const Body& body) {
  EarlyEnd early;
  for_each_tile(count, tile, threads, [&](std::size_t begin, std::size_t end) {
    if (!early.asked()) body(begin, end, early);
  });
  early.check();
}

/// term(begin) + ... + term(end - 1) in eight interleaved partial sums, kept in four registers of
/// the compiler's own vectors: terms are a caller's functions, compiled for any processor, and a
/// plain array of sums would stay scalar (GCC 12: 3.4 times the instructions).
template <class Term>
double sum_terms(std::size_t begin, std::size_t end, const Term& term) {
  using Pair = double __attribute__((vector_size(16)));
  Pair p{}, q{}, r{}, s{};
  std::size_t i = begin;
  for (; i + 8 <= end; i += 8) {
    p += Pair{term(i), term(i + 1)};
    q += Pair{term(i + 2), term(i + 3)};
    r += Pair{term(i + 4), term(i + 5)};
    s += Pair{term(i + 6), term(i + 7)};
  }
  double rest = 0;
  for (; i < end; ++i) rest += term(i);
  const Pair sum = (p + q) + (r + s);
  return sum[0] + sum[1] + rest;
}

/// The sum of all, neighbours first.
template <std::size_t K>
std::array<double, K> add_pairwise(std::vector<std::array<double, K>> partial) {
  const std::size_t tiles = partial.size();
  for (std::size_t stride = 1; stride < tiles; stride *= 2) {
    for (std::size_t t = 0; t + stride < tiles; t += 2 * stride) {
      for (std::size_t k = 0; k < K; ++k) partial[t][k] += partial[t + stride][k];
    }
  }
  return partial[0];
}

/// Sums of K values over tiles, body(begin, end) giving those of one tile; tiles are added
/// pairwise.
template <std::size_t K, class Body>
std::array<double, K> sum_tiles(std::size_t count, std::size_t tile, int threads,
                                const Body& body) {
  std::vector<std::array<double, K>> partial(std::max<std::size_t>((count + tile - 1) / tile, 1));
  for_each_tile(count, tile, threads, [&](std::size_t begin, std::size_t end) {
    partial[begin / tile] = body(begin, end);
  });
  return add_pairwise(std::move(partial));
}
/// The same for work that may last, as in for_each_long_tile.
template <std::size_t K, class Body>
std::array<double, K> sum_long_tiles(std::size_t count, std::size_t tile, int threads,
                                     const Body& body) {
  std::vector<std::array<double, K>> partial(std::max<std::size_t>((count + tile - 1) / tile, 1));
  for_each_long_tile(count, tile, threads,
                     [&](std::size_t begin, std::size_t end, EarlyEnd& early) {
                       partial[begin / tile] = body(begin, end, early);
                     });
  return add_pairwise(std::move(partial));
}

/// sum of term(i) over {0..count-1}; relative to sum |term| its rounding error is below gamma_k
/// with k = element_tile/8 + 5 + log2(tiles).
template <class Term>
double sum_elements(std::size_t count, int threads, const Term& term) {
  return sum_tiles<1>(count, element_tile, threads, [&](std::size_t begin, std::size_t end) {
    return std::array<double, 1>{sum_terms(begin, end, term)};
  })[0];
}

/// The same for many elements or long terms, as in for_each_long_tile.
template <class Term>
double sum_long_elements(std::size_t count, int threads, const Term& term) {
  return sum_long_tiles<1>(count, element_tile, threads,
                           [&](std::size_t begin, std::size_t end, EarlyEnd&) {
                             return std::array<double, 1>{sum_terms(begin, end, term)};
                           })[0];
}

/// Particles begin..end-1 of arrays of d planes of m values.
struct PlaneTile {
  std::size_t m, d, begin, end;
};

/// left[j] . right[j] for the particles of a tile.
inline void dot_planes(const double* left, const double* right, const PlaneTile& tile,
                       double* result) {
  const std::size_t count = tile.end - tile.begin;
  std::fill(result, result + count, 0.0);
  for (std::size_t k = 0; k < tile.d; ++k) {
    const double* l = left + k * tile.m + tile.begin;
    const double* r = right + k * tile.m + tile.begin;
    for (std::size_t j = 0; j < count; ++j) result[j] += l[j] * r[j];
  }
}

}  // namespace mckean::cpu
