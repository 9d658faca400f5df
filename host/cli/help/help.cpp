// The text of --help: what to write, and what it means.
#include "host/cli/help/help.hpp"

#include <algorithm>

#include "host/cli/help/option_text.hpp"

namespace mckean::cli {
namespace {

constexpr std::size_t second_column = 30;

/// One entry of a list of two columns; a long term has a line of its own.
std::string entry(const std::string& term, std::string_view text) {
  std::string line = "  " + term;
  if (text.empty()) return line + "\n";
  if (line.size() + 2 > second_column) line += "\n";
  const std::size_t used = line.ends_with('\n') ? 0 : line.size();
  return line + std::string(second_column - used, ' ') + std::string(text) + "\n";
}

/// The names that an option is chosen from, below its help.
std::string list_of(const std::vector<NameRow>& names) {
  std::size_t widest = 0;
  for (const NameRow& row : names) widest = std::max(widest, row.name.size());
  std::string text;
  for (const NameRow& row : names) {
    text += std::string(second_column, ' ') + std::string(row.name);
    if (!row.help.empty())
      text += std::string(widest + 2 - row.name.size(), ' ') + std::string(row.help);
    text += "\n";
  }
  return text;
}

}  // namespace

std::string program_help() {
  std::string text(program_summary);
  text += ".\n\nUsage: mckean COMMAND ...\n\nCommands\n";
  for (const Choice<Command>& row : choices<Command>)
    text += entry(std::string(row.name), row.help);
  text += "\nOther\n";
  text += entry("-h, --help", "this text; behind a command, its options");
  text += entry("--version", "version, commit and build");
  return text;
}

std::string command_help(Command command) {
  std::string text = "Usage: ";
  text += usage_of(command) + "\n\n" + intro_of(command) + "\n";
  for_each_option(
      command, [&](Group group) { text.append("\n").append(title_of(group)).append("\n"); },
      [&](const OptionRow& option) {
        const std::string label = option.is_positional ? "" : label_of(option);
        text +=
            entry(option.flag() + (label.empty() ? "" : " " + label), help_with_default(option));
        text += list_of(explained_names(option));
      });
  if (command == Command::completion) text.append("\n").append(list_of(name_rows<Shell>()));
  text += "\nHelp\n" + entry("-h, --help", "this text");
  if (reader_of(command) != 0)
    text += entry("--help-markdown", "the options as a table of Markdown");
  return text;
}

}  // namespace mckean::cli
