// The descriptors 0 to 2 of the program, and what it prints on stdout.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace mckean::cli {

/// Puts /dev/null where stdin, stdout or stderr is closed, so that no file that is opened later
/// takes their place. First of all in main.
void open_closed_streams();

/// Writes to stdout. Once that fails (a pipe whose reader has gone, a full disk) nothing more is
/// printed; throws Interrupted where an interruption was asked for and the reader takes nothing.
void print(std::string_view text);
/// Whether something was not printed.
bool print_failed();
/// IoError where something was lost that was printed nowhere else: `kept_elsewhere` says that files
/// hold it, and a reader that has gone then did not want more.
void check_printed(bool kept_elsewhere);

/// Columns of the terminal behind `descriptor`, or of the variable COLUMNS where the terminal does
/// not say, or 80; 0 where it is no terminal.
std::size_t terminal_columns(int descriptor);

/// Indented, with a line break at the end. What is not UTF-8 (names of files) is replaced.
std::string json_text(const nlohmann::ordered_json& json);

}  // namespace mckean::cli
