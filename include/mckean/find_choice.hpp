// From a name to its value and back, by the rows of choice.hpp.
#pragma once

#include <concepts>
#include <string>
#include <vector>

#include "mckean/choice.hpp"
#include "mckean/number_text.hpp"

namespace mckean {

/// What has a registry.
template <class T>
concept Named = requires {
  { choices<T>.front() } -> std::convertible_to<Choice<T>>;
};

// Nothing here throws, but for std::bad_alloc.

/// The value of a name, "tanh" or "relu:0.5"; empty where there is none of that name.
template <Named T>
std::optional<T> find_choice(std::string_view name) {
  for (const Choice<T>& row : choices<T>) {
    if (row.with_number == nullptr) {
      if (row.name == name) return row.value;
      continue;
    }
    const std::size_t colon = row.name.find(':') + 1;
    if (!name.starts_with(row.name.substr(0, colon))) continue;
    if (const auto number = parse_number(name.substr(colon))) return row.with_number(*number);
  }
  return {};
}

/// The name of a value, "" where it has none.
template <Named T>
std::string name_of(const T& value) {
  for (const Choice<T>& row : choices<T>) {
    if (row.number_of == nullptr) {
      if (row.value == value) return std::string(row.name);
    } else if (const auto number = row.number_of(value)) {
      std::string name(row.name.substr(0, row.name.find(':') + 1));
      return name.append(shortest(*number));
    }
  }
  return "";
}

/// A row without its value.
struct NameRow {
  std::string_view name;
  std::string_view help;
};

/// All rows, in their order.
template <Named T>
std::vector<NameRow> name_rows() {
  std::vector<NameRow> rows;
  for (const Choice<T>& row : choices<T>) rows.push_back({row.name, row.help});
  return rows;
}

}  // namespace mckean
