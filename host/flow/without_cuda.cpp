// Stands for kernels/cuda where it is not built.
#include "kernels/cuda/devices.hpp"
#include "mckean/device.hpp"

namespace mckean {

bool built_with_cuda() { return false; }
std::vector<CudaDevice> cuda_devices() { return {}; }

}  // namespace mckean
