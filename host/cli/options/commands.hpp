// The commands of the program.
#pragma once

#include "host/cli/options/option_table.hpp"
#include "mckean/find_choice.hpp"

namespace mckean::cli {

enum class Command { run, eval, w2, info, completion, man, help };

enum class Shell { bash, zsh };

/// The set of options that a command reads; 0 where it has none.
constexpr unsigned reader_of(Command command) {
  switch (command) {
    case Command::run:
      return by_run;
    case Command::eval:
      return by_eval;
    case Command::w2:
      return by_w2;
    case Command::info:
      return by_info;
    default:
      return 0;
  }
}

/// Whether its keys may stand in a file that is given as CONFIG.toml.
constexpr bool reads_toml(Command command) {
  return (reader_of(command) & (by_run | by_eval | by_w2)) != 0;
}

}  // namespace mckean::cli

namespace mckean {

template <>
inline constexpr auto choices<cli::Command> = std::to_array<Choice<cli::Command>>(
    {{"run", cli::Command::run, "integrate a flow; without arguments, Theorem 4 on the circle"},
     {"eval", cli::Command::eval, "objective, risk and velocity of given particles"},
     {"w2", cli::Command::w2,
      "W2 between two weighted clouds, or from a cloud to a law, with a bracket"},
     {"info", cli::Command::info, "build, back ends, devices, threads"},
     {"completion", cli::Command::completion, "print the completion script of a shell"},
     {"man", cli::Command::man, "print the manual page, in roff"},
     {"help", cli::Command::help, "print the help of a command"}});

template <>
inline constexpr auto choices<cli::Shell> = std::to_array<Choice<cli::Shell>>(
    {{"bash", cli::Shell::bash, "source <(mckean completion bash)"},
     {"zsh", cli::Shell::zsh, "mckean completion zsh > _mckean, in a folder of fpath"}});

}  // namespace mckean
