// Values as text, read with their types.
#include "settings.hpp"

#include <charconv>
#include <cmath>

#include "mckean/error.hpp"
#include "message.hpp"

namespace mckean::cli {
namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

std::optional<std::vector<double>> parse_list(const std::string& text) {
  std::vector<double> values;
  for (const std::string& part : split(text, ',')) {
    const auto value = parse_number(part);
    if (!value) return {};
    values.push_back(*value);
  }
  return values;
}

/// What is wrong with `value` for `option`, with the mend; empty where nothing is.
std::string complaint(const OptionSpec& option, const std::string& value) {
  switch (option.type) {
    case ValueType::number:
      return parse_number(value) ? "" : "is not a number: give for example 0.5 or 1e-3";
    case ValueType::count:
      return parse_count(value) ? "" : "is not a whole number: give for example 1000 or 1e6";
    case ValueType::samples:
      return value == "inf" || parse_count(value) ? "" : "is neither a whole number nor inf";
    case ValueType::list:
      return parse_list(value) ? "" : "is not a list of numbers: give for example 0,1,10";
    case ValueType::flag:
      return value == "true" || value == "false" ? "" : "is neither true nor false";
    case ValueType::choice: {
      for (const std::string& choice : split(option.choices, '|')) {
        if (choice == value) return "";
      }
      std::string list;
      for (const std::string& choice : split(option.choices, '|'))
        list += (list.empty() ? "" : ", ") + choice;
      return "is not one of: " + list;
    }
    case ValueType::path:
    case ValueType::text:
      return value.empty() ? "is empty: give a value, or leave the option out" : "";
  }
  return "";
}

}  // namespace

std::optional<double> parse_number(const std::string& text) {
  const char* begin = text.data();
  const char* const end = begin + text.size();
  while (begin != end && *begin == ' ') ++begin;
  if (begin != end && *begin == '+') ++begin;
  double value = 0;
  const auto [rest, error] = std::from_chars(begin, end, value);
  if (error != std::errc{} || rest != end || !std::isfinite(value)) return {};
  return value;
}

std::optional<std::uint64_t> parse_count(const std::string& text) {
  const auto value = parse_number(text);
  if (!value || *value < 0 || *value > 0x1p53 || std::floor(*value) != *value) return {};
  return static_cast<std::uint64_t>(*value);
}

std::string shortest(double value) {
  char text[64];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return error == std::errc{} ? std::string(text, end) : std::to_string(value);
}

void Settings::give(const OptionSpec& option, const std::string& value, const std::string& source) {
  const std::string wrong = complaint(option, value);
  if (!wrong.empty()) throw InputError(source + ": " + quoted(value) + " " + wrong);
  values_[option.name] = value;
  sources_[option.name] = source;
}

void Settings::take_defaults(JobKind kind, unsigned readers) {
  for (const OptionSpec& option : option_table()) {
    if ((option.readers & readers) != 0) {
      values_.emplace(option.name, option.defaults[static_cast<std::size_t>(kind)]);
    }
  }
}

std::string Settings::spelled(const std::string& name) const {
  const auto source = sources_.find(name);
  return source == sources_.end() ? "--" + name : source->second;
}

const std::string& Settings::text(const std::string& name) const {
  static const std::string none;
  const auto value = values_.find(name);
  return value == values_.end() ? none : value->second;
}

double Settings::number(const std::string& name) const {
  return parse_number(text(name)).value_or(0);
}
std::uint64_t Settings::count(const std::string& name) const {
  return parse_count(text(name)).value_or(0);
}
std::optional<std::uint64_t> Settings::samples(const std::string& name) const {
  return parse_count(text(name));
}
std::vector<double> Settings::list(const std::string& name) const {
  return parse_list(text(name)).value_or(std::vector<double>{});
}

}  // namespace mckean::cli
