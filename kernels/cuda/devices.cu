// Asks the driver which devices there are.
#include "kernels/cuda/devices.hpp"
#include "mckean/device.hpp"

#include <cuda_runtime.h>

namespace mckean {

bool built_with_cuda() { return true; }

std::vector<CudaDevice> cuda_devices() {
  int count = 0;
  std::vector<CudaDevice> devices;
  if (cudaGetDeviceCount(&count) != cudaSuccess) {
    static_cast<void>(cudaGetLastError());
    return devices;
  }
  for (int ordinal = 0; ordinal < count; ++ordinal) {
    cudaDeviceProp properties;
    if (cudaGetDeviceProperties(&properties, ordinal) != cudaSuccess) break;
    devices.push_back(
        {properties.name, properties.major, properties.minor, properties.totalGlobalMem});
  }
  return devices;
}

}  // namespace mckean
