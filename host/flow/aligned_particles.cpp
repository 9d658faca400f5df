// Which particles near b = 0 move on a ray, and how the ray turns.
#include "host/flow/aligned_particles.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "host/flow/meeting_planes.hpp"

namespace mckean {
namespace {

using HostParticles = Particles<const double, Space::host>;

/// h |f|/|b| above which b/|b| is taken to be at rest, and below which a ray ends: explicit methods
/// are stable up to about 3.
constexpr double at_rest = 2;
constexpr double resolved = 1;
/// How far a ray may turn in a step.
constexpr double largest_turn = 0.1;
/// A ray is left as it is where it has turned less than this, and moves a particle by less than
/// this part of the limit: the drift need not be found anew.
constexpr double smallest_turn = 1e-3;
constexpr double immaterial = 0.1;
/// Length of b with which a particle leaves the origin: nothing, but a direction.
constexpr double just_off = 1e-120;

}  // namespace

/// One particle beside f/|f|.
struct AlignedParticles::Alignment {
  double length = 0;              // |b|
  double speed = 0;               // |f|
  double angle = 0;               // |f/|f| - b/|b||, 0 where b = 0
  std::vector<double> direction;  // f/|f|; empty where f = 0 or it is not finite

  double stiffness(double h) const { return h * speed / length; }
  double distance_to_ray() const { return length * angle; }
  /// Whether b is this near to where its direction would come to rest while f/|f| turns.
  bool is_near(double h, double distance) const {
    return !direction.empty() && length > 0 && angle <= largest_turn &&
           distance_to_ray() * std::min(1 / stiffness(h), 1.0) <= distance;
  }
};

AlignedParticles::Alignment AlignedParticles::align(HostParticles w, HostParticles drift,
                                                    std::size_t j) const {
  Alignment found;
  double square = 0;
  for (std::size_t k = 0; k < d_; ++k) square += w.b(k)[j] * w.b(k)[j];
  found.length = std::sqrt(square);
  const double pull = pull_ * std::abs(w.a()[j]);
  std::vector<double> f(d_);
  double squared_f = 0;
  for (std::size_t k = 0; k < d_; ++k) {
    f[k] = drift.b(k)[j] + (square > 0 ? pull * w.b(k)[j] / found.length : 0);
    squared_f += f[k] * f[k];
  }
  found.speed = std::sqrt(squared_f);
  if (!(found.speed > 0) || !std::isfinite(found.speed)) return found;
  double squared_angle = 0;
  for (std::size_t k = 0; k < d_; ++k) {
    f[k] /= found.speed;
    const double apart = square > 0 ? f[k] - w.b(k)[j] / found.length : 0;
    squared_angle += apart * apart;
  }
  found.angle = std::sqrt(squared_angle);
  found.direction = std::move(f);
  return found;
}

HeldDirections AlignedParticles::join(const HeldDirections& others) const {
  RowsOfParticles own;
  for (const auto& [j, direction] : ray_) {
    if (!std::binary_search(others.particle.begin(), others.particle.end(), j))
      own[j] = rows_across(direction);
  }
  return others.with(std::move(own), d_);
}

std::optional<double> AlignedParticles::update(Particles<double, Space::host> w,
                                               HostParticles drift, double h, double distance,
                                               bool look) {
  bool any = false;
  double squared = 0;
  for (std::size_t j = 0; j < w.m; ++j) {
    const auto ray = ray_.find(j);
    const bool on_ray = ray != ray_.end();
    if (w.a()[j] == 0 || !(look || on_ray)) continue;
    const Alignment now = align(w, drift, j);
    if (on_ray && !(now.is_near(h, distance) && now.stiffness(h) > resolved)) {
      ray_.erase(ray);
      any = true;
      continue;
    }
    // At b = 0 the drift is what the pull leaves of f: 0 for particles that rest there.
    const bool leaves = now.length == 0 && !now.direction.empty();
    const bool begins = leaves || (now.length <= distance && now.is_near(h, distance) &&
                                   now.stiffness(h) > at_rest);
    const bool turns = now.angle > smallest_turn || now.distance_to_ray() > immaterial * distance;
    if (on_ray ? !turns : !begins) continue;
    const double length = leaves ? just_off : now.length;
    for (std::size_t k = 0; k < d_; ++k) w.b(k).data()[j] = length * now.direction[k];
    ray_[j] = now.direction;
    squared += now.distance_to_ray() * now.distance_to_ray();
    any = true;
  }
  if (!any) return {};
  return squared;
}

}  // namespace mckean
