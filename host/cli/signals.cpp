// Signal handlers.
#include "signals.hpp"

#include <sys/time.h>

#include <cmath>
#include <csignal>

#include "mckean/interruption.hpp"

namespace mckean::cli {
namespace {

void interrupt(int) { request_interruption(); }

void set_alarm(double seconds) {
  itimerval timer{};
  timer.it_value.tv_sec = static_cast<time_t>(seconds);
  timer.it_value.tv_usec = static_cast<suseconds_t>(std::fmod(seconds, 1) * 1e6);
  ::setitimer(ITIMER_REAL, &timer, nullptr);
}

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

Respite::Respite(double seconds) : was_requested_(interruption_requested()) {
  clear_interruption();
  struct sigaction action {};
  sigemptyset(&action.sa_mask);
  action.sa_handler = interrupt;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGALRM, &action, nullptr);
  set_alarm(seconds);
}

Respite::~Respite() {
  set_alarm(0);
  if (was_requested_) {
    request_interruption();
  } else {
    clear_interruption();
  }
}

}  // namespace mckean::cli
