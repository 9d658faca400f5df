// The one place where a back end is chosen, and the one #ifdef of the project.
#pragma once

#include <string>

#include "kernels/cpu/cpu_backend.hpp"
#include "mckean/device.hpp"
#include "mckean/error.hpp"

#ifdef MCKEAN_HAS_CUDA
#include "kernels/cuda/cuda_backend.hpp"
#endif

namespace mckean {

/// use(backend) with the back end of the choice; `threads` (0: all) is read by the CPU alone.
/// Throws InputError where there is no such device.
template <class Use>
decltype(auto) with_backend(const DeviceChoice& choice, Precision precision, int threads,
                            Use&& use) {
  using Kind = DeviceChoice::Kind;
  const auto devices = static_cast<int>(describe_cuda_devices().size());
  if (choice.kind == Kind::cuda && !built_with_cuda()) {
    throw InputError(
        "device cuda: this program was built without CUDA: use --device cpu, or build with the "
        "toolkit");
  }
  if (choice.kind == Kind::cuda && choice.ordinal >= devices) {
    throw InputError("device cuda:" + std::to_string(choice.ordinal) + ": there are " +
                     std::to_string(devices) +
                     " CUDA devices here: use --device cpu, or see mckean info");
  }
#ifdef MCKEAN_HAS_CUDA
  if (choice.kind == Kind::cuda || (choice.kind == Kind::automatic && devices > 0)) {
    if (precision == Precision::float32) return use(CudaBackend<float>(choice.ordinal));
    return use(CudaBackend<double>(choice.ordinal));
  }
#endif
  if (precision == Precision::float32) return use(CpuBackend<float>(threads));
  return use(CpuBackend<double>(threads));
}

}  // namespace mckean
