// What can go wrong for reasons outside the library: it throws, the program prints one line and
// sets the exit code.
#pragma once

#include <stdexcept>

namespace mckean {

/// What the user gave cannot be used. The message is one line: what is wrong, why, and a remedy.
/// Nothing has changed but what the function says. The program's exit code 2.
struct InputError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The system could not read or write, with the reason it gave. The program's exit
/// code 4.
struct IoError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace mckean
