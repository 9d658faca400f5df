// The arguments of one command.
#pragma once

#include <string>
#include <vector>

#include "host/cli/options/commands.hpp"
#include "host/cli/options/draft.hpp"

namespace mckean::cli {

/// What the arguments behind the name of a command ask for.
struct Arguments {
  bool help = false;
  bool markdown = false;  // the options as a table of Markdown
};

/// InputError for values that are empty, in whatever way: a parser would take some of them for
/// none, or the next argument for the value.
void refuse_empty_values(const std::vector<std::string>& arguments);

/// Reads the arguments, and the TOML file that one of them may be, into the draft; flags win. With
/// `help` or `markdown` nothing is read. InputError says what cannot be read, and what may have
/// been meant.
Arguments read_arguments(Command command, const std::vector<std::string>& arguments, Draft& draft);

}  // namespace mckean::cli
