// Loops of the sampled field for piecewise linear activations: the backward pass is a product with
// the 0/1 mask of z + offset > 0 that the forward pass leaves behind as bits.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/sampled_field_masked.cpp"
#include "hwy/foreach_target.h"  // before highway.h
#include "hwy/highway.h"

#include "kernels/cpu/dispatch.hpp"
#include "kernels/cpu/sampled_field_product.hpp"
#include "kernels/cpu/sampled_loops.hpp"

HWY_BEFORE_NAMESPACE();
namespace mckean::cpu::HWY_NAMESPACE {

template <class Real>
struct MaskedScratch {
  Real* packed;
  double* sums;  // d + 1 rows of a block
  double* va;    // a block

  static std::size_t bytes(std::size_t d, std::size_t tile) {
    return tile * (1 + d) * sizeof(Real) + (d + 2) * block_particles<Real> * sizeof(double);
  }
  MCKEAN_INLINE explicit MaskedScratch(const SampledTile<Real>& tile, std::size_t blocks)
      : packed(static_cast<Real*>(tile.scratch)) {
    sums = reinterpret_cast<double*>(packed + blocks * block_particles<Real> * (1 + tile.d));
    va = sums + (tile.d + 1) * block_particles<Real>;
  }
};

/// What `forward_block` knows of the activation.
template <class Real>
struct Slopes {
  Real offset, above, below;
};

/// Adds a_j sigma(b_j . x_s) of one block to the lanes of sums[s] for S samples, and keeps the
/// signs.
template <class Real, int S, bool Flat>
MCKEAN_INLINE void forward_samples(const Slopes<Real>& slopes, const Real* block, std::size_t d,
                                   const Real* x, typename Simd<Real>::Bits* signs, Real* sums) {
  using Vec = Simd<Real>;
  constexpr int V = product_vectors;
  for (int first = 0; first < block_vectors; first += V) {
    const Real* a = block + first * Vec::lanes;
    typename Vec::Vector z[S][V];
    products<Real, S, V>(a + block_particles<Real>, x, d, slopes.offset, z);
    // Amplitudes and sums wait in memory: the products want the registers.
    asm volatile("" ::: "memory");
#pragma GCC unroll 8
    for (int s = 0; s < S; ++s) {
      typename Vec::Vector sum = Vec::load(sums + s * Vec::lanes);
#pragma GCC unroll 8
      for (int v = 0; v < V; ++v) {
        const typename Vec::Vector amplitude = Vec::load(a + v * Vec::lanes);
        const typename Vec::Mask mask = Vec::positive(z[s][v]);
        if (signs != nullptr) {
          Vec::store_bits(signs + static_cast<std::size_t>(first + v) * sign_group + s, mask);
        }
        if constexpr (Flat) {
          sum = Vec::multiply_add_where(mask, z[s][v], amplitude, sum);
        } else {
          const auto slope = hn::IfThenElse(mask, Vec::fill(slopes.above), Vec::fill(slopes.below));
          sum = hn::MulAdd(hn::Mul(slope, amplitude), z[s][v], sum);
        }
      }
      Vec::store(sums + s * Vec::lanes, sum);
    }
  }
}

/// Some samples: count x d values.
template <class Real>
struct SampleRows {
  const Real* x;
  std::size_t count, d;
};

/// Where the signs of a block go: `vectors` groups of a tile lie between two groups of samples.
template <class Real>
struct BlockSigns {
  typename Simd<Real>::Bits* first;
  std::size_t vectors;
};

/// One block and up to sum_samples samples.
template <class Real, bool Flat, bool Keep>
HWY_NOINLINE void forward_block(const Slopes<Real> slopes, const Real* block,
                                const SampleRows<Real> rows, const BlockSigns<Real> signs,
                                Real* sums) {
  constexpr std::size_t S = product_samples;
  std::size_t s = 0;
  const auto take = [&]<int Count>() HWY_ATTR __attribute__((always_inline)) {
    auto* at =
        Keep ? signs.first + s / sign_group * sign_group * signs.vectors + s % sign_group : nullptr;
    forward_samples<Real, Count, Flat>(slopes, block, rows.d, rows.x + s * rows.d, at,
                                       sums + s * Simd<Real>::lanes);
    s += Count;
  };
  while (s + S <= rows.count) take.template operator()<product_samples>();
  while (s < rows.count) take.template operator()<1>();
}

template <class Real, bool Flat, bool Keep>
void forward_all(const PiecewiseLinear& linear, const SampledTile<Real>& tile, Real* packed,
                 std::size_t blocks, double* f) {
  using Vec = Simd<Real>;
  constexpr std::size_t block = block_particles<Real>;
  const Slopes<Real> slopes{static_cast<Real>(linear.offset), static_cast<Real>(linear.above),
                            static_cast<Real>(linear.below)};
  const std::size_t vectors = blocks * block_vectors;
  auto* signs = reinterpret_cast<typename Vec::Bits*>(tile.signs);
  alignas(vector_bytes) Real sums[sum_samples * Vec::lanes];
  if (Flat && slopes.above != 1) {
    for (std::size_t n = 0; n < blocks; ++n) {
      Real* a = packed + n * (1 + tile.d) * block;
      for (std::size_t j = 0; j < block; ++j) a[j] *= slopes.above;
    }
  }
  for (std::size_t i = 0; i < tile.samples; i += sum_samples) {
    const std::size_t count = tile.samples - i < sum_samples ? tile.samples - i : sum_samples;
    for (std::size_t l = 0; l < count * Vec::lanes; ++l) sums[l] = 0;
    for (std::size_t n = 0; n < blocks; ++n) {
      forward_block<Real, Flat, Keep>(
          slopes, packed + n * (1 + tile.d) * block, {tile.x + i * tile.d, count, tile.d},
          {Keep ? signs + i * vectors + n * block_vectors * sign_group : nullptr, vectors}, sums);
    }
    for (std::size_t s = 0; s < count; ++s) {
      f[i + s] += static_cast<double>(Vec::sum(Vec::load(sums + s * Vec::lanes)));
    }
  }
}

template <class Real>
void masked_forward(const void* activation, const SampledTile<Real>& tile, double* f) {
  const auto& linear = *static_cast<const PiecewiseLinear*>(activation);
  const std::size_t blocks = block_count(tile);
  const MaskedScratch<Real> scratch(tile, blocks);
  pack_tile(tile, scratch.packed);
  const auto take = [&]<bool Flat>() HWY_ATTR {
    if (tile.signs != nullptr) {
      forward_all<Real, Flat, true>(linear, tile, scratch.packed, blocks, f);
    } else {
      forward_all<Real, Flat, false>(linear, tile, scratch.packed, blocks, f);
    }
  };
  linear.below == 0 ? take.template operator()<true>() : take.template operator()<false>();
}

/// Bits of the forward pass as coefficients: a row of the sum is added where the bit is set.
template <class Real>
struct SignRun {
  using Vec = Simd<Real>;
  const typename Vec::Bits* bits;
  MCKEAN_INLINE typename Vec::Mask load(int v, std::size_t s) const {
    return Vec::load_bits(bits + static_cast<std::size_t>(v) * sign_group + s);
  }
  MCKEAN_INLINE typename Vec::Vector add(typename Vec::Mask mask, typename Vec::Vector value,
                                         typename Vec::Vector sum) const {
    return Vec::add_where(mask, sum, value);
  }
};

template <class Real>
struct Signs {
  const typename Simd<Real>::Bits* bits;
  std::size_t vectors;  // of the tile
  /// Those of V vectors and one group of samples; the groups to come lie too far apart for the
  /// processor to foresee.
  template <int V>
  MCKEAN_INLINE SignRun<Real> run(std::size_t sample) const {
    const auto* here = bits + sample * vectors;
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) {
      __builtin_prefetch(here + 3 * sign_group * vectors +
                         static_cast<std::size_t>(v) * sign_group);
    }
    return {here};
  }
  MCKEAN_INLINE Signs from(std::size_t sample) const { return {bits + sample * vectors, vectors}; }
  MCKEAN_INLINE Signs operator()(int v) const {
    return {bits + static_cast<std::size_t>(v) * sign_group, vectors};
  }
};

