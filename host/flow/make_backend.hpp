// The one place where a back end is chosen, and that asks whether CUDA was built.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kernels/cpu/cpu_backend.hpp"
#include "kernels/cuda/devices.hpp"
#include "mckean/device.hpp"

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
/// Whether this program has code for one of them; opens it.
inline bool runs_on([[maybe_unused]] int ordinal) {
#ifdef MCKEAN_HAS_CUDA
  return has_code_for(ordinal);
#else
  return false;
#endif
}
/// The CUDA device of a choice; empty where it is the CPU. Asks for no device where it need not.
/// Throws InputError where there is none such.
std::optional<int> choose_cuda_device(const DeviceChoice& choice);

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
  [[maybe_unused]] const std::optional<int> device = detail::choose_cuda_device(choice);
#ifdef MCKEAN_HAS_CUDA
  if (device) {
    if (precision == Precision::float32) return use(CudaBackend<float>(*device));
    return use(CudaBackend<double>(*device));
  }
#endif
  if (precision == Precision::float32) return use(CpuBackend<float>(threads));
  return use(CpuBackend<double>(threads));
}

}  // namespace mckean
