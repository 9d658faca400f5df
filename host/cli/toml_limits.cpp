// The longest chain of dots that may part one key, line by line.
#include "toml_limits.hpp"

#include <algorithm>
#include <array>

namespace mckean::cli {
namespace {

constexpr std::string_view blanks = " \t";
constexpr std::string_view quotes = "\"'";

/// Bytes of other alphabets count too, whatever the parser makes of them.
bool is_bare(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || static_cast<unsigned char>(c) > 127;
}

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// Without a comment at the end, as far as it is certain to be one or part of a string: no quote
/// follows that could end the string.
std::string_view without_comment(std::string_view line) {
  const std::size_t last_quote = line.find_last_of(quotes);
  return line.substr(0, line.find('#', last_quote == std::string_view::npos ? 0 : last_quote));
}

/// An upper bound of the number of dots in any key of a line. A part of a key holds no end of line;
/// between two dots it is of bare characters, or it begins and ends with the same quote and may
/// hold dots of its own.
int longest_chain(std::string_view line) {
  int longest = 0;
  int before = 0;                     // the chain that ends with the dot before
  std::array<int, 2> before_quote{};  // the longest that ends with a dot before such a quote
  std::string_view part;              // from the dot before to this one
  for (std::size_t begin = 0, end; (end = line.find('.', begin)) != std::string_view::npos;
       begin = end + 1) {
    part = trim(line.substr(begin, end - begin));
    int chain = 0;
    if (!part.empty() && std::all_of(part.begin(), part.end(), is_bare)) chain = before;
    for (std::size_t q = 0; q < quotes.size(); ++q) {
      if (part.ends_with(quotes[q])) chain = std::max(chain, before_quote[q]);
    }
    before = chain + 1;
    longest = std::max(longest, before);
    const std::size_t next = line.find_first_not_of(blanks, end + 1);
    const std::size_t q = next == std::string_view::npos ? next : quotes.find(line[next]);
    if (q != std::string_view::npos) before_quote[q] = std::max(before_quote[q], before);
  }
  return longest;
}

}  // namespace

std::string find_excess(std::string_view toml) {
  for (std::size_t number = 1; !toml.empty(); ++number) {
    const std::size_t size = std::min(toml.find('\n'), toml.size() - 1) + 1;
    if (longest_chain(without_comment(toml.substr(0, size))) >= most_key_parts)
      return "line " + std::to_string(number) + ": has a key of too many parts";
    toml.remove_prefix(size);
  }
  return "";
}

}  // namespace mckean::cli
