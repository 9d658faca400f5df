// The two products that the loops of the sampled field are made of, blocked in registers.
// Included again for each target.
#if defined(MCKEAN_CPU_SAMPLED_FIELD_PRODUCT_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef MCKEAN_CPU_SAMPLED_FIELD_PRODUCT_HPP
#undef MCKEAN_CPU_SAMPLED_FIELD_PRODUCT_HPP
#else
#define MCKEAN_CPU_SAMPLED_FIELD_PRODUCT_HPP
#endif

#include "kernels/cpu/sampled_field_run.hpp"
#include "kernels/cpu/simd.hpp"

HWY_BEFORE_NAMESPACE();
namespace mckean::cpu::HWY_NAMESPACE {

/// A block of particles is four vectors; packed, it is 1 + d rows of that many values: a, then b.
constexpr int block_vectors = 4;
template <class Real>
constexpr std::size_t block_particles = block_vectors* Simd<Real>::lanes;

/// Vectors of particles and samples that `products` takes at once.
constexpr int product_vectors = vector_registers == 32 ? 4 : 2;
constexpr int product_samples = 4;

/// Components that `accumulate` takes at once, at most; few components leave room for more vectors.
constexpr int panel_components = vector_registers == 32 ? 12 : 6;
template <int K>
constexpr int panel_vectors = 2 * K <= panel_components ? 4 : 2;

template <class Real>
MCKEAN_INLINE std::size_t block_count(const SampledTile<Real>& tile) {
  return (tile.end - tile.begin + block_particles<Real> - 1) / block_particles<Real>;
}

/// The particles of a tile in Real, block by block; particles past the end are zero.
template <class Real>
MCKEAN_INLINE void pack_tile(const SampledTile<Real>& tile, Real* packed) {
  constexpr std::size_t block = block_particles<Real>;
  for (std::size_t first = tile.begin; first < tile.end; first += block) {
    const std::size_t count = tile.end - first < block ? tile.end - first : block;
    for (std::size_t plane = 0; plane <= tile.d; ++plane, packed += block) {
      const double* from = tile.w + plane * tile.m + first;
      if (count == block) {
        for (std::size_t j = 0; j < block; ++j) packed[j] = static_cast<Real>(from[j]);
      } else {
        for (std::size_t j = 0; j < count; ++j) packed[j] = static_cast<Real>(from[j]);
        for (std::size_t j = count; j < block; ++j) packed[j] = Real(0);
      }
    }
  }
}

/// z[s][v] = start + b_j . x_s for vectors of particles of a block, `b` pointing at the first of
/// them in the row of component 0.
template <class Real, int S, int V>
MCKEAN_INLINE void products(const Real* b, const Real* x, std::size_t d, Real start,
                            typename Simd<Real>::Vector (&z)[S][V]) {
  using Vec = Simd<Real>;
#pragma GCC unroll 8
  for (int s = 0; s < S; ++s) {
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) z[s][v] = Vec::fill(start);
  }
  for (std::size_t k = 0; k < d; ++k, b += block_particles<Real>) {
    typename Vec::Vector row[V];
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) row[v] = Vec::load(b + v * Vec::lanes);
#pragma GCC unroll 8
    for (int s = 0; s < S; ++s) {
      const typename Vec::Vector value = Vec::fill(x[static_cast<std::size_t>(s) * d + k]);
#pragma GCC unroll 8
      for (int v = 0; v < V; ++v) z[s][v] = hn::MulAdd(row[v], value, z[s][v]);
    }
  }
}

/// sums[k][j] += sum over samples of values[s][j] rows[s][k], k < K, for V vectors of particles;
/// sums in Real over these samples, rows of `values` and `sums` a block apart.
template <class Real, int V, int K>
MCKEAN_INLINE void accumulate(const Real* values, const Real* rows, std::size_t stride,
                              std::size_t samples, double* sums) {
  using Vec = Simd<Real>;
  typename Vec::Vector sum[V][K];
#pragma GCC unroll 8
  for (int v = 0; v < V; ++v) {
#pragma GCC unroll 16
    for (int k = 0; k < K; ++k) sum[v][k] = hn::Zero(typename Vec::Tag());
  }
  for (std::size_t s = 0; s < samples; ++s, rows += stride, values += block_particles<Real>) {
    typename Vec::Vector value[V];
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) value[v] = Vec::load(values + v * Vec::lanes);
#pragma GCC unroll 16
    for (int k = 0; k < K; ++k) {
      const typename Vec::Vector component = Vec::fill(rows[k]);
#pragma GCC unroll 8
      for (int v = 0; v < V; ++v) sum[v][k] = hn::MulAdd(value[v], component, sum[v][k]);
    }
  }
#pragma GCC unroll 16
  for (int k = 0; k < K; ++k) {
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) {
      Vec::add_to(sums + static_cast<std::size_t>(k) * block_particles<Real> +
                      static_cast<std::size_t>(v) * Vec::lanes,
                  sum[v][k]);
    }
  }
}

/// All vectors of a block, K components.
template <class Real, int K>
HWY_NOINLINE void accumulate_panel(const Real* values, const Real* rows, std::size_t stride,
                                   std::size_t samples, double* sums) {
  constexpr int V = panel_vectors<K>;
  for (std::size_t v = 0; v < block_particles<Real>; v += V * Simd<Real>::lanes) {
    accumulate<Real, V, K>(values + v, rows, stride, samples, sums + v);
  }
}

/// sums[k][j] += sum over at most sum_samples samples of values[s][j] rows[s][k] for all
/// components, in panels as even as can be.
template <class Real, int K = panel_components>
MCKEAN_INLINE void accumulate_components(const Real* values, const Real* rows,
                                         std::size_t components, std::size_t samples,
                                         double* sums) {
  if constexpr (K > 0) {
    constexpr std::size_t limit = panel_components;
    const std::size_t stride = components;
    const std::size_t panels = (components + limit - 1) / limit;
    const std::size_t wide = (components + panels - 1) / panels;
    if (wide != static_cast<std::size_t>(K)) {
      return accumulate_components<Real, K - 1>(values, rows, components, samples, sums);
    }
    const std::size_t wide_panels = components - panels * (wide - 1);
    for (std::size_t p = 0; p < panels; ++p) {
      if (p < wide_panels) {
        accumulate_panel<Real, K>(values, rows, stride, samples, sums);
      } else if constexpr (K > 1) {
        accumulate_panel<Real, K - 1>(values, rows, stride, samples, sums);
      }
      const std::size_t done = p < wide_panels ? wide : wide - 1;
      rows += done;
      sums += done * block_particles<Real>;
    }
  }
}

/// Adds factor (va_j, a_j g_j) to the velocities of the particles of one block; va: one value a
/// particle.
template <class Real>
MCKEAN_INLINE void add_velocity(const SampledTile<Real>& tile, std::size_t first, const double* va,
                                const double* g, double* v, std::size_t stride) {
  constexpr std::size_t block = block_particles<Real>;
  const std::size_t count = tile.end - first < block ? tile.end - first : block;
  double* to = v + (first - tile.begin);
  for (std::size_t j = 0; j < count; ++j) to[j] += tile.factor * va[j];
  for (std::size_t k = 0; k < tile.d; ++k) {
    to += stride;
    for (std::size_t j = 0; j < count; ++j) {
      to[j] += tile.factor * tile.w[first + j] * g[k * block + j];
    }
  }
}

}  // namespace mckean::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
