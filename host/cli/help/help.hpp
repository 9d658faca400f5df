// What the program says of itself: help for people, Markdown for the README, roff for man, and
// scripts for shells. All of it is made from the tables of commands and options.
#pragma once

#include <string>

#include "host/cli/options/commands.hpp"

namespace mckean::cli {

/// Of the program: its commands.
std::string program_help();
/// Of a command: its options in groups.
std::string command_help(Command command);

/// The options of a command as a table; of `run`, those of `eval` as well.
std::string options_as_markdown(Command command);
std::string manual_page();
std::string completion_script(Shell shell);

}  // namespace mckean::cli
