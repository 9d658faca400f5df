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
  bool has_code = false;  // this program was built for its architecture
};

/// Empty without a driver or a device; never throws for either.
std::vector<CudaDevice> cuda_devices();

}  // namespace mckean
