// The instruction sets that the loops of the library's activations are built for.
#pragma once

#include "kernels/cpu/sampled_field_run.hpp"
#include "mckean/formula/activation.hpp"

namespace mckean::cpu {

/// Each includes the ones before it.
enum class InstructionSet { baseline, avx2, avx512 };

/// The widest that this library was built for and that the processor has.
InstructionSet widest_instruction_set();
const char* name(InstructionSet);

/// Loops that refer to `activation`; `set` no wider than the widest.
template <class Real>
SampledLoops<Real> loops_for(InstructionSet set, const AnyActivation& activation);

}  // namespace mckean::cpu
