// Asks the driver which devices there are.
#include "kernels/cuda/devices.hpp"

#include <cuda_runtime.h>

#include "kernels/cuda/cuda_context.cuh"

namespace mckean {
namespace {

__global__ void probe() {}

}  // namespace

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

bool has_code_for(int ordinal) {
  try {
    const cuda::DeviceGuard guard(ordinal);
    cudaFuncAttributes attributes;
    cuda::check(cudaFuncGetAttributes(&attributes, probe), "cudaFuncGetAttributes");
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace mckean
