// The CPU back end itself: its threads, its name, and the instruction set that it runs with.
#include "kernels/cpu/cpu_backend.hpp"

#include <omp.h>

#include "kernels/cpu/instruction_set.hpp"

namespace mckean {
namespace cpu {

InstructionSet instruction_set() {
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

}  // namespace cpu

template <class FieldReal>
CpuBackend<FieldReal>::CpuBackend(int threads)
    : threads_(threads > 0 ? threads : omp_get_num_procs()) {}

template <class FieldReal>
std::string CpuBackend<FieldReal>::describe() const {
  return "cpu: " + std::to_string(threads_) + (threads_ == 1 ? " thread, " : " threads, ") +
         cpu::name(cpu::instruction_set());
}

template CpuBackend<float>::CpuBackend(int);
template CpuBackend<double>::CpuBackend(int);
template std::string CpuBackend<float>::describe() const;
template std::string CpuBackend<double>::describe() const;

}  // namespace mckean