template <class Real>
void masked_backward(const void* activation, const SampledTile<Real>& tile, double* v,
                     std::size_t stride) {
  constexpr std::size_t block = block_particles<Real>;
  const auto& linear = *static_cast<const PiecewiseLinear*>(activation);
  const std::size_t blocks = block_count(tile);
  const MaskedScratch<Real> scratch(tile, blocks);
  const std::size_t rows = tile.d + (linear.offset != 0 ? 1 : 0);
  Signs<Real> signs{reinterpret_cast<const typename Simd<Real>::Bits*>(tile.signs),
                    blocks * block_vectors};
  for (std::size_t first = tile.begin; first < tile.end; first += block) {
    for (std::size_t i = 0; i < rows * block; ++i) scratch.sums[i] = 0;
    accumulate_components<Real>(signs, tile.weighted, tile.d + 1, rows, tile.samples, scratch.sums);
    signs.bits += block_vectors * sign_group;

    // sum_i e_i sigma'(z_ij) (x_i, 1) = below sum_i e_i (x_i, 1) + (above - below) (masked sum).
    for (std::size_t j = 0; j < block; ++j) scratch.va[j] = 0;
    const std::size_t count = tile.end - first < block ? tile.end - first : block;
    for (std::size_t k = 0; k < rows; ++k) {
      double* sum = scratch.sums + k * block;
      const double base = linear.below * tile.weighted_sum[k];
      for (std::size_t j = 0; j < block; ++j) {
        sum[j] = base + (linear.above - linear.below) * sum[j];
      }
      const double* b = tile.w + (1 + k) * tile.m + first;
      for (std::size_t j = 0; j < count; ++j) {
        scratch.va[j] += (k < tile.d ? b[j] : linear.offset) * sum[j];
      }
    }
    add_velocity(tile, first, scratch.va, scratch.sums, v, stride);
  }
}

template <class Real>
SampledLoops<Real> masked_loops(const PiecewiseLinear& linear) {
  return {&linear,
          block_particles<Real>,
          8 * sizeof(typename Simd<Real>::Bits) / Simd<Real>::lanes,
          &MaskedScratch<Real>::bytes,
          &masked_forward<Real>,
          &masked_backward<Real>};
}

}  // namespace mckean::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mckean::cpu {

template <>
SampledLoops<float> masked_loops(const PiecewiseLinear& linear) {
  return MCKEAN_FOR_TARGET(masked_loops<float>)(linear);
}
template <>
SampledLoops<double> masked_loops(const PiecewiseLinear& linear) {
  return MCKEAN_FOR_TARGET(masked_loops<double>)(linear);
}

}  // namespace mckean::cpu
#endif
