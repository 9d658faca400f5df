// The one place where a back end is chosen, and the one #ifdef of the project.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "host/data/error.hpp"
#include "host/flow/device_choice.hpp"
#include "kernels/cpu/cpu_backend.hpp"

#ifdef MCKEAN_HAS_CUDA
#include "kernels/cuda/cuda_backend.hpp"
#include "kernels/cuda/devices.hpp"
#endif

namespace mckean {

/// "NVIDIA H200 (sm_90, 139.8 GiB)" for each device, ", not built for" in it where this program has
/// no code for it; empty without the back end, a driver or a
/// device.
inline std::vector<std::string> describe_cuda_devices() {
  std::vector<std::string> lines;
#ifdef MCKEAN_HAS_CUDA
  for (const CudaDevice& device : cuda_devices()) {
    const std::string tenths = std::to_string(device.memory_bytes * 10 >> 30);
    const std::string memory =
        (tenths.size() > 1 ? tenths.substr(0, tenths.size() - 1) : "0") + "." + tenths.back();
    lines.push_back(device.name + " (sm_" + std::to_string(device.major) +
                    std::to_string(device.minor) + ", " + memory + " GiB" +
                    (device.has_code ? ")" : ", not built for)"));
  }
#endif
  return lines;
}

/// Whether each of the devices can run this program, which was built for some architectures.
inline std::vector<bool> usable_cuda_devices() {
  std::vector<bool> usable;
#ifdef MCKEAN_HAS_CUDA
  for (const CudaDevice& device : cuda_devices()) usable.push_back(device.has_code);
#endif
  return usable;
}

/// Whether the program was built with the CUDA back end.
inline constexpr bool built_with_cuda =
#ifdef MCKEAN_HAS_CUDA
    true;
#else
    false;
#endif

/// use(backend) with the back end of the choice; `threads` (0: all) is read by the CPU alone.
/// Throws InputError where there is no such device.
template <class Use>
decltype(auto) with_backend(const DeviceChoice& choice, Precision precision, int threads,
                            Use&& use) {
  using Kind = DeviceChoice::Kind;
  const std::vector<bool> usable = usable_cuda_devices();
  const auto devices = static_cast<int>(usable.size());
  if (choice.kind == Kind::cuda && !built_with_cuda) {
    throw InputError(
        "device cuda: this program was built without CUDA: choose the device cpu, or build with the "
        "toolkit");
  }
  if (choice.kind == Kind::cuda && choice.ordinal >= devices) {
    throw InputError("device cuda:" + std::to_string(choice.ordinal) + ": there are " +
                     std::to_string(devices) +
                     " CUDA devices here: choose the device cpu, or see mckean info");
  }
  if (choice.kind == Kind::cuda && !usable[static_cast<std::size_t>(choice.ordinal)]) {
    throw InputError("device cuda:" + std::to_string(choice.ordinal) +
                     ": this program was built without code for its architecture: choose the device "
                     "cpu, or build with CMAKE_CUDA_ARCHITECTURES=native");
  }
#ifdef MCKEAN_HAS_CUDA
  if (choice.kind == Kind::cuda || (choice.kind == Kind::automatic && devices > 0 && usable[0])) {
    if (precision == Precision::float32) return use(CudaBackend<float>(choice.ordinal));
    return use(CudaBackend<double>(choice.ordinal));
  }
#endif
  if (precision == Precision::float32) return use(CpuBackend<float>(threads));
  return use(CpuBackend<double>(threads));
}

}  // namespace mckean
