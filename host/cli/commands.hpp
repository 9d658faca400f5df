// The commands of the program. Each takes what was given on the command line and returns an exit
// code; bad input is thrown as InputError, system failures as IoError.
#pragma once

#include <string>

#include "settings.hpp"

namespace mckean::cli {

int run_command(Settings& settings);
int eval_command(Settings& settings);

struct W2Request {
  std::string a, b;
  std::string method = "auto";
  bool json = false;
};
int w2_command(const W2Request& request);

int info_command(bool json);

}  // namespace mckean::cli
