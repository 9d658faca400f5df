// The commands of the program. Each takes its configuration and returns an exit code; bad input is
// thrown as InputError, system failures as IoError.
#pragma once

#include "host/cli/options/config.hpp"

namespace mckean::cli {

int run_command(const RunConfig& config);
int eval_command(const EvalConfig& config);
int w2_command(const W2Config& config);
int info_command(const InfoConfig& config);

}  // namespace mckean::cli
