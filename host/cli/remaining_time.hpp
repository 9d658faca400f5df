// How long a flow still takes, from how fast t has risen lately.
#pragma once

#include <deque>
#include <optional>

namespace mckean::cli {

/// Fixed steps raise t at a constant rate; steps that grow with the flow raise log t, or something
/// between the two. So the rate of t is taken to be c t^alpha, -1 <= alpha <= 1, as fits both
/// halves of the latter half of the time spent, and is integrated to the end.
class RemainingTime {
 public:
  /// t was reached after `seconds`, both increasing.
  void add(double seconds, double t);
  /// Seconds from the last point on; empty as long as there are too few points to tell.
  std::optional<double> until(double t_end) const;

 private:
  struct Point {
    double seconds, t;
  };
  std::deque<Point> points_;
};

}  // namespace mckean::cli
