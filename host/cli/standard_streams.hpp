// The descriptors 0 to 2 of the program, and what it prints on stdout.
#pragma once

#include <cstddef>
#include <string_view>

namespace mckean::cli {

/// Puts /dev/null where stdin, stdout or stderr is closed, so that no file that is opened later
/// takes their place. First of all in main.
void open_closed_streams();

/// Writes to stdout. Once that fails (a pipe whose reader has gone, a full disk) nothing more is
/// printed; throws Interrupted where an interruption was asked for and the reader takes nothing.
void print(std::string_view text);
/// The same of text for people, fitted to a terminal.
void print_fitted(std::string_view text);
/// IoError where something was lost that was printed nowhere else: `kept_elsewhere` says that files
/// hold it, and a reader that has gone then did not want more.
void check_printed(bool kept_elsewhere);

/// Columns of the terminal behind `descriptor`, or of the variable COLUMNS where the terminal does
/// not say, or 80; 0 where it is no terminal.
std::size_t terminal_columns(int descriptor);

}  // namespace mckean::cli
