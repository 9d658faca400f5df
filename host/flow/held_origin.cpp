// Which particles rest at b = 0, and which leave it along which ray.
#include "host/flow/held_origin.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

#include "host/flow/meeting_planes.hpp"

namespace mckean {
namespace {

using HostParticles = Particles<const double, Space::host>;

/// Turns of the velocity that a candidate is followed for.
constexpr int turns = 4;
/// Planes within these angles of a way out are tried as its own, one after the other.
constexpr double angles[] = {0.1, 0.03, 0.01, 1e-3, 1e-4, 1e-6};
/// J falls along u where the drift along it is more than this part of the drift.
constexpr double outwards = 1e-9;
/// A ray is left at so many steps of the velocity beside it from the origin: the turning of b is
/// stable there for the methods at hand.
constexpr double resolved = 0.3;
/// How far a ray may turn in a step.
constexpr double first_turn = 0.02;
constexpr double least_cosine = 0.99;
/// Length of b with which a particle leaves: nothing, but a direction.
constexpr double just_off = 1e-120;

double dot_b(HostParticles x, HostParticles y, std::size_t j) {
  double sum = 0;
  for (std::size_t k = 0; k < x.d; ++k) sum += x.b(k)[j] * y.b(k)[j];
  return sum;
}

double along(HostParticles x, std::size_t j, const std::vector<double>& u) {
  double sum = 0;
  for (std::size_t k = 0; k < x.d; ++k) sum += x.b(k)[j] * u[k];
  return sum;
}

void put_on_ray(Particles<double, Space::host> w, Particles<double, Space::host> drift,
                std::size_t j, double length, const std::vector<double>& u, double slope) {
  for (std::size_t k = 0; k < w.d; ++k) {
    w.b(k)[j] = length * u[k];
    drift.b(k)[j] = std::abs(w.a()[j]) * slope * u[k];
  }
}

double dot(const double* x, const double* y, std::size_t d) {
  return std::inner_product(x, x + d, y, 0.0);
}

}  // namespace

/// The way out of each sign of the amplitude, looked for once, when it is first asked for.
class HeldOrigin::WaysOut {
 public:
  WaysOut(const HeldOrigin& origin, const DriftAlong& drift_along, const OriginPlanes& planes)
      : origin_(origin), drift_along_(drift_along), planes_(planes) {}

  /// For a != 0.
  const WayOut& of(double a) {
    const double sign = a > 0 ? 1 : -1;
    auto at = ways_.find(sign);
    if (at == ways_.end())
      at = ways_.emplace(sign, origin_.find_way_out(sign, drift_along_, planes_)).first;
    return at->second;
  }

