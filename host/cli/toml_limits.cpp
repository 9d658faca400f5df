// One pass over the characters of a TOML file that are not in strings or comments.
#include "toml_limits.hpp"

namespace mckean::cli {
namespace {

constexpr int deepest = 16;

/// The number of characters of the string or comment at the front of `text`, 0 where there is none.
std::size_t skipped(std::string_view text) {
  if (text.front() == '#') {
    const std::size_t end = text.find('\n');
    return end == std::string_view::npos ? text.size() : end;
  }
  const char quote = text.front();
  if (quote != '"' && quote != '\'') return 0;
  const std::string three(3, quote);
  const bool long_one = text.starts_with(three);
  std::size_t at = long_one ? 3 : 1;
  while (at < text.size()) {
    if (quote == '"' && text[at] == '\\') {
      at += 2;
    } else if (long_one ? text.substr(at).starts_with(three) : text[at] == quote) {
      return at + (long_one ? 3 : 1);
    } else if (!long_one && text[at] == '\n') {
      return at;  // not TOML, as the parser will say
    } else {
      ++at;
    }
  }
  return text.size();
}

}  // namespace

std::string find_excess(std::string_view toml) {
  int depth = 0;
  int dots = 0;
  std::size_t line = 1;
  const auto complain = [&line](const char* what) {
    return "line " + std::to_string(line) + ": " + what;
  };
  while (!toml.empty()) {
    if (const std::size_t count = skipped(toml); count > 0) {
      for (const char c : toml.substr(0, count)) line += c == '\n' ? 1 : 0;
      toml.remove_prefix(count);
      continue;
    }
    const char c = toml.front();
    toml.remove_prefix(1);
    if (c == '[' || c == '{') ++depth;
    if ((c == ']' || c == '}') && depth > 0) --depth;
    if (c == '.') {
      ++dots;
    } else if (c == '\n' || c == ',' || c == '=' || c == '[' || c == '{') {
      dots = 0;
    }
    if (depth > deepest) return complain("is nested too deeply");
    if (dots > deepest) return complain("has a key of too many parts");
    if (c == '\n') ++line;
  }
  return "";
}

}  // namespace mckean::cli
