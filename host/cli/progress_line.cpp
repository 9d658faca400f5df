// What fits in one terminal line.
#include "progress_line.hpp"

#include <unistd.h>

#include <cstdio>
#include <string>

namespace mckean::cli {
namespace {

std::string duration(double seconds) {
  char text[32];
  const auto whole = static_cast<long>(seconds);
  if (seconds < 60) {
    std::snprintf(text, sizeof text, "%.0f s", seconds);
  } else if (seconds < 3600) {
    std::snprintf(text, sizeof text, "%ld min %ld s", whole / 60, whole % 60);
  } else {
    std::snprintf(text, sizeof text, "%ld h %ld min", whole / 3600, whole / 60 % 60);
  }
  return text;
}

}  // namespace

ProgressLine::ProgressLine(bool wanted, double interactions_per_evaluation)
    : active_(wanted && ::isatty(STDERR_FILENO) == 1), interactions_(interactions_per_evaluation) {}

void ProgressLine::remember(const Record& record) {
  risk_ = record.risk;
  w2_ = record.w2;
}

void ProgressLine::skip(double seconds) {
  start_ += std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

void ProgressLine::update(const Progress& progress) {
  if (!active_) return;
  const Clock::time_point now = Clock::now();
  if (now - last_ < std::chrono::milliseconds(200)) return;
  last_ = now;
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  const double fraction = progress.t / progress.t_end;
  char text[200];
  int length = std::snprintf(text, sizeof text, "%5.1f%%  t = %.4g", 100 * fraction, progress.t);
  const auto add = [&](const char* format, double value) {
    length +=
        std::snprintf(text + length, sizeof text - static_cast<std::size_t>(length), format, value);
  };
  if (risk_) add("  risk %.3g", *risk_);
  if (w2_) add("  W2 %.3g", *w2_);
  add("  %.3g interactions/s", static_cast<double>(progress.evaluations) * interactions_ / elapsed);
  const std::string left =
      fraction > 0 ? "  " + duration(elapsed * (1 - fraction) / fraction) + " left" : "";
  std::fprintf(stderr, "\r%s%s\033[K", text, left.c_str());
  std::fflush(stderr);
  shown_ = true;
}

void ProgressLine::clear() {
  if (!shown_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  shown_ = false;
}

}  // namespace mckean::cli
