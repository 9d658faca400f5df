// The line of progress on a terminal, cut to its width.
#include "progress_line.hpp"

#include <unistd.h>

#include <cstdio>
#include <string>

#include "standard_streams.hpp"

namespace mckean::cli {
namespace {

std::string formatted(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string duration(double seconds) {
  if (!(seconds < 1e9)) return "years";
  const auto whole = static_cast<long>(seconds);
  if (whole < 60) return formatted("%.0f s", seconds);
  const auto both = [](long first, const char* unit, long second, const char* other) {
    return std::to_string(first) + unit + std::to_string(second) + other;
  };
  if (whole < 3600) return both(whole / 60, " min ", whole % 60, " s");
  if (whole < 86400) return both(whole / 3600, " h ", whole / 60 % 60, " min");
  return both(whole / 86400, " d ", whole / 3600 % 24, " h");
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
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  remaining_.add(elapsed, progress.t);
  if (now - last_ < std::chrono::milliseconds(200)) return;
  last_ = now;
  // The last place stays free: some terminals break the line there.
  const std::size_t room = terminal_columns(STDERR_FILENO) - 1;
  std::string line = formatted("%5.1f%%", 100 * progress.t / progress.t_end);
  if (line.size() > room) line = formatted("%.0f%%", 100 * progress.t / progress.t_end);
  const auto add = [&](const std::string& part) {
    if (line.size() + 2 + part.size() <= room) line += "  " + part;
  };
  add(formatted("t = %.4g", progress.t));
  if (const auto left = remaining_.until(progress.t_end)) add(duration(*left) + " left");
  if (risk_) add(formatted("risk %.3g", *risk_));
  if (w2_) add(formatted("W2 %.3g", *w2_));
  const double rate = static_cast<double>(progress.evaluations) * interactions_ / elapsed;
  add(formatted("%.3g interactions/s", rate));
  std::fprintf(stderr, "\r%s\033[K", line.substr(0, room).c_str());
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
