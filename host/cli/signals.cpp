// Signal handlers.
#include "signals.hpp"

#include <sys/time.h>

#include <atomic>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <ctime>

#include "mckean/interruption.hpp"

namespace mckean::cli {
namespace {

/// Signals that come within this time are one: timeout(1) and batch systems send theirs to the
/// program and again to its process group.
constexpr std::int64_t one_request = 500'000'000;  // nanoseconds

std::atomic<std::int64_t> first_signal{0};  // when it came
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

void request(int) { request_interruption(); }

/// The first signal asks for an end, a later one makes it.
void interrupt(int number) {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const std::int64_t time = now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
  std::int64_t first = 0;
  if (!first_signal.compare_exchange_strong(first, time) && time - first > one_request) {
    std::signal(number, SIG_DFL);
    std::raise(number);
  }
  request_interruption();
}

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
  action.sa_flags = SA_RESTART;
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
  action.sa_handler = request;
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
