// The loops of the sampled field for any processor.
#define MCKEAN_CPU_ISA baseline
#include "kernels/cpu/sampled_field_known.hpp"
