// What a configuration file may look like before the parser is let near it: tables within tables
// are taken down by recursion, which a key of many parts would carry beyond the stack.
#pragma once

#include <string>
#include <string_view>

namespace mckean::cli {

constexpr std::size_t largest_toml = std::size_t{1} << 20;  // bytes
constexpr int most_key_parts = 16;

/// "line N: what is wrong" of text in which a key has more than most_key_parts parts; empty where
/// nothing is wrong. Dots in strings and comments part no key. Text is looked at up to its first
/// error of syntax in a string; what stands behind it the parser never reads.
std::string find_excess(std::string_view toml);

}  // namespace mckean::cli
