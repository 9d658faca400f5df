// Options of the table as CLI11 flags.
#pragma once

#include <CLI/CLI.hpp>
#include <deque>
#include <string>

#include "settings.hpp"

namespace mckean::cli {

/// Adds the options that `readers` read to a command, and afterwards gives what was on the command
/// line to settings.
class TableFlags {
 public:
  TableFlags(CLI::App& command, unsigned readers);
  void give(Settings& settings) const;

 private:
  struct Entry {
    const OptionSpec* spec;
    CLI::Option* option;
    std::string value;
  };
  std::deque<Entry> entries_;  // CLI11 keeps pointers to the values
};

}  // namespace mckean::cli
