// Loops built for several instruction sets, and the choice among them at run time.
#pragma once

#include "kernels/cpu/targets.hpp"

namespace mckean::cpu {

/// The same loops as types: for SSE2, or for SSE2, AVX2 and AVX-512.
template <class... Sets>
struct LoopSets {};

/// use(the loops of the widest instruction set that the processor has).
template <class Baseline, class Use>
auto with_widest(LoopSets<Baseline>, const Use& use) {
  return use(Baseline{});
}
template <class Baseline, class Avx2, class Avx512, class Use>
auto with_widest(LoopSets<Baseline, Avx2, Avx512>, const Use& use) {
  const Target target = target_in_use();
  if (target == Target::avx512) return use(Avx512{});
  if (target == Target::avx2) return use(Avx2{});
  return use(Baseline{});
}

}  // namespace mckean::cpu
