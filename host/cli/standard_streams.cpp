// Printing without stdio: a failure is seen at once, and a reader that does not read can be left.
#include "standard_streams.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <string>

#include "fitted_text.hpp"
#include "mckean/error.hpp"
#include "mckean/interruption.hpp"

namespace mckean::cli {
namespace {

constexpr int patience = 100;  // milliseconds between two looks at an interruption
int failure = 0;               // errno of the write that failed

}  // namespace

void open_closed_streams() {
  for (int descriptor = 0; descriptor <= 2; ++descriptor) {
    if (::fcntl(descriptor, F_GETFD) != -1 || errno != EBADF) continue;
    // The lowest free number: those below are open.
    static_cast<void>(::open("/dev/null", descriptor == 0 ? O_RDONLY : O_WRONLY));
  }
}

void print(std::string_view text) {
  while (!text.empty() && failure == 0) {
    pollfd ready{STDOUT_FILENO, POLLOUT, 0};
    if (::poll(&ready, 1, patience) <= 0) {
      if (!interruption_requested()) continue;
      failure = EINTR;
      throw Interrupted();
    }
    // A pipe that is ready takes as much without blocking.
    const ssize_t count =
        ::write(STDOUT_FILENO, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
    if (count >= 0) {
      text.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno != EINTR && errno != EAGAIN) {
      failure = errno;
    }
  }
}

void print_fitted(std::string_view text) { print(fitted(text, terminal_columns(STDOUT_FILENO))); }

void check_printed(bool kept_elsewhere) {
  if (failure == 0 || failure == EINTR) return;
  if (failure != EPIPE)
    throw IoError(std::string("standard output: cannot be written: ") + std::strerror(failure));
  if (!kept_elsewhere)
    throw IoError(
        "standard output: its reader has gone, and the rest is lost: read it all, or keep"
        " the results of a run with --out");
}

std::size_t terminal_columns(int descriptor) {
  if (::isatty(descriptor) != 1) return 0;
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  if (const char* const variable = std::getenv("COLUMNS")) {
    std::size_t columns = 0;
    const char* const end = variable + std::strlen(variable);
    const auto [rest, error] = std::from_chars(variable, end, columns);
    if (error == std::errc{} && rest == end && columns > 0) return columns;
  }
  return 80;
}

}  // namespace mckean::cli
