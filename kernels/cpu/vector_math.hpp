// The C library's own vector versions of the functions that activations call (libmvec, within 4
// units in the last place). Declared here since its headers do so only under -ffast-math; they are
// part of the vector function ABI of x86-64. The compiler takes them where -fno-math-errno is
// given.
#pragma once

#include <cmath>

#if defined(__x86_64__) && defined(__GLIBC_PREREQ) && !defined(__clang__)
#if __GLIBC_PREREQ(2, 35) && defined(__NO_MATH_ERRNO__) && !defined(MCKEAN_NO_VECTOR_LIBM)
#define MCKEAN_VECTOR_FUNCTION(name)                                             \
  extern "C" __attribute__((simd("notinbranch"))) float name##f(float) noexcept; \
  extern "C" __attribute__((simd("notinbranch"))) double name(double) noexcept;
MCKEAN_VECTOR_FUNCTION(tanh)
MCKEAN_VECTOR_FUNCTION(exp)
MCKEAN_VECTOR_FUNCTION(erf)
MCKEAN_VECTOR_FUNCTION(erfc)
MCKEAN_VECTOR_FUNCTION(log1p)
#undef MCKEAN_VECTOR_FUNCTION
#endif
#endif
