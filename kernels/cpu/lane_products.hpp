// Products of a few particles with samples that lie in lanes, blocked in registers. Included again
// for each target.
#if defined(MCKEAN_CPU_LANE_PRODUCTS_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef MCKEAN_CPU_LANE_PRODUCTS_HPP
#undef MCKEAN_CPU_LANE_PRODUCTS_HPP
#else
#define MCKEAN_CPU_LANE_PRODUCTS_HPP
#endif

#include <cstddef>

#include "kernels/cpu/simd.hpp"
#include "kernels/cpu/sum_panels.hpp"

HWY_BEFORE_NAMESPACE();
namespace mckean::cpu::HWY_NAMESPACE {

/// Particles and vectors of samples whose products are in registers at once.
constexpr std::size_t lane_particles = HWY_CAP_GE256 || vector_registers == 32 ? 6 : 4;
template <class Real>
constexpr std::size_t lane_vectors = HWY_MIN(vector_registers == 32 ? 4 : 2,
                                             word_rows / Simd<Real>::lanes);

template <class Real>
using LaneProducts = typename Simd<Real>::Vector[lane_particles][lane_vectors<Real>];

/// z[p][v] = offset + b_p . x_s, components in order, for the samples s of lane_vectors vectors: b
/// has d rows of lane_particles values, x rows of word_rows samples from the first of these on.
template <class Real>
MCKEAN_INLINE void lane_products(const Real* b, const Real* x, std::size_t d, Real offset,
                                 LaneProducts<Real>& z) {
  using Vec = Simd<Real>;
  constexpr std::size_t P = lane_particles, V = lane_vectors<Real>;
#pragma GCC unroll 8
  for (std::size_t p = 0; p < P; ++p) {
#pragma GCC unroll 8
    for (std::size_t v = 0; v < V; ++v) z[p][v] = Vec::fill(offset);
  }
  for (std::size_t k = 0; k < d; ++k, b += P, x += word_rows) {
    typename Vec::Vector row[V];
#pragma GCC unroll 8
    for (std::size_t v = 0; v < V; ++v) row[v] = Vec::load(x + v * Vec::lanes);
#pragma GCC unroll 8
    for (std::size_t p = 0; p < P; ++p) {
      const typename Vec::Vector value = Vec::fill(b[p]);
#pragma GCC unroll 8
      for (std::size_t v = 0; v < V; ++v) z[p][v] = hn::MulAdd(row[v], value, z[p][v]);
    }
  }
  // What comes next waits in memory: the products want the registers.
  asm volatile("" ::: "memory");
}

}  // namespace mckean::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
