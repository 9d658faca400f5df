// Registries of names: one row for each value of an enumeration that users may name. Parsing, help,
// completion, messages and results read these rows, and nothing else knows a name.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace mckean {

/// A row of a registry.
template <class T>
struct Choice {
  std::string_view name;  // "relu"; "relu:C" where a finite number stands behind the colon
  T value;                // not read where there is a number
  std::string_view help;  // one line; may be empty
  std::optional<T> (*with_number)(double) = nullptr;       // the value of a number, if there is one
  std::optional<double> (*number_of)(const T&) = nullptr;  // the number of a value of this row
};

/// The rows of T, specialised beside T as an array of Choice<T>. See find_choice.hpp.
template <class T>
inline constexpr auto choices = nullptr;

}  // namespace mckean
