// A function compiled by foreach_target.h, chosen by the target in use. Highway's own dispatch
// would want its shared library at run time; its headers alone are used.
#pragma once

#include <type_traits>

#include "hwy/highway.h"
#include "kernels/cpu/targets.hpp"

namespace mckean::cpu {

/// Null where a target is not in this build.
template <class Function>
Function* for_target_in_use(std::type_identity_t<Function>* avx512,
                            std::type_identity_t<Function>* avx2, Function* baseline) {
  const Target target = target_in_use();
  if (target == Target::avx512 && avx512 != nullptr) return avx512;
  if (target == Target::avx2 && avx2 != nullptr) return avx2;
  return baseline;
}

}  // namespace mckean::cpu

/// A pointer to `function` of the namespaces HWY_NAMESPACE that are beside the use of this.
#define MCKEAN_FOR_TARGET(function)                                                      \
  ::mckean::cpu::for_target_in_use(HWY_CHOOSE_AVX3(function), HWY_CHOOSE_AVX2(function), \
                                   &HWY_STATIC_DISPATCH(function))
