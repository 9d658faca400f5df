// The widest instruction set that this library was built for and that the processor has.
#pragma once

namespace mckean::cpu {

enum class InstructionSet { baseline, avx2, avx512 };

InstructionSet instruction_set();
const char* name(InstructionSet);

}  // namespace mckean::cpu
