// The devices: which one a run takes, and how a user reads of them.
#include "mckean/device.hpp"

#include "host/flow/make_backend.hpp"
#include "mckean/error.hpp"

namespace mckean {

std::optional<int> detail::choose_cuda_device(const DeviceChoice& choice) {
  using Kind = DeviceChoice::Kind;
  if (choice.kind == Kind::cpu) return {};
  const auto devices = static_cast<int>(devices_here().size());
  if (choice.kind == Kind::automatic) {
    if (devices > 0 && runs_on(0)) return 0;
    return {};
  }
  const std::string name = "device cuda:" + std::to_string(choice.ordinal);
  if (!has_cuda) {
    throw InputError(
        "device cuda: this program was built without CUDA: choose the device cpu, or build with "
        "the toolkit");
  }
  if (choice.ordinal >= devices) {
    throw InputError(name + ": there are " + std::to_string(devices) +
                     " CUDA devices here: choose the device cpu, or see mckean info");
  }
  if (!runs_on(choice.ordinal)) {
    throw InputError(name +
                     ": this program was built without code for its architecture: choose the "
                     "device cpu, or build with CMAKE_CUDA_ARCHITECTURES=native");
  }
  return choice.ordinal;
}

std::vector<std::string> describe_cuda_devices() {
  std::vector<std::string> lines;
  const std::vector<CudaDevice> devices = detail::devices_here();
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const CudaDevice& device = devices[i];
    const std::string tenths = std::to_string(device.memory_bytes * 10 >> 30);
    const std::string memory =
        (tenths.size() > 1 ? tenths.substr(0, tenths.size() - 1) : "0") + "." + tenths.back();
    lines.push_back(device.name + " (sm_" + std::to_string(device.major) +
                    std::to_string(device.minor) + ", " + memory + " GiB" +
                    (detail::runs_on(static_cast<int>(i)) ? ")" : ", not built for)"));
  }
  return lines;
}

bool built_with_cuda() { return detail::has_cuda; }

}  // namespace mckean
