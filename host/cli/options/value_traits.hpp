// How text becomes a value of each type that an option may have, and how values are shown.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "host/cli/options/values.hpp"
#include "mckean/find_choice.hpp"

namespace mckean::cli {

enum class ValueKind { flag, number, count, samples, list, path, cloud, choice };

/// A value for JSON and messages: nothing, or plain data.
using ShownValue =
    std::variant<std::monostate, bool, double, std::uint64_t, std::string, std::vector<double>>;
/// As one would write it on the command line; "" of nothing.
std::string as_text(const ShownValue& value);

/// Numbers as people write them: with blanks and a + in front.
std::optional<double> read_number(std::string_view text);
std::optional<std::uint64_t> read_count(std::string_view text);
std::optional<std::vector<double>> read_list(std::string_view text);
/// "uniform", the name of a law, or a file.
CloudSource read_cloud_source(std::string_view text);

template <class T>
struct ValueTraits;

template <>
struct ValueTraits<bool> {
  static constexpr ValueKind kind = ValueKind::flag;
  static std::optional<bool> read(std::string_view text) {
    if (text == "true") return true;
    if (text == "false") return false;
    return {};
  }
  static ShownValue show(bool value) { return value; }
};

template <>
struct ValueTraits<double> {
  static constexpr ValueKind kind = ValueKind::number;
  static std::optional<double> read(std::string_view text) { return read_number(text); }
  static ShownValue show(double value) { return value; }
};

template <>
struct ValueTraits<std::uint64_t> {
  static constexpr ValueKind kind = ValueKind::count;
  static std::optional<std::uint64_t> read(std::string_view text) { return read_count(text); }
  static ShownValue show(std::uint64_t value) { return value; }
};

template <>
struct ValueTraits<int> {
  static constexpr ValueKind kind = ValueKind::count;
  static std::optional<int> read(std::string_view text) {
    const auto count = read_count(text);
    if (!count || *count > 0x7fffffff) return {};
    return static_cast<int>(*count);
  }
  static ShownValue show(int value) { return static_cast<std::uint64_t>(value); }
};

template <>
struct ValueTraits<SampleCount> {
  static constexpr ValueKind kind = ValueKind::samples;
  static std::optional<SampleCount> read(std::string_view text) {
    if (text == "inf") return SampleCount{};
    const auto count = read_count(text);
    if (!count) return {};
    return SampleCount{*count};
  }
  static ShownValue show(const SampleCount& value) {
    return value.finite ? ShownValue(*value.finite) : ShownValue(std::string("inf"));
  }
};

template <>
struct ValueTraits<std::vector<double>> {
  static constexpr ValueKind kind = ValueKind::list;
  static std::optional<std::vector<double>> read(std::string_view text) { return read_list(text); }
  static ShownValue show(const std::vector<double>& value) {
    return value.empty() ? ShownValue() : ShownValue(value);
  }
};

template <>
struct ValueTraits<std::string> {
  static constexpr ValueKind kind = ValueKind::path;
  static std::optional<std::string> read(std::string_view text) {
    if (text.empty()) return {};
    return std::string(text);
  }
  static ShownValue show(const std::string& value) {
    return value.empty() ? ShownValue() : ShownValue(value);
  }
};

template <>
struct ValueTraits<CloudSource> {
  static constexpr ValueKind kind = ValueKind::cloud;
  static std::optional<CloudSource> read(std::string_view text) {
    if (text.empty()) return {};
    return read_cloud_source(text);
  }
  static ShownValue show(const CloudSource& value) {
    return value.text.empty() ? ShownValue() : ShownValue(value.text);
  }
};

template <Named T>
struct ValueTraits<T> {
  static constexpr ValueKind kind = ValueKind::choice;
  static std::optional<T> read(std::string_view text) { return find_choice<T>(text); }
  static ShownValue show(const T& value) { return name_of(value); }
};

/// Empty where nothing was given and there is no default.
template <class T>
struct ValueTraits<std::optional<T>> {
  static constexpr ValueKind kind = ValueTraits<T>::kind;
  static std::optional<T> read(std::string_view text) { return ValueTraits<T>::read(text); }
  static ShownValue show(const std::optional<T>& value) {
    return value ? ValueTraits<T>::show(*value) : ShownValue();
  }
};

/// What a value is chosen from; empty where it is not.
template <class T>
std::vector<NameRow> name_rows_of() {
  if constexpr (Named<T>) {
    return name_rows<T>();
  } else if constexpr (std::is_same_v<T, CloudSource>) {
    std::vector<NameRow> rows = name_rows<DataLaw>();
    // The circle's law is known without samples.
    rows.front() = {"uniform", "U(S^1) in closed form"};
    return rows;
  } else {
    return {};
  }
}

}  // namespace mckean::cli
