// Reading numbers, lists and clouds, and showing values.
#include "host/cli/options/value_traits.hpp"

namespace mckean::cli {
namespace {

std::string_view without_sign(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  if (text.starts_with('+')) text.remove_prefix(1);
  return text;
}

struct ToText {
  std::string operator()(std::monostate) const { return ""; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(double value) const { return shortest(value); }
  std::string operator()(std::uint64_t value) const { return std::to_string(value); }
  std::string operator()(const std::string& value) const { return value; }
  std::string operator()(const std::vector<double>& values) const {
    std::string text;
    for (const double value : values) {
      if (!text.empty()) text += ',';
      text += shortest(value);
    }
    return text;
  }
};

}  // namespace

std::string as_text(const ShownValue& value) { return std::visit(ToText{}, value); }

std::optional<double> read_number(std::string_view text) {
  return parse_number(without_sign(text));
}

std::optional<std::uint64_t> read_count(std::string_view text) {
  return parse_count(without_sign(text));
}

std::optional<std::vector<double>> read_list(std::string_view text) {
  std::vector<double> values;
  for (bool more = true; more;) {
    const std::size_t comma = text.find(',');
    const auto value = read_number(text.substr(0, comma));
    if (!value) return {};
    values.push_back(*value);
    more = comma != std::string_view::npos;
    if (more) text.remove_prefix(comma + 1);
  }
  return values;
}

CloudSource read_cloud_source(std::string_view text) {
  return {std::string(text), text == "uniform", find_choice<DataLaw>(text)};
}

}  // namespace mckean::cli
