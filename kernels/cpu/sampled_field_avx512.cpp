// The loops of the sampled field for x86-64-v4.
#define MCKEAN_CPU_ISA avx512
#include "kernels/cpu/sampled_field_known.hpp"
