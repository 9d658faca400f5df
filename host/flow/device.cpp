// The devices as a user reads of them.
#include "mckean/device.hpp"

#include "host/flow/make_backend.hpp"

namespace mckean {

std::vector<std::string> describe_cuda_devices() {
  std::vector<std::string> lines;
  for (const CudaDevice& device : detail::devices_here()) {
    const std::string tenths = std::to_string(device.memory_bytes * 10 >> 30);
    const std::string memory =
        (tenths.size() > 1 ? tenths.substr(0, tenths.size() - 1) : "0") + "." + tenths.back();
    lines.push_back(device.name + " (sm_" + std::to_string(device.major) +
                    std::to_string(device.minor) + ", " + memory + " GiB" +
                    (device.has_code ? ")" : ", not built for)"));
  }
  return lines;
}

bool built_with_cuda() { return detail::has_cuda; }

}  // namespace mckean
