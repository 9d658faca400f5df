// Strings and comments are told from the rest as TOML 1.0 does: outside of them a quote always
// begins a string and # a comment, or else the parser stops there.
#include "host/cli/options/toml_limits.hpp"

#include <algorithm>

namespace mckean::cli {
namespace {

constexpr std::size_t none = std::string_view::npos;

/// What may stand between two dots of a key beside strings. Bytes of other alphabets count too,
/// whatever the parser makes of them.
bool is_part(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == ' ' || c == '\t' || static_cast<unsigned char>(c) > 127;
}

std::size_t count_front(std::string_view text, char c) {
  return std::min(text.find_first_not_of(c), text.size());
}

/// The bytes of a string over several lines from its first quote on; none where it has no end.
std::size_t long_string_size(std::string_view text, char quote) {
  for (std::size_t i = 3; i < text.size();) {
    if (text[i] == '\\' && quote == '"') {
      i += 2;
    } else if (text[i] != quote) {
      ++i;
    } else {
      // Three end it; one or two before them belong to it.
      const std::size_t quotes = std::min<std::size_t>(count_front(text.substr(i), quote), 5);
      i += quotes;
      if (quotes >= 3) return i;
    }
  }
  return none;
}

/// The same of any string.
std::size_t string_size(std::string_view text) {
  const char quote = text.front();
  if (count_front(text, quote) >= 3) return long_string_size(text, quote);
  for (std::size_t i = 1; i < text.size() && text[i] != '\n'; ++i) {
    if (text[i] == quote) return i + 1;
    if (text[i] == '\\' && quote == '"') ++i;
  }
  return none;
}

}  // namespace

std::string find_excess(std::string_view toml) {
  std::size_t line = 1;
  int dots = 0;  // of what may be one key, up to here
  while (!toml.empty()) {
    const char c = toml.front();
    std::size_t size = 1;
    if (c == '"' || c == '\'') {
      size = string_size(toml);
      if (size == none) return "";
    } else if (c == '#') {
      size = std::min(toml.find('\n'), toml.size());
    } else if (c == '.') {
      if (++dots >= most_key_parts)
        return "line " + std::to_string(line) + ": has a key of too many parts";
    } else if (!is_part(c)) {
      dots = 0;
    }
    line += static_cast<std::size_t>(std::count(toml.begin(), toml.begin() + size, '\n'));
    toml.remove_prefix(size);
  }
  return "";
}

}  // namespace mckean::cli
