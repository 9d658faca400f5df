// The CUDA devices of this machine, for code that knows no CUDA.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace mckean {

struct CudaDevice {
  std::string name;
  int major = 0;  // compute capability
  int minor = 0;
  std::size_t memory_bytes = 0;
};

/// Empty without a driver or a device; never throws for either.
std::vector<CudaDevice> cuda_devices();

/// Whether this program has machine code, or PTX, for device `ordinal`. Opens the device, which
/// takes time and memory there.
bool has_code_for(int ordinal);

}  // namespace mckean
