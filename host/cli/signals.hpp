// What signals mean to the program.
#pragma once

namespace mckean::cli {

/// SIGINT, SIGTERM, SIGHUP (unless started with nohup) and SIGXCPU ask for an interruption; a
/// second one of a kind has its default action. SIGPIPE and SIGXFSZ are ignored, so that writing
/// fails with a reason.
void install_signal_handlers();

}  // namespace mckean::cli
