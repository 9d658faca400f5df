// Numbers as text, without a locale.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mckean {

// Nothing here throws, but for std::bad_alloc.

/// The whole of `text` as a finite number; empty otherwise.
inline std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || rest != text.data() + text.size() || !std::isfinite(value)) return {};
  return value;
}

/// A whole number in [0, 2^53], also as 1e6; empty otherwise.
inline std::optional<std::uint64_t> parse_count(std::string_view text) {
  const auto value = parse_number(text);
  if (!value || *value < 0 || *value > 0x1p53 || std::floor(*value) != *value) return {};
  return static_cast<std::uint64_t>(*value);
}

/// The shortest text that reads back as the same number.
inline std::string shortest(double value) {
  char text[64];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return error == std::errc{} ? std::string(text, end) : std::to_string(value);
}

}  // namespace mckean
