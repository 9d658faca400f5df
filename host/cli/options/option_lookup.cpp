// Finding rows of the option table, and what is said of them.
#include <algorithm>
#include <cctype>

#include "host/cli/help/suggestion.hpp"
#include "host/cli/message.hpp"
#include "host/cli/options/option_table.hpp"

namespace mckean::cli {

std::string OptionRow::flag() const {
  if (!is_positional) return std::string("--") + name;
  std::string upper;
  for (const char* c = name; *c != '\0'; ++c)
    upper += static_cast<char>(std::toupper(static_cast<unsigned char>(*c)));
  return upper;
}

const char* title_of(Group group) {
  switch (group) {
    case Group::problem:
      return "Problem";
    case Group::model:
      return "Model";
    case Group::start:
      return "Start";
    case Group::clouds:
      return "Clouds";
    case Group::evaluation:
      return "Evaluation";
    case Group::time:
      return "Time and integrator";
    case Group::stop:
      return "Stop rules";
    case Group::records:
      return "Records";
    case Group::distances:
      return "Distances";
    case Group::machine:
      return "Machine";
    case Group::output:
      break;
  }
  return "Output";
}

const OptionRow* find_option(std::string_view name, unsigned reader) {
  for (const OptionRow& row : option_table()) {
    if ((row.readers & reader) != 0 && row.name == name) return &row;
  }
  return nullptr;
}

const OptionRow& option_of(const char* member) {
  const auto table = option_table();
  return *std::find_if(table.begin(), table.end(),
                       [&](const OptionRow& row) { return row.member.id == member; });
}

std::string describe_defaults(const OptionRow& option) {
  const auto& [circle, law, data] = option.defaults;
  const std::string_view first = circle;
  if (first == law && first == data) return circle;
  const auto show = [](const char* value) {
    return *value == '\0' ? std::string("-") : std::string(value);
  };
  return show(circle) + " | " + show(law) + " | " + show(data);
}

std::string complaint(const OptionRow& option, const std::string& value) {
  if (option.member.accepts(value)) return "";
  const std::string found = quoted(value);
  switch (option.member.kind) {
    case ValueKind::number:
      return found + " is not a number: give for example 0.5 or 1e-3";
    case ValueKind::count:
      if (const auto number = parse_number(value); number && *number > 0x1p53)
        return found + " is too large: give at most 2^53";
      return found + " is not a whole number: give for example 1000 or 1e6";
    case ValueKind::samples:
      return found + " is neither a whole number nor inf";
    case ValueKind::list:
      return found + " is not a list of numbers: give for example 0,1,10";
    case ValueKind::flag:
      return found + " is neither true nor false";
    case ValueKind::path:
    case ValueKind::cloud:
      return found + " is empty: give a value, or leave the option out";
    case ValueKind::choice:
      break;
  }
  std::vector<std::string_view> names;
  for (const NameRow& row : option.member.names()) names.push_back(row.name);
  return found + " is not one of: " + joined(names, ", ") + did_you_mean(value, names);
}

}  // namespace mckean::cli
