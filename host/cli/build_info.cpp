// Version, build type and compiler.
#include "host/cli/build_info.hpp"

#include "mckean/device.hpp"

namespace mckean::cli {

const char* build_type() { return MCKEAN_BUILD_TYPE; }

std::string version_text() {
  return std::string("mckean " MCKEAN_VERSION "\ncommit      ") + build_commit() +
         "\nbuild       " + build_type() + ", " MCKEAN_COMPILER "\nback ends   cpu" +
         (built_with_cuda() ? ", cuda" : "") + "\n";
}

}  // namespace mckean::cli
