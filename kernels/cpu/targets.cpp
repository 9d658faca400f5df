// What the processor has, and what the environment asks for.
#include "kernels/cpu/targets.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>

#include "hwy/detect_targets.h"
#include "mckean/error.hpp"
#include "mckean/find_choice.hpp"

namespace mckean::cpu {
namespace {

Target choose_target() {
  const std::vector<Target>& available = available_targets();
  const char* const name = std::getenv("MCKEAN_CPU_TARGET");
  if (name == nullptr || *name == '\0') return available.back();
  const std::optional<Target> target = find_choice<Target>(name);
  if (target && std::ranges::count(available, *target) > 0) return *target;
  std::string message = "MCKEAN_CPU_TARGET: this build on this processor has";
  for (const Target each : available) message.append(" ").append(name_of(each));
  throw InputError(message + ": choose one of them, or leave it unset");
}

Target& chosen_target() {
  static Target target = choose_target();
  return target;
}

}  // namespace

const std::vector<Target>& available_targets() {
  static const std::vector<Target> available = [] {
    std::vector<Target> targets = {Target::baseline};
#if HWY_ARCH_X86
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("x86-64-v2"))
      throw std::runtime_error("the processor lacks SSE4.2 (x86-64-v2), which mckean is built for");
#if HWY_TARGETS & HWY_AVX2
    if (__builtin_cpu_supports("x86-64-v3")) targets.push_back(Target::avx2);
#endif
#if HWY_TARGETS & HWY_AVX3
    if (__builtin_cpu_supports("x86-64-v4")) targets.push_back(Target::avx512);
#endif
#endif
    return targets;
  }();
  return available;
}

Target target_in_use() { return chosen_target(); }
void use_target(Target target) { chosen_target() = target; }

}  // namespace mckean::cpu
