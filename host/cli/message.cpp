// Text made safe to print.
#include "message.hpp"

#include <unistd.h>

#include <cstdint>

#include "utf8.hpp"

namespace mckean::cli {
namespace {

constexpr std::size_t longest_value = 60;
constexpr std::size_t longest_message = 480;

/// The length of the UTF-8 sequence at the front of `text` and its code point; length 0 where there
/// is none.
struct Sequence {
  std::size_t length = 0;
  std::uint32_t point = 0;

  explicit Sequence(std::string_view text) {
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t expected = first < 0x80             ? 1
                                 : (first & 0xE0) == 0xC0 ? 2
                                 : (first & 0xF0) == 0xE0 ? 3
                                 : (first & 0xF8) == 0xF0 ? 4
                                                          : 0;
    if (expected == 0 || expected > text.size()) return;
    point = expected == 1 ? first : first & (0x7Fu >> expected);
    for (std::size_t i = 1; i < expected; ++i) {
      if (!continues(text[i])) return;
      point = point << 6 | (static_cast<unsigned char>(text[i]) & 0x3Fu);
    }
    constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
    if (point >= least[expected] && point <= 0x10FFFF && !surrogate) length = expected;
  }
};

bool is_unsafe(std::uint32_t point) {
  const bool control = point < 0x20 || (point >= 0x7F && point < 0xA0);
  const bool mark = point == 0x061C || point == 0x200E || point == 0x200F || point == 0xFEFF;
  const bool line_or_order = point >= 0x2028 && point <= 0x202E;
  return control || mark || line_or_order || (point >= 0x2066 && point <= 0x2069);
}

/// The largest whole number of characters of clean text within `bytes`.
std::size_t cut_before(const std::string& text, std::size_t bytes) {
  while (bytes > 0 && continues(text[bytes])) --bytes;
  return bytes;
}

}  // namespace

std::string printable(std::string_view text, std::size_t limit) {
  std::string clean;
  while (!text.empty()) {
    const Sequence sequence(text);
    const char c = text.front();
    if (c == '\n' || c == '\r' || c == '\t') {
      clean += ' ';
    } else if (sequence.length == 0 || is_unsafe(sequence.point)) {
      clean += '?';
    } else {
      clean += text.substr(0, sequence.length);
    }
    text.remove_prefix(sequence.length > 0 ? sequence.length : 1);
  }
  if (clean.size() <= limit) return clean;
  // What is wrong stands at the front, and a remedy at the end.
  const std::string gap = " ... ";
  const std::size_t kept = limit - gap.size();
  std::size_t back = clean.size() - kept / 2;
  while (back < clean.size() && continues(clean[back])) ++back;
  return clean.substr(0, cut_before(clean, kept - kept / 2)) + gap + clean.substr(back);
}

std::string quoted(const std::string& value) {
  const std::string text = printable(value, value.size() + longest_value);
  std::string inside = text;
  if (text.size() > longest_value)
    inside = text.substr(0, cut_before(text, longest_value)).append("...");
  return std::string(1, '\'').append(inside).append(1, '\'');
}

void say(const std::string& message) {
  const std::string line = "mckean: " + printable(message, longest_message) + "\n";
  // A closed stderr is no reason to fail: the exit code says the same.
  static_cast<void>(!::write(STDERR_FILENO, line.data(), line.size()));
}

int complain(const std::string& message, int code) {
  say(message);
  return code;
}

}  // namespace mckean::cli