 private:
  const HeldOrigin& origin_;
  const DriftAlong& drift_along_;
  const OriginPlanes& planes_;
  std::map<double, WayOut> ways_;
};

HeldOrigin::HeldOrigin(std::size_t d, std::vector<double> candidates, double penalty)
    : d_(d), candidates_(std::move(candidates)), penalty_(penalty) {}

HeldDirections HeldOrigin::join(const HeldDirections& others) const {
  if (!waits()) return others;
  RowsOfParticles own;
  for (const std::size_t j : held_) {
    std::vector<double>& all = own[j];
    all.assign(d_ * d_, 0);
    for (std::size_t k = 0; k < d_; ++k) all[k * (d_ + 1)] = 1;
  }
  if (d_ > 1) {
    for (const auto& [j, way] : leaving_) own[j] = rows_across(way.direction);
  }
  return others.with(std::move(own), d_);
}

HeldOrigin::WayOut HeldOrigin::find_way_out(double sign, const DriftAlong& drift_along,
                                            const OriginPlanes& planes) const {
  std::vector<double> u = candidates_;
  WayOut steepest;
  // Along with the velocity to where J falls at all.
  for (int turn = 0; turn < turns; ++turn) try_all(u, 0, 1, sign, drift_along, steepest);
  if (steepest.direction.empty()) return {};
  return climb(steepest, 0.5, sign, drift_along, planes);
}

void HeldOrigin::try_all(std::vector<double>& u, double keep, double step, double sign,
                         const DriftAlong& drift_along, WayOut& steepest) const {
  for (std::size_t r = 0; r < u.size(); r += d_) {
    const double norm = std::sqrt(dot(&u[r], &u[r], d_));
    for (std::size_t k = r; k < r + d_; ++k) u[k] /= norm > 0 ? norm : 1;
  }
  const std::vector<double> f = drift_along(sign, u);
  for (std::size_t r = 0; r < u.size(); r += d_) {
    const double speed = std::sqrt(dot(&f[r], &f[r], d_));
    const double along = dot(&u[r], &f[r], d_) - penalty_;
    if (along > steepest.slope && along > outwards * (speed + penalty_))
      steepest = {{&u[r], &u[r] + d_}, along, speed + penalty_, {}};
    for (std::size_t k = r; k < r + d_; ++k)
      u[k] = keep * u[k] + (speed > 0 ? step * f[k] / speed : 0);
  }
}

HeldOrigin::WayOut HeldOrigin::climb(WayOut from, double step, double sign,
                                     const DriftAlong& drift_along,
                                     const OriginPlanes& planes) const {
  std::vector<double> u = from.direction;
  for (; step > 1e-7; step *= 0.8) try_all(u, 1, step, sign, drift_along, from);
  if (planes.hinges != nullptr) meet_planes(from, sign, drift_along, planes);
  return from;
}

void HeldOrigin::meet_planes(WayOut& way, double sign, const DriftAlong& drift_along,
                             const OriginPlanes& planes) const {
  for (const double angle : angles) {
    const std::vector<double> f = drift_along(sign, way.direction);
    const HeldHinges::Ray ray =
        planes.hinges->steepest_ray(sign, *planes.residual, way.direction, f, angle);
    if (ray.direction.empty()) continue;
    const std::vector<double> along = drift_along(sign, ray.direction);
    const double slope = dot(along.data(), ray.direction.data(), d_) - penalty_;
    if (slope >= way.slope * (1 - outwards)) way = {ray.direction, slope, way.speed, ray.planes};
  }
}

bool HeldOrigin::begin(Particles<double, Space::host> w, const DriftAlong& drift_along,
                       const OriginPlanes& planes) {
  WaysOut ways(*this, drift_along, planes);
  bool any = false;
  for (std::size_t j = 0; j < w.m; ++j) {
    const double a = w.a()[j];
    if (a == 0 || dot_b(w, w, j) != 0 || held_.contains(j)) continue;
    const WayOut& way = ways.of(a);
    if (way.direction.empty()) {
      held_.insert(j);
      continue;
    }
    any = true;
    leaving_[j] = way;
    for (std::size_t k = 0; k < d_; ++k) w.b(k)[j] = just_off * way.direction[k];
  }
  return any;
}

bool HeldOrigin::is_drawn(const HeldHinges::StepView& step, HostParticles after, std::size_t j) {
  const double square = dot_b(after, after, j);
  return square == 0 || (dot_b(after, step.drift_after, j) < 0 &&
                         square <= step.h * step.h * dot_b(step.drift_after, step.drift_after, j));
}

std::optional<double> HeldOrigin::capture(const HeldHinges::StepView& step,
                                          const DriftAlong& drift_along, HeldHinges* hinges,
                                          Particles<double, Space::host> after) {
  const OriginPlanes through{hinges, &step.residual};
  WaysOut ways(*this, drift_along, through);
  bool any = false;
  double squared = 0;
  for (std::size_t j = 0; j < after.m; ++j) {
    const std::size_t planes = hinges ? hinges->planes(j) : 0;
    const auto ray = leaving_.find(j);
    const bool leaves = ray != leaving_.end();
    if (held_.contains(j) || !(leaves || planes == d_ || is_drawn(step, after, j))) continue;
    const double a = after.a()[j];
    // Nothing draws a particle of amplitude 0 anywhere.
    if (a == 0) continue;
    const double length = std::sqrt(dot_b(after, after, j));
    if (leaves && along(after, j, ray->second.direction) > 0) {
      const double across = resolved * step.h * std::abs(a) * ray->second.speed;
      if (length <= std::max(across, step.reach)) continue;
      if (hinges) hinges->hold(j, ray->second.planes, after);
      leaving_.erase(ray);
      any = true;
      continue;
    }
    const WayOut& way = ways.of(a);
    const bool stays = way.direction.empty();
    const bool bound = leaves || length == 0 || (planes > 0 && planes + 1 >= d_);
    if (!stays && !bound) continue;
    any = true;
    if (stays) held_.insert(j);
    if (leaves) leaving_.erase(ray);
    if (!stays) leaving_[j] = way;
    for (std::size_t k = 0; k < d_; ++k) {
      const double b = stays ? 0 : step.h * std::abs(a) * way.slope * way.direction[k];
      squared += (after.b(k)[j] - b) * (after.b(k)[j] - b);
      after.b(k).data()[j] = b;
    }
    if (hinges) hinges->hold(j, {}, after);
  }
  if (!any) return {};
  return squared;
}

bool HeldOrigin::turn_rays(Particles<double, Space::host> w, Particles<double, Space::host> drift,
                           const DriftAlong& drift_along, const OriginPlanes& planes) {
  std::map<std::pair<double, std::vector<double>>, WayOut> turned;
  bool any = false;
  for (auto at = leaving_.begin(); at != leaving_.end();) {
    const std::size_t j = at->first;
    const std::vector<double> u = at->second.direction;
    const double sign = w.a()[j] > 0 ? 1 : -1;
    const auto [known, is_new] = turned.try_emplace({sign, u});
    if (is_new) {
      const std::vector<double> f = drift_along(sign, u);
      const double speed = std::sqrt(dot(f.data(), f.data(), d_)) + penalty_;
      WayOut here{u, dot(f.data(), u.data(), d_) - penalty_, speed, at->second.planes};
      known->second = climb(here, first_turn, sign, drift_along, planes);
    }
    const WayOut& way = known->second;
    const double length = std::sqrt(dot_b(w, w, j));
    any = true;
    if (dot(u.data(), way.direction.data(), d_) < least_cosine) {
      // Another way out is steeper by now: it is left to the velocity to find it.
      if (planes.hinges != nullptr) planes.hinges->hold(j, at->second.planes, w);
      at = leaving_.erase(at);
      continue;
    }
    at->second = way;
    put_on_ray(w, drift, j, length, way.direction, way.slope);
    ++at;
  }
  return any;
}

bool HeldOrigin::release(Particles<double, Space::host> w, Particles<double, Space::host> drift,
                         const DriftAlong& drift_along, const OriginPlanes& planes) {
  bool any = turn_rays(w, drift, drift_along, planes);
  WaysOut ways(*this, drift_along, planes);
  for (auto at = held_.begin(); at != held_.end();) {
    const std::size_t j = *at;
    const double a = w.a()[j];
    if (a == 0 || ways.of(a).direction.empty()) {
      ++at;
      continue;
    }
    at = held_.erase(at);
    leaving_[j] = ways.of(a);
    put_on_ray(w, drift, j, just_off, ways.of(a).direction, ways.of(a).slope);
    any = true;
  }
  return any;
}

}  // namespace mckean
