// mckean info: what this build can do on this machine.
#include <nlohmann/json.hpp>
#include <thread>

#include "build_info.hpp"
#include "commands.hpp"
#include "exit_code.hpp"
#include "json_text.hpp"
#include "kernels/cpu/cpu_backend.hpp"
#include "mckean/device.hpp"
#include "standard_streams.hpp"

namespace mckean::cli {

int info_command(const InfoConfig& config) {
  const std::vector<std::string> devices = describe_cuda_devices();
  const std::string cpu = CpuBackend<double>().describe();
  const char* cuda = !built_with_cuda()
                         ? "not in this build (no CUDA toolkit was found, or MCKEAN_CUDA=OFF)"
                     : devices.empty() ? "in this build; no device here"
                                       : "in this build";
  if (config.output.json) {
    nlohmann::ordered_json info;
    info["version"] = MCKEAN_VERSION;
    info["commit"] = build_commit();
    info["build"] = build_type();
    info["cpu"] = cpu;
    info["threads"] = std::thread::hardware_concurrency();
    info["cuda"] = built_with_cuda();
    info["devices"] = devices;
    info["precisions"] = {"float", "double"};
    info["compiler"] = __VERSION__;
    print(json_text(info) + "\n");
    check_printed(false);
    return exit_done;
  }
  const std::string indent(12, ' ');
  std::string head = "mckean " MCKEAN_VERSION "\ncommit      ";
  head.append(build_commit()).append("\nback ends   ").append(cpu).append("\n");
  print_fitted(head + indent + "cuda: " + cuda + "\n");
  for (std::size_t i = 0; i < devices.size(); ++i)
    print_fitted(indent + "cuda:" + std::to_string(i) + " " + devices[i] + "\n");
  print_fitted("precision   float or double for the field; states and sums are double\n");
  print_fitted(std::string("build       ") + build_type() + "\ncompiler    " __VERSION__ "\n");
  check_printed(false);
  return exit_done;
}

}  // namespace mckean::cli
