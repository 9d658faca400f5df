// Loops of the sampled field for any activation: value and derivative are taken once per pair and
// pass from products that are never stored beyond a block.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/sampled_field_smooth.cpp"
#include "hwy/foreach_target.h"  // before highway.h
#include "hwy/highway.h"

#include "kernels/cpu/dispatch.hpp"
#include "kernels/cpu/sampled_field_product.hpp"
#include "kernels/cpu/sampled_loops.hpp"

HWY_BEFORE_NAMESPACE();
namespace mckean::cpu::HWY_NAMESPACE {

/// Samples whose products are handed to the activation at once, while they are in the first cache.
template <class Real>
constexpr std::size_t sample_run = 1024 / block_particles<Real>;

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
  const auto take = [&]<int Count>(std::size_t i) HWY_ATTR __attribute__((always_inline)) {
    for (int first = 0; first < block_vectors; first += V) {
      typename Vec::Vector part[Count][V];
      const Real* b = packed + block_particles<Real> + first * Vec::lanes;
      mckean::cpu::HWY_NAMESPACE::products<Real, Count, V>(b, x + i * d, d, Real(0), part);
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

template <class Real>
void smooth_forward(const void* activation, const SampledTile<Real>& tile, double* f) {
  using Vec = Simd<Real>;
  constexpr std::size_t block = block_particles<Real>;
  const auto& sigma = *static_cast<const ActivationArrays<Real>*>(activation);
  const std::size_t blocks = block_count(tile);
  const SmoothScratch<Real> scratch(tile, blocks);
  pack_tile(tile, scratch.packed);
  for (std::size_t i = 0; i < tile.samples; i += sum_samples) {
    const std::size_t count = tile.samples - i < sum_samples ? tile.samples - i : sum_samples;
    const Real* packed = scratch.packed;
    for (std::size_t n = 0; n < blocks; ++n, packed += (1 + tile.d) * block) {
      for (std::size_t s = 0; s < count; ++s) {
        Real* const z = scratch.products + s % sample_run<Real> * block;
        if (s % sample_run<Real> == 0) {
          const std::size_t run = count - s < sample_run<Real> ? count - s : sample_run<Real>;
          block_products(packed, tile.x + (i + s) * tile.d, tile.d, run, z);
          sigma.values(sigma.activation, z, run * block);
        }
        typename Vec::Vector sum = hn::Zero(typename Vec::Tag());
#pragma GCC unroll 8
        for (int v = 0; v < block_vectors; ++v) {
          sum = hn::MulAdd(Vec::load(packed + v * Vec::lanes), Vec::load(z + v * Vec::lanes), sum);
        }
        f[i + s] += static_cast<double>(Vec::sum(sum));
      }
    }
  }
}

template <class Real>
void smooth_backward(const void* activation, const SampledTile<Real>& tile, double* v,
                     std::size_t stride) {
  constexpr std::size_t block = block_particles<Real>;
  const auto& sigma = *static_cast<const ActivationArrays<Real>*>(activation);
  const SmoothScratch<Real> scratch(tile, block_count(tile));
  pack_tile(tile, scratch.packed);
  const Real* packed = scratch.packed;
  for (std::size_t first = tile.begin; first < tile.end; first += block) {
    for (std::size_t i = 0; i < tile.d * block; ++i) scratch.sums[i] = 0;
    for (std::size_t j = 0; j < block; ++j) scratch.va[j] = 0;
    for (std::size_t i = 0; i < tile.samples; i += sum_samples) {
      const std::size_t count = tile.samples - i < sum_samples ? tile.samples - i : sum_samples;
      alignas(64) Real sum[block] = {};
      for (std::size_t s = 0; s < count; s += sample_run<Real>) {
        const std::size_t run = count - s < sample_run<Real> ? count - s : sample_run<Real>;
        Real* const z = scratch.products + s * block;
        block_products(packed, tile.x + (i + s) * tile.d, tile.d, run, z);
        sigma.weigh(sigma.activation, tile.error + i + s, run, block, z, sum);
      }
      for (std::size_t j = 0; j < block; ++j) scratch.va[j] += static_cast<double>(sum[j]);
      accumulate_components<Real>(scratch.products, tile.x + i * tile.d, tile.d, count,
                                  scratch.sums);
    }
    add_velocity(tile, first, scratch.va, scratch.sums, v, stride);
    packed += (1 + tile.d) * block;
  }
}

template <class Real>
SampledLoops<Real> smooth_loops(const ActivationArrays<Real>& sigma) {
  SampledLoops<Real> loops;
  loops.activation = &sigma;
  loops.block = block_particles<Real>;
  loops.scratch_bytes = &SmoothScratch<Real>::bytes;
  loops.forward = &smooth_forward<Real>;
  loops.backward = &smooth_backward<Real>;
  return loops;
}

}  // namespace mckean::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mckean::cpu {

template <>
SampledLoops<float> smooth_loops(const ActivationArrays<float>& sigma) {
  return MCKEAN_FOR_TARGET(smooth_loops<float>)(sigma);
}
template <>
SampledLoops<double> smooth_loops(const ActivationArrays<double>& sigma) {
  return MCKEAN_FOR_TARGET(smooth_loops<double>)(sigma);
}

}  // namespace mckean::cpu
#endif
