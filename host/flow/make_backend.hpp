// The one place where a back end is chosen, and that asks whether CUDA was built.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "kernels/cpu/cpu_backend.hpp"
#include "kernels/cuda/devices.hpp"
#include "mckean/device.hpp"
#include "mckean/error.hpp"

#ifdef MCKEAN_HAS_CUDA
#include "kernels/cuda/cuda_backend.hpp"
#endif

namespace mckean {

namespace detail {

/// The CUDA devices; empty without the back end, a driver or a device.
inline std::vector<CudaDevice> devices_here() {
#ifdef MCKEAN_HAS_CUDA
  return cuda_devices();
#else
  return {};
#endif
}
inline constexpr bool has_cuda =
#ifdef MCKEAN_HAS_CUDA
    true;
#else
    false;
#endif

}  // namespace detail

/// use(backend) with the back end of the choice; `threads` (0: all) is read by the CPU alone.
/// Throws InputError where there is no such device.
template <class Use>
decltype(auto) with_backend(const DeviceChoice& choice, Precision precision, int threads,
                            Use&& use) {
  using Kind = DeviceChoice::Kind;
  const std::vector<CudaDevice> here = detail::devices_here();
  const auto devices = static_cast<int>(here.size());
  if (choice.kind == Kind::cuda && !detail::has_cuda) {
    throw InputError(
        "device cuda: this program was built without CUDA: choose the device cpu, or build with "
        "the "
        "toolkit");
  }
  if (choice.kind == Kind::cuda && choice.ordinal >= devices) {
    throw InputError("device cuda:" + std::to_string(choice.ordinal) + ": there are " +
                     std::to_string(devices) +
                     " CUDA devices here: choose the device cpu, or see mckean info");
  }
  if (choice.kind == Kind::cuda && !here[static_cast<std::size_t>(choice.ordinal)].has_code) {
    throw InputError(
        "device cuda:" + std::to_string(choice.ordinal) +
        ": this program was built without code for its architecture: choose the device "
        "cpu, or build with CMAKE_CUDA_ARCHITECTURES=native");
  }
#ifdef MCKEAN_HAS_CUDA
  if (choice.kind == Kind::cuda ||
      (choice.kind == Kind::automatic && devices > 0 && here[0].has_code)) {
    if (precision == Precision::float32) return use(CudaBackend<float>(choice.ordinal));
    return use(CudaBackend<double>(choice.ordinal));
  }
#endif
  if (precision == Precision::float32) return use(CpuBackend<float>(threads));
  return use(CpuBackend<double>(threads));
}

}  // namespace mckean
