// Loops and sums over fixed tiles in fixed order: which thread runs a tile never shows in the
// result.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace mckean::cpu {

/// Particles per tile where a tile keeps one value a particle, and elements per tile of flat
/// arrays.
constexpr std::size_t particle_tile = 512;
constexpr std::size_t element_tile = 4096;

/// body(begin, end) for every tile of {0..count-1}.
template <class Body>
void for_each_tile(std::size_t count, std::size_t tile, int threads, const Body& body) {
  const auto tiles = static_cast<std::int64_t>((count + tile - 1) / tile);
#pragma omp parallel for schedule(static) num_threads(threads) if (tiles > 1)
  for (std::int64_t t = 0; t < tiles; ++t) {
    const std::size_t begin = static_cast<std::size_t>(t) * tile;
    body(begin, std::min(begin + tile, count));
  }
}

/// term(begin) + ... + term(end - 1) in eight interleaved partial sums, kept in four vector
/// registers.
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

/// Sums of K values over tiles, body(begin, end) giving those of one tile; tiles are added
/// pairwise.
template <std::size_t K, class Body>
std::array<double, K> sum_tiles(std::size_t count, std::size_t tile, int threads,
                                const Body& body) {
  const std::size_t tiles = (count + tile - 1) / tile;
  std::vector<std::array<double, K>> partial(std::max<std::size_t>(tiles, 1));
  for_each_tile(count, tile, threads, [&](std::size_t begin, std::size_t end) {
    partial[begin / tile] = body(begin, end);
  });
  for (std::size_t stride = 1; stride < tiles; stride *= 2) {
    for (std::size_t t = 0; t + stride < tiles; t += 2 * stride) {
      for (std::size_t k = 0; k < K; ++k) partial[t][k] += partial[t + stride][k];
    }
  }
  return partial[0];
}

/// sum of term(i) over {0..count-1}; relative to sum |term| its rounding error is below gamma_k
/// with k = element_tile/8 + 5 + log2(tiles).
template <class Term>
double sum_elements(std::size_t count, int threads, const Term& term) {
  return sum_tiles<1>(count, element_tile, threads, [&](std::size_t begin, std::size_t end) {
    return std::array<double, 1>{sum_terms(begin, end, term)};
  })[0];
}

/// left[j] . right[j] over the d planes of m values, for the particles of a tile.
inline void dot_planes(const double* left, const double* right, std::size_t m, std::size_t d,
                       std::size_t begin, std::size_t end, double* result) {
  const std::size_t count = end - begin;
  std::fill(result, result + count, 0.0);
  for (std::size_t k = 0; k < d; ++k) {
    const double* l = left + k * m + begin;
    const double* r = right + k * m + begin;
#pragma omp simd
    for (std::size_t j = 0; j < count; ++j) result[j] += l[j] * r[j];
  }
}

}  // namespace mckean::cpu
