// The time that a run has left: t is a power of the steps, by three points of the recent past.
#include "remaining_time.hpp"

#include <algorithm>
#include <cmath>

namespace mckean::cli {
namespace {

constexpr double least_seconds = 1;  // before that the machine is still warming up
constexpr std::size_t least_points = 8;
constexpr double points_per_run = 64;  // kept of all the time spent

/// The integral of (s/unit)^-alpha over s from `from` to `to`.
double duration(double from, double to, double unit, double alpha) {
  const double power = 1 - alpha;
  if (power < 1e-9) return unit * std::log(to / from);
  return unit * (std::pow(to / unit, power) - std::pow(from / unit, power)) / power;
}

}  // namespace

void RemainingTime::add(double seconds, double t) {
  if (points_.size() >= 2 &&
      seconds - points_[points_.size() - 2].seconds < seconds / points_per_run) {
    points_.back() = {seconds, t};
    return;
  }
  points_.push_back({seconds, t});
  // One point at or before half the time stays, so that the window is covered.
  while (points_.size() > 2 && points_[1].seconds <= seconds / 2) points_.pop_front();
}

std::optional<double> RemainingTime::until(double t_end) const {
  if (points_.size() < least_points) return {};
  const Point& begin = points_.front();
  const Point& end = points_.back();
  if (end.seconds - begin.seconds < least_seconds || !(end.t > begin.t)) return {};
  const Point& middle =
      *std::lower_bound(points_.begin(), points_.end(), (begin.seconds + end.seconds) / 2,
                        [](const Point& point, double value) { return point.seconds < value; });
  if (!(middle.t > begin.t && end.t > middle.t)) return {};
  const double early = middle.seconds - begin.seconds;
  const double late = end.seconds - middle.seconds;
  // The larger alpha is, the less the latter half would have taken beside the former.
  double low = -1;
  double high = 1;
  for (int i = 0; i < 40; ++i) {
    const double alpha = (low + high) / 2;
    const double excess = duration(middle.t, end.t, middle.t, alpha) / late -
                          duration(begin.t, middle.t, middle.t, alpha) / early;
    (excess > 0 ? low : high) = alpha;
  }
  return late * duration(end.t, t_end, end.t, low) / duration(middle.t, end.t, end.t, low);
}

}  // namespace mckean::cli
