// Signal handlers.
#include "signals.hpp"

#include <csignal>

#include "mckean/interruption.hpp"

namespace mckean::cli {
namespace {

void interrupt(int) { request_interruption(); }

}  // namespace

void install_signal_handlers() {
  struct sigaction action {};
  sigemptyset(&action.sa_mask);
  for (const int number : {SIGPIPE, SIGXFSZ}) {
    action.sa_handler = SIG_IGN;
    ::sigaction(number, &action, nullptr);
  }
  action.sa_handler = interrupt;
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGXCPU}) {
    struct sigaction before {};
    ::sigaction(number, nullptr, &before);
    if (number == SIGHUP && before.sa_handler == SIG_IGN) continue;
    ::sigaction(number, &action, nullptr);
  }
}

}  // namespace mckean::cli
