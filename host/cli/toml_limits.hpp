// What a configuration file may look like before the parser is let near it: tables within tables
// are taken down by recursion, which a key of many parts would carry beyond the stack.
#pragma once

#include <string>
#include <string_view>

namespace mckean::cli {

constexpr std::size_t largest_toml = std::size_t{1} << 20;  // bytes
constexpr int most_key_parts = 16;

/// "line N: what is wrong" of text in which a key, or what might be one, has more than
/// most_key_parts parts; empty where nothing is wrong. Where strings begin and end is not asked,
/// so that no text can hide a key; numbers and paths are no keys even so.
std::string find_excess(std::string_view toml);

}  // namespace mckean::cli
