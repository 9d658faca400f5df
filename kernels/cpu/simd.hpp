// Vectors of Real as wide as the target has, over Highway, and signs of lanes packed into bits.
// Included again for each target.
#if defined(MCKEAN_CPU_SIMD_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef MCKEAN_CPU_SIMD_HPP
#undef MCKEAN_CPU_SIMD_HPP
#else
#define MCKEAN_CPU_SIMD_HPP
#endif

#include <cstddef>
#include <cstdint>

#include "hwy/highway.h"

#ifndef MCKEAN_INLINE
#define MCKEAN_INLINE HWY_INLINE
#endif

HWY_BEFORE_NAMESPACE();
namespace mckean::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

constexpr int vector_bytes = HWY_TARGET == HWY_SCALAR ? 8 : HWY_MAX_BYTES;
constexpr int vector_registers = HWY_CAP_GE512 || HWY_TARGET == HWY_NEON ? 32 : 16;

template <class Real>
struct Simd {
  static constexpr int lanes = HWY_LANES(Real);
  using Tag = hn::ScalableTag<Real>;
  using Vector = hn::Vec<Tag>;
  using Mask = hn::Mask<Tag>;

  static MCKEAN_INLINE Vector load(const Real* from) { return hn::Load(Tag(), from); }
  static MCKEAN_INLINE void store(Real* to, Vector v) { hn::Store(v, Tag(), to); }
  static MCKEAN_INLINE Vector fill(Real value) { return hn::Set(Tag(), value); }

  /// v > 0, or v is not a number, so that it shows in what follows. On x86 one instruction that
  /// Highway has no name for.
  static MCKEAN_INLINE Mask positive(Vector v) {
    [[maybe_unused]] const Vector zero = hn::Zero(Tag());
#if HWY_CAP_GE512
    if constexpr (sizeof(Real) == 4) return Mask{_mm512_cmp_ps_mask(v.raw, zero.raw, _CMP_NLE_UQ)};
    if constexpr (sizeof(Real) == 8) return Mask{_mm512_cmp_pd_mask(v.raw, zero.raw, _CMP_NLE_UQ)};
#elif HWY_CAP_GE256
    if constexpr (sizeof(Real) == 4) return Mask{_mm256_cmp_ps(v.raw, zero.raw, _CMP_NLE_UQ)};
    if constexpr (sizeof(Real) == 8) return Mask{_mm256_cmp_pd(v.raw, zero.raw, _CMP_NLE_UQ)};
#elif HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR
    if constexpr (sizeof(Real) == 4) return Mask{_mm_cmpnle_ps(v.raw, zero.raw)};
    if constexpr (sizeof(Real) == 8) return Mask{_mm_cmpnle_pd(v.raw, zero.raw)};
#else
    return hn::Not(hn::Le(v, zero));
#endif
  }
  /// Bit l is that of lane l.
  static MCKEAN_INLINE std::uint64_t bits(Mask mask) {
#if HWY_CAP_GE512
    return mask.raw;
#elif HWY_CAP_GE256
    if constexpr (sizeof(Real) == 4) {
      return static_cast<std::uint32_t>(_mm256_movemask_ps(mask.raw));
    }
    if constexpr (sizeof(Real) == 8) {
      return static_cast<std::uint32_t>(_mm256_movemask_pd(mask.raw));
    }
#elif HWY_ARCH_X86 && HWY_TARGET != HWY_SCALAR
    if constexpr (sizeof(Real) == 4) return static_cast<std::uint32_t>(_mm_movemask_ps(mask.raw));
    if constexpr (sizeof(Real) == 8) return static_cast<std::uint32_t>(_mm_movemask_pd(mask.raw));
#else
    std::uint8_t bytes[8] = {};
    hn::StoreMaskBits(Tag(), mask, bytes);
    std::uint64_t result = 0;
    for (int i = 0; i < 8; ++i) result |= std::uint64_t{bytes[i]} << (8 * i);
    return result;
#endif
  }
  /// sum + a b where the mask is set.
  static MCKEAN_INLINE Vector multiply_add_where(Mask mask, Vector a, Vector b, Vector sum) {
#if HWY_CAP_GE512
    return hn::IfThenElse(mask, hn::MulAdd(a, b, sum), sum);
#else
    return hn::MulAdd(hn::IfThenElseZero(mask, a), b, sum);
#endif
  }

  /// to[l] += v[l]; `to` aligned as a vector.
  static MCKEAN_INLINE void add_to(double* to, Vector v) {
    const hn::ScalableTag<double> doubles;
    const auto add = [&](double* at, auto part)
                         HWY_ATTR { hn::Store(hn::Add(hn::Load(doubles, at), part), doubles, at); };
    if constexpr (sizeof(Real) == sizeof(double)) {
      add(to, v);
    } else {
#if HWY_TARGET == HWY_SCALAR
      add(to, hn::PromoteTo(doubles, v));
#else
      const hn::Half<Tag> half;
      add(to, hn::PromoteTo(doubles, hn::LowerHalf(half, v)));
      add(to + lanes / 2, hn::PromoteTo(doubles, hn::UpperHalf(half, v)));
#endif
    }
  }
  /// By halves: lanes l and l + lanes/2 first.
  static MCKEAN_INLINE Real sum(Vector v) { return hn::GetLane(hn::SumOfLanes(Tag(), v)); }
};

}  // namespace mckean::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
