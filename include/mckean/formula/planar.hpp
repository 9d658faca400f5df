// The arc-cosine potential of atoms on the plane as sums over arcs: O(m log m) after sorting by
// angle.
#pragma once

#include "mckean/config.hpp"

namespace mckean {

/// Sums over the atoms of an arc, in any order of the angles: Q cos, Q sin, Q angle cos, Q angle
/// sin.
struct ArcSums {
  double c = 0, s = 0, angle_c = 0, angle_s = 0;
};

MCKEAN_HD ArcSums operator+(const ArcSums& x, const ArcSums& y) {
  return {x.c + y.c, x.s + y.s, x.angle_c + y.angle_c, x.angle_s + y.angle_s};
}
MCKEAN_HD ArcSums operator-(const ArcSums& x, const ArcSums& y) {
  return {x.c - y.c, x.s - y.s, x.angle_c - y.angle_c, x.angle_s - y.angle_s};
}

/// An atom of mass Q = weight a |b| at the angle of b.
MCKEAN_HD ArcSums arc_term(double mass, double angle, double cosine, double sine) {
  return {mass * cosine, mass * sine, mass * angle * cosine, mass * angle * sine};
}

/// V(angle) = sum_l Q_l h(|angle_l - angle|), h(t) = sin t + (pi - t) cos t on [0, pi], and
/// dV/dangle.
struct PlanarPotential {
  double value = 0;
  double slope = 0;
};

/// What an arc adds to V at `angle`, where every atom of the arc is at
/// |angle_l - angle| = pi - (offset - sign (angle_l - angle)), in front of `angle` for sign 1,
/// behind it for -1: h = sign sin D + (offset - sign D) cos D with D = angle_l - angle, and by
/// addition theorems only sums over l remain.
MCKEAN_HD PlanarPotential arc_potential(const ArcSums& arc, double sign, double offset,
                                        double angle, double cosine, double sine) {
  const double sum_cos = arc.c * cosine + arc.s * sine;
  const double sum_sin = arc.s * cosine - arc.c * sine;
  const double angle_cos = arc.angle_c * cosine + arc.angle_s * sine;
  const double angle_sin = arc.angle_s * cosine - arc.angle_c * sine;
  const double reach = offset + sign * angle;
  return {sign * sum_sin + reach * sum_cos - sign * angle_cos, reach * sum_sin - sign * angle_sin};
}

/// V at `angle` in (-pi, pi] from the sums over all atoms sorted by angle before rank `own` (any
/// rank among equal angles), before rank `antipode` (of angle + pi, or angle - pi where that is in
/// (-pi, pi]), and over all. The three arcs between them lie behind, in front and, on the far side,
/// 2 pi away.
MCKEAN_HD PlanarPotential planar_potential(const ArcSums& before_own,
                                           const ArcSums& before_antipode, const ArcSums& all,
                                           double angle, double cosine, double sine) {
  constexpr double pi = 3.14159265358979323846;
  const bool wraps_behind = angle <= 0;
  const double outer = wraps_behind ? -1 : 1;
  const ArcSums& low = wraps_behind ? before_own : before_antipode;
  const ArcSums& high = wraps_behind ? before_antipode : before_own;
  const PlanarPotential first =
      arc_potential(low, outer, wraps_behind ? pi : -pi, angle, cosine, sine);
  const PlanarPotential middle = arc_potential(high - low, -outer, pi, angle, cosine, sine);
  const PlanarPotential last =
      arc_potential(all - high, outer, wraps_behind ? -pi : pi, angle, cosine, sine);
  return {first.value + middle.value + last.value, first.slope + middle.slope + last.slope};
}

}  // namespace mckean
