// The instruction sets that the loops are compiled for, and the one in use.
#pragma once

#include <vector>

#include "mckean/choice.hpp"

namespace mckean::cpu {

/// Each includes the ones before it. `baseline` is what every processor of an architecture that
/// this library runs on has.
enum class Target { baseline, avx2, avx512 };

/// Those in this build that the processor has, narrowest first.
const std::vector<Target>& available_targets();

/// The widest available one, or what the environment variable MCKEAN_CPU_TARGET names. InputError
/// where that is not available.
Target target_in_use();

/// From now on this one, which must be available; not while other threads compute.
void use_target(Target);

}  // namespace mckean::cpu

template <>
inline constexpr auto mckean::choices<mckean::cpu::Target> =
    std::to_array<mckean::Choice<mckean::cpu::Target>>({
#if defined(__x86_64__)
      {"sse4", mckean::cpu::Target::baseline, "x86-64-v2"},
#elif defined(__aarch64__)
      {"neon", mckean::cpu::Target::baseline, "Arm, 64 bits"},
#else
      {"scalar", mckean::cpu::Target::baseline, "no vectors"},
#endif
          {"avx2", mckean::cpu::Target::avx2, "x86-64-v3"}, {
        "avx512", mckean::cpu::Target::avx512, "x86-64-v4"
      }
    });
