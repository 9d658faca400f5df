// What signals mean to the program.
#pragma once

namespace mckean::cli {

/// SIGINT, SIGTERM, SIGHUP (unless started with nohup) and SIGXCPU ask for an interruption; a
/// second one of a kind has its default action. SIGPIPE and SIGXFSZ are ignored, so that writing
/// fails with a reason.
void install_signal_handlers();

/// Interrupts what the library does after so many seconds, as long as it lives; an interruption
/// that was asked for before is held back until then.
class Respite {
 public:
  explicit Respite(double seconds);
  ~Respite();
  Respite(const Respite&) = delete;
  Respite& operator=(const Respite&) = delete;

 private:
  bool was_requested_;
};

}  // namespace mckean::cli
