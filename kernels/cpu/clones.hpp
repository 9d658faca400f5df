// One function compiled for several instruction sets, chosen when the program is loaded.
#pragma once

#if defined(MCKEAN_CPU_DISPATCH)
#define MCKEAN_CPU_CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define MCKEAN_CPU_CLONES
#endif

// What such a function calls is compiled with it.
#define MCKEAN_CPU_INLINE inline __attribute__((always_inline))
