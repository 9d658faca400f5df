// Loop unrolling in kernel bodies: register arrays need it on a GPU, and g++ has no such pragma.
#pragma once

#if defined(__CUDACC__)
#define MCKEAN_UNROLL _Pragma("unroll")
#define MCKEAN_UNROLL_2 _Pragma("unroll 2")
#define MCKEAN_UNROLL_4 _Pragma("unroll 4")
#define MCKEAN_KEEP_LOOP _Pragma("unroll 1")
#else
#define MCKEAN_UNROLL
#define MCKEAN_UNROLL_2
#define MCKEAN_UNROLL_4
#define MCKEAN_KEEP_LOOP
#endif
