// Which instruction set the processor has, and the loops built for it.
#include "kernels/cpu/instruction_set.hpp"

namespace mckean::cpu {

// Each is defined in the file of its name, sampled_field_*.cpp.
#define MCKEAN_DECLARE_LOOPS(set)                       \
  namespace set {                                       \
  template <class Real>                                 \
  SampledLoops<Real> known_loops(const AnyActivation&); \
  }
MCKEAN_DECLARE_LOOPS(baseline)
MCKEAN_DECLARE_LOOPS(avx2)
MCKEAN_DECLARE_LOOPS(avx512)
#undef MCKEAN_DECLARE_LOOPS

InstructionSet widest_instruction_set() {
#ifdef MCKEAN_CPU_DISPATCH
  static const InstructionSet widest = [] {
    __builtin_cpu_init();
    if (__builtin_cpu_supports("x86-64-v4")) return InstructionSet::avx512;
    if (__builtin_cpu_supports("x86-64-v3")) return InstructionSet::avx2;
    return InstructionSet::baseline;
  }();
  return widest;
#else
  return InstructionSet::baseline;
#endif
}

const char* name(InstructionSet set) {
  switch (set) {
    case InstructionSet::avx512:
      return "avx512";
    case InstructionSet::avx2:
      return "avx2";
    case InstructionSet::baseline:
      break;
  }
  return "baseline";
}

template <class Real>
SampledLoops<Real> loops_for([[maybe_unused]] InstructionSet set, const AnyActivation& activation) {
#ifdef MCKEAN_CPU_DISPATCH
  if (set == InstructionSet::avx512) return avx512::known_loops<Real>(activation);
  if (set == InstructionSet::avx2) return avx2::known_loops<Real>(activation);
#endif
  return baseline::known_loops<Real>(activation);
}

template SampledLoops<float> loops_for(InstructionSet, const AnyActivation&);
template SampledLoops<double> loops_for(InstructionSet, const AnyActivation&);

}  // namespace mckean::cpu
