// Vectors of Real as wide as the flags of the translation unit allow, and signs of lanes packed
// into bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Every file of this library that includes this header for flags of its own names them here, so
// that no copy of a template made under one set of flags can be taken for another's.
#ifndef MCKEAN_CPU_ISA
#define MCKEAN_CPU_ISA user
#endif

#define MCKEAN_INLINE inline __attribute__((always_inline))

namespace mckean::cpu::MCKEAN_CPU_ISA {

#if defined(__AVX512F__) && defined(__AVX512DQ__)
constexpr int vector_bytes = 64;
constexpr int vector_registers = 32;
#elif defined(__AVX2__)
constexpr int vector_bytes = 32;
constexpr int vector_registers = 16;
#else
constexpr int vector_bytes = 16;
constexpr int vector_registers = 16;
#endif

template <class Real>
struct Simd {
  static constexpr int lanes = vector_bytes / static_cast<int>(sizeof(Real));
  using Integer = std::conditional_t<sizeof(Real) == 4, std::int32_t, std::int64_t>;
  using Vector [[gnu::vector_size(vector_bytes)]] = Real;
  using Integers [[gnu::vector_size(vector_bytes)]] = Integer;
  /// Bit l belongs to lane l.
  using Bits = std::conditional_t<(lanes > 8), std::uint16_t, std::uint8_t>;

  static MCKEAN_INLINE Vector load(const Real* from) {
    return *static_cast<const Vector*>(__builtin_assume_aligned(from, vector_bytes));
  }
  static MCKEAN_INLINE void store(Real* to, Vector v) {
    *static_cast<Vector*>(__builtin_assume_aligned(to, vector_bytes)) = v;
  }
  static MCKEAN_INLINE Vector fill(Real value) { return value - Vector{}; }

#if defined(__AVX512F__) && defined(__AVX512DQ__)
  using Mask = Bits;
  /// v > 0, or v is not a number, so that it shows in what follows.
  static MCKEAN_INLINE Mask positive(Vector v) {
    if constexpr (sizeof(Real) == 4) {
      return _mm512_cmp_ps_mask(v, Vector{}, _CMP_NLE_UQ);
    } else {
      return _mm512_cmp_pd_mask(v, Vector{}, _CMP_NLE_UQ);
    }
  }
  /// Straight from the mask register: through general registers it would take a port of the
  /// multipliers.
  static MCKEAN_INLINE void store_bits(Bits* to, Mask mask) {
    if constexpr (lanes > 8) {
      asm("kmovw %1, %0" : "=m"(*to) : "k"(mask));
    } else {
      asm("kmovb %1, %0" : "=m"(*to) : "k"(mask));
    }
  }
  static MCKEAN_INLINE Mask load_bits(const Bits* from) { return *from; }
  /// sum + term where the mask is set.
  static MCKEAN_INLINE Vector add_where(Mask mask, Vector sum, Vector term) {
    if constexpr (sizeof(Real) == 4) {
      return _mm512_mask_add_ps(sum, mask, sum, term);
    } else {
      return _mm512_mask_add_pd(sum, mask, sum, term);
    }
  }
  /// sum + a b where the mask is set.
  static MCKEAN_INLINE Vector multiply_add_where(Mask mask, Vector a, Vector b, Vector sum) {
    if constexpr (sizeof(Real) == 4) {
      return _mm512_mask3_fmadd_ps(a, b, sum, mask);
    } else {
      return _mm512_mask3_fmadd_pd(a, b, sum, mask);
    }
  }
  static MCKEAN_INLINE Vector select(Mask mask, Vector yes, Vector no) {
    if constexpr (sizeof(Real) == 4) {
      return _mm512_mask_mov_ps(no, mask, yes);
    } else {
      return _mm512_mask_mov_pd(no, mask, yes);
    }
  }
#else
  using Mask = Integers;
  static MCKEAN_INLINE Mask positive(Vector v) { return ~(v <= Vector{}); }
  static MCKEAN_INLINE void store_bits(Bits* to, Mask mask) { *to = pack(mask); }
  static MCKEAN_INLINE Mask load_bits(const Bits* from) {
    Integers own{};
    for (int l = 0; l < lanes; ++l) own[l] = Integer{1} << l;
    return ((Integers{} + static_cast<Integer>(*from)) & own) != Integers{};
  }
  static MCKEAN_INLINE Bits pack(Mask mask) {
#if defined(__AVX2__)
    if constexpr (sizeof(Real) == 4) {
      return static_cast<Bits>(_mm256_movemask_ps(reinterpret_cast<__m256>(mask)));
    } else {
      return static_cast<Bits>(_mm256_movemask_pd(reinterpret_cast<__m256d>(mask)));
    }
#elif defined(__SSE2__)
    if constexpr (sizeof(Real) == 4) {
      return static_cast<Bits>(_mm_movemask_ps(reinterpret_cast<__m128>(mask)));
    } else {
      return static_cast<Bits>(_mm_movemask_pd(reinterpret_cast<__m128d>(mask)));
    }
#else
    unsigned bits = 0;
    for (int l = 0; l < lanes; ++l) bits |= (mask[l] != 0 ? 1u : 0u) << l;
    return static_cast<Bits>(bits);
#endif
  }
  static MCKEAN_INLINE Vector add_where(Mask mask, Vector sum, Vector term) {
    return sum + reinterpret_cast<Vector>(mask & reinterpret_cast<Integers>(term));
  }
  static MCKEAN_INLINE Vector multiply_add_where(Mask mask, Vector a, Vector b, Vector sum) {
    return reinterpret_cast<Vector>(mask & reinterpret_cast<Integers>(a)) * b + sum;
  }
  static MCKEAN_INLINE Vector select(Mask mask, Vector yes, Vector no) { return mask ? yes : no; }
#endif

  /// to[l] += v[l]; `to` aligned as a vector.
  static MCKEAN_INLINE void add_to(double* to, Vector v) {
    using Doubles [[gnu::vector_size(vector_bytes)]] = double;
    constexpr int count = vector_bytes / static_cast<int>(sizeof(double));
    using Part [[gnu::vector_size(count * static_cast<int>(sizeof(Real)))]] = Real;
    Part parts[lanes / count];
    __builtin_memcpy(parts, &v, sizeof v);
#pragma GCC unroll 2
    for (int p = 0; p < lanes / count; ++p) {
      auto* at = static_cast<Doubles*>(__builtin_assume_aligned(to + p * count, vector_bytes));
      *at += __builtin_convertvector(parts[p], Doubles);
    }
  }
  static MCKEAN_INLINE Real sum(Vector v) {
    alignas(vector_bytes) Real part[lanes];
    store(part, v);
    for (int width = lanes / 2; width > 0; width /= 2) {
      for (int l = 0; l < width; ++l) part[l] += part[l + width];
    }
    return part[0];
  }
};

}  // namespace mckean::cpu::MCKEAN_CPU_ISA
