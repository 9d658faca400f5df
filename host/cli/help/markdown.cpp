// The README's tables.
#include "host/cli/help/help.hpp"
#include "host/cli/help/option_text.hpp"
#include "host/cli/help/suggestion.hpp"

namespace mckean::cli {
namespace {

/// A bar inside a cell is escaped.
std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) escaped += c == '|' ? std::string("\\|") : std::string(1, c);
  return escaped;
}

std::string values_of(const OptionRow& option) {
  if (option.member.kind == ValueKind::flag) return "flag";
  if (option.member.kind != ValueKind::choice) return label_of(option);
  std::vector<std::string_view> names;
  for (const NameRow& row : option.member.names()) names.push_back(row.name);
  return joined(names, "|");
}

/// Help, what its names mean, and who reads it where that is not `run`.
std::string meaning_of(const OptionRow& option) {
  std::string text = option.help;
  std::string names;
  for (const NameRow& row : option.member.names()) {
    if (row.help.empty()) continue;
    names += names.empty() ? ". " : "; ";
    names += std::string(row.name) + ": " + std::string(row.help);
  }
  text += names;
  return option.readers == by_eval ? text + " (eval)" : text;
}

}  // namespace

std::string options_as_markdown(Command command) {
  const unsigned readers = command == Command::run ? by_run | by_eval : reader_of(command);
  std::string text =
      "| option | values | default | |\n"
      "|---|---|---|---|\n";
  const OptionRow* before = nullptr;
  for (const OptionRow& option : option_table()) {
    if ((option.readers & readers) == 0) continue;
    if (before == nullptr || before->group != option.group)
      text += "| **" + std::string(title_of(option.group)) + "** | | | |\n";
    text += "| `" + option.flag() + "` | " + cell(values_of(option)) + " | " +
            cell(describe_defaults(option)) + " | " + cell(meaning_of(option)) + " |\n";
    before = &option;
  }
  return text;
}

}  // namespace mckean::cli
