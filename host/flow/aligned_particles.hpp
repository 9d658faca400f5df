// Particles near b = 0 under a path norm whose direction follows the velocity by the data.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include "host/flow/held_directions.hpp"
#include "mckean/particle_array.hpp"

namespace mckean {

/// With the path norm dw_b/dt = f - p |a| b/|b|, f the drift by the data and p = T M_b lambda.
/// Where sigma is smooth f hardly depends on b near the origin, so that b/|b| comes to rest at
/// f/|f| at the rate |f|/|b|, however slowly |b| itself moves: with |f| close to p |a| an explicit
/// method follows nothing but this rate. There b/|b| is set to f/|f| after each step, and moves on
/// that ray alone in a step: the slow manifold of the direction to first order. Its true distance
/// from the ray is |b|^2/|f| times the speed at which f/|f| turns.
class AlignedParticles {
 public:
  /// Of particles with d >= 2; `pull` is p.
  AlignedParticles(std::size_t d, double pull) : d_(d), pull_(pull) {}

  bool empty() const { return ray_.empty(); }
  /// All directions but that of the ray, for each particle, beside what is held elsewhere: planes
  /// that hold a particle away from the origin.
  HeldDirections join(const HeldDirections& others) const;

  /// A step of size h ends at w with this drift there, rays aside. Rays turn, and end where the
  /// direction can be resolved or is more than `distance` off. With `look` they begin for particles
  /// that leave b = 0, and for others within `distance` of it whose direction is stiff and near.
  /// The sum of the squared distances that this moves particles; empty where nothing has changed.
  std::optional<double> update(Particles<double, Space::host> w,
                               Particles<const double, Space::host> drift, double h,
                               double distance, bool look);

  /// The rays, to or from an archive.
  template <class Archive>
  void exchange(Archive& archive) {
    archive(ray_);
  }

 private:
  struct Alignment;
  Alignment align(Particles<const double, Space::host> w,
                  Particles<const double, Space::host> drift, std::size_t j) const;

  std::size_t d_;
  double pull_;
  std::map<std::size_t, std::vector<double>> ray_;  // unit vectors
};

}  // namespace mckean
