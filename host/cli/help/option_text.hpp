// What help, the README's table and the man page say of commands and options.
#pragma once

#include <string>
#include <vector>

#include "host/cli/options/commands.hpp"

namespace mckean::cli {

inline constexpr const char* program_summary =
    "Wasserstein gradient flows of mean-field two-layer neural networks";

/// "mckean run [CONFIG.toml] [OPTION]..."
std::string usage_of(Command command);
/// What a command does, in sentences.
std::string intro_of(Command command);

/// What stands for a value: "NUMBER", "FILE", "none|sphere"; "" of a flag.
std::string label_of(const OptionRow& option);
/// The help of an option and, in brackets, its default.
std::string help_with_default(const OptionRow& option);
/// The names that have something said of them in a list of their own; empty where no name has.
std::vector<NameRow> explained_names(const OptionRow& option);

/// Calls `begin(group)` for each group of a command and `add(option)` for each option in it.
template <class Begin, class Add>
void for_each_option(Command command, const Begin& begin, const Add& add) {
  const OptionRow* before = nullptr;
  for (const OptionRow& option : option_table()) {
    if ((option.readers & reader_of(command)) == 0) continue;
    if (before == nullptr || before->group != option.group) begin(option.group);
    add(option);
    before = &option;
  }
}

}  // namespace mckean::cli
