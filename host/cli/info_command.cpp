// mckean info: what this build can do on this machine.
#include <cstdio>
#include <nlohmann/json.hpp>
#include <thread>

#include "commands.hpp"
#include "exit_code.hpp"
#include "host/flow/make_backend.hpp"
#include "json_text.hpp"

namespace mckean::cli {

int info_command(bool json) {
  const std::vector<std::string> devices = describe_cuda_devices();
  const std::string cpu = CpuBackend<double>().describe();
  const char* cuda = !built_with_cuda
                         ? "not in this build (no CUDA toolkit was found, or MCKEAN_CUDA=OFF)"
                     : devices.empty() ? "in this build; no device here"
                                       : "in this build";
  if (json) {
    nlohmann::ordered_json info;
    info["version"] = MCKEAN_VERSION;
    info["cpu"] = cpu;
    info["threads"] = std::thread::hardware_concurrency();
    info["cuda"] = built_with_cuda;
    info["devices"] = devices;
    info["precisions"] = {"float", "double"};
    info["compiler"] = __VERSION__;
    std::printf("%s\n", json_text(info).c_str());
    return exit_done;
  }
  std::printf("mckean %s\n", MCKEAN_VERSION);
  std::printf("back ends   %s\n", cpu.c_str());
  std::printf("            cuda: %s\n", cuda);
  for (std::size_t i = 0; i < devices.size(); ++i)
    std::printf("            cuda:%zu %s\n", i, devices[i].c_str());
  std::printf("precision   float or double for the field; states and sums are double\n");
  std::printf("compiler    %s\n", __VERSION__);
  return exit_done;
}

}  // namespace mckean::cli
