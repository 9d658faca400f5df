// What the program says on stderr: one line at a time, that no input can make longer or turn into
// something else than text.
#pragma once

#include <string>
#include <string_view>

namespace mckean::cli {

/// `text` on one line: blanks for line breaks and tabs, ? for control characters, for what steers a
/// terminal or the direction of writing, and for what is not UTF-8. Of more than `limit` bytes the
/// middle is left out.
std::string printable(std::string_view text, std::size_t limit);

/// A value in quotes for a message, cut at 60 bytes.
std::string quoted(const std::string& value);

/// "mckean: message" on stderr.
void say(const std::string& message);
/// The same, and gives back `code`.
int complain(const std::string& message, int code);

}  // namespace mckean::cli
