// toml++ reads; the option table says which keys and types there are.
#include "host/cli/options/toml.hpp"

// Arrays of numbers are all that there is to nest.
#define TOML_MAX_NESTED_VALUES 16
// The parser reports what its own assertions deny, a key that begins with a comma among it.
#define TOML_ASSERT(expr) static_assert(true)
#include <toml++/toml.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>

#include "host/cli/help/suggestion.hpp"
#include "host/cli/message.hpp"
#include "host/cli/options/commands.hpp"
#include "host/cli/options/toml_limits.hpp"
#include "mckean/error.hpp"

namespace mckean::cli {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> as_number(const toml::node& node) {
  if (const auto integer = node.value_exact<std::int64_t>()) return std::to_string(*integer);
  const auto number = node.value_exact<double>();
  if (number && std::isfinite(*number)) return shortest(*number);
  return {};
}

std::string type_name(const toml::node& node) {
  if (const auto number = node.value_exact<double>(); number && !std::isfinite(*number))
    return std::isnan(*number) ? "nan" : "inf";
  if (node.is_array()) {
    for (const toml::node& element : *node.as_array()) {
      if (!as_number(element)) return "an array with " + type_name(element) + " in it";
    }
  }
  switch (node.type()) {
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "an integer";
    case toml::node_type::floating_point:
      return "a number";
    case toml::node_type::boolean:
      return "a boolean";
    case toml::node_type::array:
      return "an array";
    case toml::node_type::table:
      return "a table";
    default:
      return "a date or time";
  }
}

const char* expected_type(ValueKind kind) {
  switch (kind) {
    case ValueKind::number:
      return "a number";
    case ValueKind::count:
      return "a whole number";
    case ValueKind::samples:
      return "a whole number or \"inf\"";
    case ValueKind::list:
      return "an array of numbers";
    case ValueKind::flag:
      return "true or false";
    default:
      return "a string";
  }
}

/// The text that the same value would have as a flag; empty where the type does not fit.
std::optional<std::string> as_text(const OptionRow& option, const toml::node& node) {
  switch (option.member.kind) {
    case ValueKind::number:
    case ValueKind::count:
      return as_number(node);
    case ValueKind::samples: {
      const auto number = node.value_exact<double>();
      if (number && std::isinf(*number) && *number > 0) return "inf";
      if (node.is_string()) return *node.value_exact<std::string>();
      return as_number(node);
    }
    case ValueKind::flag: {
      const auto value = node.value_exact<bool>();
      if (!value) return {};
      return *value ? "true" : "false";
    }
    case ValueKind::list: {
      if (!node.is_array()) return as_number(node);
      std::string text;
      for (const toml::node& element : *node.as_array()) {
        const auto number = as_number(element);
        if (!number) return {};
        text += (text.empty() ? "" : ",") + *number;
      }
      return text;
    }
    default:
      return node.value_exact<std::string>();
  }
}

/// The text of the file, within the limits.
std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    throw InputError(path.string() + ": cannot be read: " + std::strerror(errno) +
                     ": check its permissions");
  std::string text(largest_toml + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) throw IoError(path.string() + ": cannot be read");
  text.resize(static_cast<std::size_t>(file.gcount()));
  const std::string excess =
      text.size() > largest_toml ? "is larger than 1 MiB" : find_excess(text);
  if (!excess.empty())
    throw InputError(path.string() + ": " + excess + ": write flat lines like width = 1000");
  return text;
}

[[noreturn]] void refuse_key(const std::string& name, const std::string& source, unsigned reader) {
  std::vector<std::string_view> known;
  std::string command;
  for (const Choice<Command>& row : choices<Command>) {
    if (reader_of(row.value) == reader) command = row.name;
  }
  for (const OptionRow& row : option_table()) {
    if ((row.readers & reader) != 0) known.push_back(row.name);
  }
  const std::string meant = did_you_mean(name, known);
  throw InputError(source + ": unknown key" +
                   (meant.empty() ? ": mckean " + command + " --help lists the keys" : meant));
}

bool is_path(const OptionRow& option, const std::string& value) {
  if (option.member.kind == ValueKind::cloud)
    return read_cloud_source(value).is_file() && !value.empty();
  return option.member.kind == ValueKind::path && !value.empty();
}

}  // namespace

void read_toml(const fs::path& path, Draft& draft) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status))
    throw InputError(path.string() + ": no such file: give the path of a TOML file");
  if (!fs::is_regular_file(status))
    throw InputError(path.string() + ": is not a file: give the path of a TOML file");
  const std::string text = read_text(path);
  toml::table table;
  try {
    table = toml::parse(text, path.string());
  } catch (const toml::parse_error& problem) {
    throw InputError(path.string() + ": line " + std::to_string(problem.source().begin.line) +
                     ": " + std::string(problem.description()) +
                     ": write flat lines like width = 1000");
  }
  for (const auto& [key, node] : table) {
    const std::string name(key.str());
    const std::string source = path.filename().string() + ": " + printable(name, 60);
    const OptionRow* option = find_option(name, draft.reader());
    if (option == nullptr) refuse_key(name, source, draft.reader());
    const auto value = as_text(*option, node);
    if (!value) {
      throw InputError(source + ": expected " + expected_type(option->member.kind) + ", found " +
                       type_name(node));
    }
    const bool relative = is_path(*option, *value) && fs::path(*value).is_relative();
    draft.give(*option, relative ? (path.parent_path() / *value).string() : *value, source);
  }
}

}  // namespace mckean::cli
