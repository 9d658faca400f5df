// The progress line of a run, for terminals only.
#pragma once

#include <chrono>
#include <optional>

#include "mckean/run_result.hpp"
#include "remaining_time.hpp"

namespace mckean::cli {

/// Rewrites one line on stderr, at most five times a second: %, t, time left, risk and W2 of the
/// last record, interactions per second, as far as they fit. Silent where stderr is not a terminal.
class ProgressLine {
 public:
  ProgressLine(bool wanted, double interactions_per_evaluation);
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void update(const Progress& progress);
  void remember(const Record& record);
  /// Leaves out time that was not spent on the flow.
  void skip(double seconds);
  /// Removes the line, so that other output can be printed.
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  bool active_;
  bool shown_ = false;
  double interactions_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_ = start_;
  RemainingTime remaining_;
  std::optional<double> risk_;
  std::optional<double> w2_;
};

}  // namespace mckean::cli
