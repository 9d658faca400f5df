// Names, values, defaults and meanings of options in words, for help, README and manual page.
#include "host/cli/help/option_text.hpp"

#include <algorithm>
#include <cctype>

#include "host/cli/help/suggestion.hpp"

namespace mckean::cli {
namespace {

constexpr std::size_t longest_label = 20;

std::string_view help_of(Command command) {
  for (const Choice<Command>& row : choices<Command>) {
    if (row.value == command) return row.help;
  }
  return "";
}

}  // namespace

std::string usage_of(Command command) {
  std::string usage = "mckean ";
  usage += name_of(command);
  if (command == Command::completion) return usage + " bash|zsh";
  if (command == Command::help) return usage + " [COMMAND]";
  if (reads_toml(command)) usage += " [CONFIG.toml]";
  for (const OptionRow& option : option_table()) {
    if ((option.readers & reader_of(command)) != 0 && option.is_positional)
      usage.append(" ").append(option.flag());
  }
  return usage + (reader_of(command) != 0 ? " [OPTION]..." : "");
}

std::string intro_of(Command command) {
  std::string intro(help_of(command));
  intro.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(intro.front())));
  intro += ".";
  if (reads_toml(command))
    intro +=
        " Every option is also a key of CONFIG.toml, a flat TOML file; paths in it are relative to "
        "it, and flags win. Defaults stand in [ ]";
  if (command == Command::run || command == Command::eval)
    intro += "; where three stand there, they are for the circle | another law | data files";
  return reads_toml(command) ? intro + "." : intro;
}

std::string label_of(const OptionRow& option) {
  switch (option.member.kind) {
    case ValueKind::flag:
      return "";
    case ValueKind::number:
      return "NUMBER";
    case ValueKind::count:
      return "COUNT";
    case ValueKind::samples:
      return "COUNT|inf";
    case ValueKind::list:
      return "T1,T2,...";
    case ValueKind::path:
      return "FILE";
    case ValueKind::cloud:
      return "FILE|LAW";
    case ValueKind::choice:
      break;
  }
  std::vector<std::string_view> names;
  for (const NameRow& row : option.member.names()) names.push_back(row.name);
  const std::string all = joined(names, "|");
  return all.size() <= longest_label ? all : "NAME";
}

std::string help_with_default(const OptionRow& option) {
  const std::string defaults = describe_defaults(option);
  if (defaults.empty() || option.member.kind == ValueKind::flag) return option.help;
  return std::string(option.help) + " [" + defaults + "]";
}

std::vector<NameRow> explained_names(const OptionRow& option) {
  std::vector<NameRow> rows = option.member.names();
  const bool explained =
      std::any_of(rows.begin(), rows.end(), [](const NameRow& row) { return !row.help.empty(); });
  if (!explained) rows.clear();
  return rows;
}

}  // namespace mckean::cli
