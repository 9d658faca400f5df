// What a configuration file may look like before the parser, which recurses, is let near it.
#pragma once

#include <string>
#include <string_view>

namespace mckean::cli {

constexpr std::size_t largest_toml = std::size_t{1} << 20;  // bytes

/// "line N: what is wrong" of text that nests deeper than flat keys and arrays of numbers do, in
/// brackets or in the parts of a key; empty where nothing is wrong.
std::string find_excess(std::string_view toml);

}  // namespace mckean::cli
