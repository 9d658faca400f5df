// Loops of the sampled field for piecewise linear activations. The forward pass holds samples in
// lanes, so that the signs of z + offset of one particle come as words over samples; the backward
// pass is a product with the 0/1 mask that these words are.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/sampled_field_masked.cpp"
#include "hwy/foreach_target.h"  // before highway.h
#include "hwy/highway.h"

#include "kernels/cpu/dispatch.hpp"
#include "kernels/cpu/lane_products.hpp"
#include "kernels/cpu/masked_sums.hpp"
#include "kernels/cpu/sampled_loops.hpp"

HWY_BEFORE_NAMESPACE();
namespace mckean::cpu::HWY_NAMESPACE {

/// Particles after which sums in Real are added to sums in fp64.
constexpr std::size_t forward_sum = 256 / lane_particles * lane_particles;

/// A group of particles is 2 + d rows: a times the slope above the kink, a times that below, b.
constexpr std::size_t group_rows(std::size_t d) { return 2 + d; }

/// The particles of a tile in Real, group by group; particles past the end are zero.
template <class Real>
MCKEAN_INLINE void pack_groups(const PiecewiseLinear& linear, const SampledTile<Real>& tile,
                               Real* packed) {
  constexpr std::size_t P = lane_particles;
  for (std::size_t first = tile.begin; first < tile.end; first += P) {
    const std::size_t count = HWY_MIN(tile.end - first, P);
    const auto pack_row = [&](std::size_t plane, double factor) HWY_ATTR {
      const double* from = tile.w + plane * tile.m + first;
      for (std::size_t j = 0; j < count; ++j) packed[j] = static_cast<Real>(factor * from[j]);
      for (std::size_t j = count; j < P; ++j) packed[j] = Real(0);
      packed += P;
    };
    pack_row(0, linear.above);
    pack_row(0, linear.below);
    for (std::size_t k = 0; k < tile.d; ++k) pack_row(1 + k, 1);
  }
}

/// Adds a_j sigma(b_j . x_s) of one group of particles to the sums of word_rows samples, and sets
/// their words.
template <class Real, bool Flat, bool Keep>
MCKEAN_INLINE void forward_group(Real offset, const Real* group, std::size_t d, const Real* x,
                                 std::uint64_t* words, Real* sums) {
  using Vec = Simd<Real>;
  constexpr std::size_t P = lane_particles, V = lane_vectors<Real>, lanes = Vec::lanes;
  std::uint64_t signs[P] = {};
  for (std::size_t first = 0; first < word_rows; first += V * lanes) {
    LaneProducts<Real> z;
    lane_products(group + 2 * P, x + first, d, offset, z);
#pragma GCC unroll 8
    for (std::size_t v = 0; v < V; ++v) {
      typename Vec::Vector sum = Vec::load(sums + first + v * lanes);
#pragma GCC unroll 8
      for (std::size_t p = 0; p < P; ++p) {
        const typename Vec::Mask mask = Vec::positive(z[p][v]);
        if constexpr (Keep) signs[p] |= Vec::bits(mask) << (first + v * lanes);
        const typename Vec::Vector amplitude = Vec::fill(group[p]);
        if constexpr (Flat) {
          sum = Vec::multiply_add_where(mask, z[p][v], amplitude, sum);
        } else {
          const typename Vec::Vector below = Vec::fill(group[P + p]);
          sum = hn::MulAdd(hn::IfThenElse(mask, amplitude, below), z[p][v], sum);
        }
      }
      Vec::store(sums + first + v * lanes, sum);
    }
  }
  if constexpr (Keep) {
    for (std::size_t p = 0; p < P; ++p) words[p] = signs[p];
  }
}

template <class Real, bool Flat, bool Keep>
HWY_NOINLINE void forward_word(Real offset, const SampledTile<Real>& tile, const Real* packed,
                               std::size_t word, double* f) {
  constexpr std::size_t P = lane_particles;
  const std::size_t particles = tile.end - tile.begin;
  const Real* x = tile.lanes_x + word * word_rows * tile.d;
  const std::size_t count = HWY_MIN(tile.samples - word * word_rows, word_rows);
  alignas(64) Real sums[word_rows];
  for (std::size_t begin = 0; begin < particles; begin += forward_sum) {
    for (Real& sum : sums) sum = 0;
    const std::size_t end = HWY_MIN(begin + forward_sum, particles);
    for (std::size_t j = begin; j < end; j += P, packed += group_rows(tile.d) * P) {
      forward_group<Real, Flat, Keep>(offset, packed, tile.d, x,
                                      Keep ? tile.signs + word * tile.sign_stride + j : nullptr,
                                      sums);
    }
    for (std::size_t s = 0; s < count; ++s) f[s] += static_cast<double>(sums[s]);
  }
}

template <class Real>
void masked_forward(const void* activation, const SampledTile<Real>& tile, double* f) {
  const auto& linear = *static_cast<const PiecewiseLinear*>(activation);
  auto* packed = static_cast<Real*>(tile.scratch);
  pack_groups(linear, tile, packed);
  const auto take = [&]<bool Flat, bool Keep>() HWY_ATTR {
    for (std::size_t i = 0; i < tile.samples; i += word_rows) {
      forward_word<Real, Flat, Keep>(static_cast<Real>(linear.offset), tile, packed, i / word_rows,
                                     f + i);
    }
  };
  const bool keep = tile.signs != nullptr;
  if (linear.below == 0) {
    keep ? take.template operator()<true, true>() : take.template operator()<true, false>();
  } else {
    keep ? take.template operator()<false, true>() : take.template operator()<false, false>();
  }
}

/// Components of rows error_i (1, x_i) that the sums want: the first only where there is an offset.
struct WantedRows {
  std::size_t first, count;
  WantedRows(const PiecewiseLinear& linear, std::size_t d)
      : first(linear.offset != 0 ? 0 : 1), count(1 + d - first) {}
};

template <class Real>
std::size_t masked_panels(const void* activation, std::size_t d) {
  const WantedRows rows(*static_cast<const PiecewiseLinear*>(activation), d);
  return SumPanel<Real>::count(rows.count);
}

template <class Real>
void masked_backward(const void* activation, const SampledTile<Real>& tile, double* v,
                     std::size_t stride) {
  const WantedRows rows(*static_cast<const PiecewiseLinear*>(activation), tile.d);
  const auto panel = SumPanel<Real>::number(tile.panel, rows.count);
  const std::size_t plane = rows.first + panel.first;
  masked_sums<Real>({tile.weighted + plane, tile.samples, 1 + tile.d, panel.width, panel.components,
                     tile.signs, tile.sign_stride, tile.end - tile.begin, v + plane * stride,
                     stride, static_cast<Real*>(tile.scratch)});
}

/// sum_i e_i sigma'(z_ij) (1, x_i) = below sum_i e_i (1, x_i) + (above - below) (masked sum), and
/// grad_b = a times that of x, grad_a = b times that of x + offset times that of 1.
template <class Real>
void masked_finish(const void* activation, const SampledTile<Real>& tile, double* v,
                   std::size_t stride) {
  const auto& linear = *static_cast<const PiecewiseLinear*>(activation);
  const std::size_t count = tile.end - tile.begin;
  const double* a = tile.w + tile.begin;
  const double jump = linear.above - linear.below;
  for (std::size_t j = 0; j < count; ++j) {
    v[j] = linear.offset == 0
               ? 0.0
               : tile.factor * linear.offset * (linear.below * tile.weighted_sum[0] + jump * v[j]);
  }
  for (std::size_t k = 1; k <= tile.d; ++k) {
    const double* b = tile.w + k * tile.m + tile.begin;
    double* sum = v + k * stride;
    const double base = linear.below * tile.weighted_sum[k];
    for (std::size_t j = 0; j < count; ++j) {
      const double g = tile.factor * (base + jump * sum[j]);
      v[j] += b[j] * g;
      sum[j] = a[j] * g;
    }
  }
}

template <class Real>
std::size_t masked_scratch(std::size_t d, std::size_t tile) {
  return sizeof(Real) * HWY_MAX(group_rows(d) * tile, MaskedSums<Real>::scratch_values(tile));
}

template <class Real>
SampledLoops<Real> masked_loops(const PiecewiseLinear& linear) {
  SampledLoops<Real> loops;
  loops.activation = &linear;
  loops.block = lane_particles;
  loops.keeps_signs = true;
  loops.scratch_bytes = &masked_scratch<Real>;
  loops.forward = &masked_forward<Real>;
  loops.panels = &masked_panels<Real>;
  loops.backward = &masked_backward<Real>;
  loops.finish = &masked_finish<Real>;
  return loops;
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
