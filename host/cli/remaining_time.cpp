// A power law through three points of the recent past.
#include "remaining_time.hpp"

#include <algorithm>
#include <cmath>

namespace mckean::cli {
namespace {

constexpr double least_seconds = 1;  // before that the machine is still warming up
constexpr std::size_t least_points = 8;
constexpr double points_per_run = 64;  // kept of all the time spent

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
  const double early = (middle.t - begin.t) / (middle.seconds - begin.seconds);
  const double late = (end.t - middle.t) / (end.seconds - middle.seconds);
  // Where the power law holds, a half has its mean rate near its mean t.
  const double early_t = (begin.t + middle.t) / 2;
  const double late_t = (middle.t + end.t) / 2;
  const double alpha = std::clamp(std::log(late / early) / std::log(late_t / early_t), -1., 1.);
  // The time is the integral of (late_t/s)^alpha/late over s from end.t to t_end.
  const double scale = std::pow(late_t, alpha) / late;
  const double power = 1 - alpha;
  if (power < 1e-9) return scale * std::log(t_end / end.t);
  return scale * (std::pow(t_end, power) - std::pow(end.t, power)) / power;
}

}  // namespace mckean::cli
