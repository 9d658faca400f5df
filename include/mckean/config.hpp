// Macros that let one definition of a formula serve g++, nvcc's host pass and nvcc's device pass.
#pragma once

#if defined(__CUDACC__)
#define MCKEAN_HD __host__ __device__ __forceinline__
#else
// always_inline also keeps one translation unit's -march from leaking into another through a COMDAT
// copy.
#define MCKEAN_HD inline __attribute__((always_inline))
#endif

// Contract on internal callers, checked in debug builds only; user input is validated with
// exceptions instead.
#if defined(NDEBUG) || defined(__CUDA_ARCH__)
#define MCKEAN_EXPECT(condition) static_cast<void>(0)
#else
#include <cstdio>
#include <cstdlib>
#define MCKEAN_EXPECT(condition)                                                                \
  ((condition)                                                                                  \
       ? static_cast<void>(0)                                                                   \
       : (std::fprintf(stderr, "%s:%d: broken contract: %s\n", __FILE__, __LINE__, #condition), \
          std::abort()))
#endif
