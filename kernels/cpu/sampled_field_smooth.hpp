// Loops of the sampled field for any activation: value and derivative are taken once per pair and
// pass from products that are never stored beyond a block.
#pragma once

#include "kernels/cpu/sampled_field_product.hpp"
#include "mckean/custom_activation.hpp"
#include "mckean/formula/activation.hpp"

namespace mckean::cpu::MCKEAN_CPU_ISA {

template <class Real>
struct SmoothScratch {
  Real* packed;
  Real* products;  // sum_samples rows of a block
  double* sums;    // d rows of a block
  double* va;      // a block

  static std::size_t bytes(std::size_t d, std::size_t tile) {
    return (tile * (1 + d) + sum_samples * block_particles<Real>)*sizeof(Real) +
           (d + 1) * block_particles<Real> * sizeof(double);
  }
  MCKEAN_INLINE SmoothScratch(const SampledTile<Real>& tile, std::size_t blocks)
      : packed(static_cast<Real*>(tile.scratch)) {
    products = packed + blocks * block_particles<Real> * (1 + tile.d);
    sums = reinterpret_cast<double*>(products + sum_samples * block_particles<Real>);
    va = sums + tile.d * block_particles<Real>;
  }
};

/// z[i][j] = b_j . x_i for a block of particles.
template <class Real>
MCKEAN_INLINE void block_products(const Real* packed, const Real* x, std::size_t d,
                                  std::size_t samples, Real* z) {
  using Vec = Simd<Real>;
  constexpr std::size_t S = product_samples;
  constexpr int V = product_vectors;
  const auto take = [&]<int Count>(std::size_t i) __attribute__((always_inline)) {
    for (int first = 0; first < block_vectors; first += V) {
      typename Vec::Vector part[Count][V];
      const Real* b = packed + block_particles<Real> + first * Vec::lanes;
      mckean::cpu::MCKEAN_CPU_ISA::products<Real, Count, V>(b, x + i * d, d, Real(0), part);
#pragma GCC unroll 8
      for (int s = 0; s < Count; ++s) {
#pragma GCC unroll 8
        for (int v = 0; v < V; ++v) {
          Vec::store(z + (i + static_cast<std::size_t>(s)) * block_particles<Real> +
                         static_cast<std::size_t>(first + v) * Vec::lanes,
                     part[s][v]);
        }
      }
    }
  };
  std::size_t i = 0;
  for (; i + S <= samples; i += S) take.template operator()<product_samples>(i);
  for (; i < samples; ++i) take.template operator()<1>(i);
}

/// z <- sigma(z) of one row of a block.
template <class Real, class A>
MCKEAN_INLINE void take_values(const A& sigma, Real* z) {
  for (std::size_t j = 0; j < block_particles<Real>; ++j) z[j] = sigma.value(z[j]);
}
template <class Real>
MCKEAN_INLINE void take_values(const CustomActivation& own, Real* z) {
  own.loops<Real>().values(own.functor, z, block_particles<Real>, z);
}
/// sum += error sigma(z), z <- error sigma'(z) of one row of a block.
template <class Real, class A>
MCKEAN_INLINE void take_gradients(const A& sigma, Real error, Real* z, Real* sum) {
  for (std::size_t j = 0; j < block_particles<Real>; ++j) {
    sum[j] += error * sigma.value(z[j]);
    z[j] = error * sigma.derivative(z[j]);
  }
}
template <class Real>
MCKEAN_INLINE void take_gradients(const CustomActivation& own, Real error, Real* z, Real* sum) {
  alignas(vector_bytes) Real value[block_particles<Real>];
  own.loops<Real>().both(own.functor, z, block_particles<Real>, value, z);
  for (std::size_t j = 0; j < block_particles<Real>; ++j) {
    sum[j] += error * value[j];
    z[j] *= error;
  }
}

template <class Real, class A>
void smooth_forward(const void* activation, const SampledTile<Real>& tile, double* f) {
  using Vec = Simd<Real>;
  constexpr std::size_t block = block_particles<Real>;
  const A sigma = *static_cast<const A*>(activation);
  const std::size_t blocks = block_count(tile);
  const SmoothScratch<Real> scratch(tile, blocks);
  pack_tile(tile, scratch.packed);
  for (std::size_t i = 0; i < tile.samples; i += sum_samples) {
    const std::size_t count = tile.samples - i < sum_samples ? tile.samples - i : sum_samples;
    const Real* packed = scratch.packed;
    for (std::size_t n = 0; n < blocks; ++n, packed += (1 + tile.d) * block) {
      block_products(packed, tile.x + i * tile.d, tile.d, count, scratch.products);
      for (std::size_t s = 0; s < count; ++s) {
        Real* z = scratch.products + s * block;
        take_values(sigma, z);
        typename Vec::Vector sum{};
#pragma GCC unroll 8
        for (int v = 0; v < block_vectors; ++v) {
          sum += Vec::load(packed + v * Vec::lanes) * Vec::load(z + v * Vec::lanes);
        }
        f[i + s] += static_cast<double>(Vec::sum(sum));
      }
    }
  }
}

/// Rows of a block of values as coefficients.
template <class Real>
struct ValueRun {
  using Vec = Simd<Real>;
  const Real* values;
  MCKEAN_INLINE typename Vec::Vector load(int v, std::size_t s) const {
    return Vec::load(values + s * block_particles<Real> + static_cast<std::size_t>(v) * Vec::lanes);
  }
  MCKEAN_INLINE typename Vec::Vector add(typename Vec::Vector c, typename Vec::Vector value,
                                         typename Vec::Vector sum) const {
    return sum + c * value;
  }
};

template <class Real>
struct Values {
  const Real* values;
  template <int V>
  MCKEAN_INLINE ValueRun<Real> run(std::size_t sample) const {
    return {values + sample * block_particles<Real>};
  }
  MCKEAN_INLINE Values from(std::size_t sample) const {
    return {values + sample * block_particles<Real>};
  }
  MCKEAN_INLINE Values operator()(int v) const {
    return {values + static_cast<std::size_t>(v) * Simd<Real>::lanes};
  }
};

template <class Real, class A>
void smooth_backward(const void* activation, const SampledTile<Real>& tile, double* v,
                     std::size_t stride) {
  constexpr std::size_t block = block_particles<Real>;
  const A sigma = *static_cast<const A*>(activation);
  const SmoothScratch<Real> scratch(tile, block_count(tile));
  pack_tile(tile, scratch.packed);
  const Real* packed = scratch.packed;
  for (std::size_t first = tile.begin; first < tile.end; first += block) {
    for (std::size_t i = 0; i < tile.d * block; ++i) scratch.sums[i] = 0;
    for (std::size_t j = 0; j < block; ++j) scratch.va[j] = 0;
    for (std::size_t i = 0; i < tile.samples; i += sum_samples) {
      const std::size_t count = tile.samples - i < sum_samples ? tile.samples - i : sum_samples;
      block_products(packed, tile.x + i * tile.d, tile.d, count, scratch.products);
      alignas(vector_bytes) Real sum[block] = {};
      for (std::size_t s = 0; s < count; ++s) {
        Real* z = scratch.products + s * block;
        take_gradients(sigma, static_cast<Real>(tile.error[i + s]), z, sum);
      }
      for (std::size_t j = 0; j < block; ++j) scratch.va[j] += static_cast<double>(sum[j]);
      accumulate_components<Real>(Values<Real>{scratch.products}, tile.x + i * tile.d, tile.d,
                                  tile.d, count, scratch.sums);
    }
    add_velocity(tile, first, scratch.va, scratch.sums, v, stride);
    packed += (1 + tile.d) * block;
  }
}

/// The loops for `activation`, which must outlive them.
template <class Real, class A>
SampledLoops<Real> smooth_loops(const A& activation) {
  return {&activation,
          block_particles<Real>,
          0,
          &SmoothScratch<Real>::bytes,
          &smooth_forward<Real, A>,
          &smooth_backward<Real, A>};
}

}  // namespace mckean::cpu::MCKEAN_CPU_ISA
