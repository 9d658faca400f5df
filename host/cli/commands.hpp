// The commands of the program. Each takes what was given on the command line and returns an exit
// code; bad input is thrown as InputError, system failures as IoError.
#pragma once

#include <optional>
#include <string>

#include "settings.hpp"

namespace mckean::cli {

int run_command(Settings& settings);
int eval_command(Settings& settings);

/// What was given.
struct W2Request {
  std::string a, b;
  std::string weights_a, weights_b;
  std::string method = "auto";
  std::string cost;  // default: euclidean
  std::string project;
  std::optional<std::string> rtol;  // default: 1e-6, and 1e-9 of method exact
  std::optional<std::string> time_limit;
  std::optional<std::string> samples;  // of a law; default: 100000
  std::optional<std::string> sampled;  // default: both
  std::string threads = "0";
  std::string seed = "1";
  bool json = false;
};
int w2_command(const W2Request& request);

int info_command(bool json);

}  // namespace mckean::cli
