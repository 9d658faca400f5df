// The loops of the sampled field for x86-64-v3.
#define MCKEAN_CPU_ISA avx2
#include "kernels/cpu/sampled_field_known.hpp"
