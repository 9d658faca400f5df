// Breaks lines at blanks, and words that are wider than a line.
#include "fitted_text.hpp"

#include <algorithm>

#include "utf8.hpp"

namespace mckean::cli {
namespace {

constexpr std::string_view breaks = "|,/";

/// Characters of UTF-8, one column each.
std::size_t columns(std::string_view text) {
  return text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), continues));
}

/// Leaves less than a third of the room.
bool is_too_deep(std::size_t column, std::size_t room) { return 3 * column > 2 * room; }

/// What begins the lines that follow: blanks up to the second column of a list, or "# ".
std::string prefix_of(std::string_view line, std::size_t room) {
  const std::size_t first = std::min(line.find_first_not_of(' '), line.size());
  if (room < 4) return "";
  if (line.substr(first).starts_with("# ")) return std::string(line.substr(0, first)) + "# ";
  const std::size_t gap = line.find("  ", first);
  std::size_t column = first;
  if (gap != std::string_view::npos) {
    column = std::min(line.find_first_not_of(' ', gap), line.size());
  } else if (first < 10) {
    column = first + 2;  // below a heading or an item, not in the second column
  }
  if (is_too_deep(column, room)) column = std::min<std::size_t>(4, room / 2);
  return std::string(column, ' ');
}

/// The bytes of the front of a word that take at most `room` columns, at least one character.
std::size_t front_of(std::string_view word, std::size_t room) {
  std::size_t size = 0;
  for (std::size_t used = 0; size < word.size(); ++size) {
    if (!continues(word[size]) && used++ == std::max<std::size_t>(room, 1)) break;
  }
  if (size == word.size()) return size;
  const std::size_t place = word.substr(0, size).find_last_of(breaks);
  return place == std::string_view::npos ? size : place + 1;
}

void fit_line(std::string_view line, std::size_t room, std::string& out) {
  if (columns(line) <= room) {
    out += line;
    return;
  }
  const std::string prefix = prefix_of(line, room);
  std::size_t used = 0;
  if (const std::size_t first = line.find_first_not_of(' ');
      first != std::string_view::npos && is_too_deep(first, room)) {
    line.remove_prefix(first);
    out += prefix;
    used = prefix.size();
  }
  // Blanks go with the word behind them, and are dropped where the line is broken.
  while (!line.empty()) {
    const std::size_t blanks = std::min(line.find_first_not_of(' '), line.size());
    const std::size_t end = std::min(line.find(' ', blanks), line.size());
    const std::string_view word = line.substr(blanks, end - blanks);
    std::size_t taken = word.size();
    if (used + blanks + columns(word) <= room) {
      out.append(blanks, ' ');
      used += blanks + columns(word);
    } else if (used > prefix.size()) {
      out += '\n' + prefix;
      used = prefix.size();
      line.remove_prefix(blanks);
      continue;
    } else {
      const std::size_t left = std::min(blanks, room - std::min(room, used + 1));
      out.append(left, ' ');
      taken = front_of(word, room - std::min(room, used + left));
      used += left + columns(word.substr(0, taken));
    }
    out += word.substr(0, taken);
    line.remove_prefix(blanks + taken);
    if (taken < word.size()) {
      out += '\n' + prefix;
      used = prefix.size();
    }
  }
}

}  // namespace

std::string fitted(std::string_view text, std::size_t width) {
  if (width == 0) return std::string(text);
  std::string out;
  while (!text.empty()) {
    const std::size_t size = std::min(text.find('\n'), text.size());
    fit_line(text.substr(0, size), std::max<std::size_t>(width, 2) - 1, out);
    if (size < text.size()) out += '\n';
    text.remove_prefix(std::min(size + 1, text.size()));
  }
  return out;
}

}  // namespace mckean::cli
