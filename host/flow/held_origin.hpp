// The origin of b-space, where the velocity of a positively homogeneous activation has no limit,
// and the particles that rest there.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "host/flow/held_hinges.hpp"
#include "mckean/particle_array.hpp"

namespace mckean {

/// dw_b/dt of particles with amplitude `a` at every row u of `directions` (d values each), by the
/// data alone: rows of the same shape. It is the same at all positive multiples of u.
using DriftAlong =
    std::function<std::vector<double>(double a, const std::vector<double>& directions)>;

/// Planes through the origin, null where there are none, and the residuals at the state at hand.
struct OriginPlanes {
  HeldHinges* hinges = nullptr;
  const std::vector<double>* residual = nullptr;
};

/// Where sigma(t z) = t sigma(z) for t > 0 the velocity at b depends on b/|b| alone, and turns at b
/// = 0. A particle drawn there from both sides rests there as long as J falls in no direction u: as
/// u . f(u) <= r lambda |a| for all u, f the drift by the data, r lambda |a| the pull of the path
/// norm. Where it falls the particle leaves along the steepest u. An explicit method would chatter
/// across, and on the way out too: near the origin b/|b| comes to rest at u at the rate |f|/|b|.
/// So a particle that leaves is kept on the ray, which turns with u, until the step resolves this.
class HeldOrigin {
 public:
  /// `candidates` (rows of d values) is where a way out is looked for at first; `penalty` is r
  /// lambda.
  HeldOrigin(std::size_t d, std::vector<double> candidates, double penalty);

  bool empty() const { return held_.empty(); }
  /// Whether the next capture() must not be left out.
  bool waits() const { return !held_.empty() || !leaving_.empty(); }
  std::size_t count() const { return held_.size(); }
  /// The particles that rest, each with all d directions, and those that leave, with all but that,
  /// beside what is held elsewhere.
  HeldDirections join(const HeldDirections& others) const;

  /// Particles that start at the origin rest there, or leave it where they have a way out. Whether
  /// any leaves.
  bool begin(Particles<double, Space::host> w, const DriftAlong& drift_along,
             const OriginPlanes& planes = {});
  /// After a step of size h: particles of `after` that are drawn to the origin and within reach of
  /// it rest there, if there is no way out; if there is, those leave it along the way that cannot
  /// turn by themselves, because they stand there or slide along planes that leave a line or less.
  /// Those that have left their ray are held by the planes that it lies on. The sum of the squared
  /// distances that this moves particles; empty where nothing has changed.
  std::optional<double> capture(const HeldHinges::StepView& step, const DriftAlong& drift_along,
                                HeldHinges* hinges, Particles<double, Space::host> after);
  /// Releases what finds a way out at w, and turns the rays of those that leave; their drift is
  /// set. Whether any has changed.
  bool release(Particles<double, Space::host> w, Particles<double, Space::host> drift,
               const DriftAlong& drift_along, const OriginPlanes& planes = {});

  /// What is held, to or from an archive.
  template <class Archive>
  void exchange(Archive& archive) {
    archive(held_, leaving_);
  }

 private:
  struct WayOut {
    std::vector<double> direction;    // where J falls most steeply; empty where it falls nowhere
    double slope = 0;                 // at which the particle leaves along it, for |a| = 1
    double speed = 0;                 // of b beside it
    std::vector<std::size_t> planes;  // that attract on both sides of it

    template <class Archive>
    void exchange(Archive& archive) {
      archive(direction, slope, speed, planes);
    }
  };
  class WaysOut;
  /// For a = 1 or -1.
  WayOut find_way_out(double sign, const DriftAlong& drift_along, const OriginPlanes& planes) const;
  /// Notes in `steepest` what is steeper among the rows of u, and turns each one, u/|u|, to
  /// keep u/|u| + step f/|f|.
  void try_all(std::vector<double>& u, double keep, double step, double sign,
               const DriftAlong& drift_along, WayOut& steepest) const;
  /// From a direction with a slope uphill in it, with shorter and shorter steps from `step` on.
  WayOut climb(WayOut from, double step, double sign, const DriftAlong& drift_along,
               const OriginPlanes& planes) const;
  /// Its direction where planes that attract from both sides meet nearby, which a search by
  /// velocities comes near to and never meets.
  void meet_planes(WayOut& way, double sign, const DriftAlong& drift_along,
                   const OriginPlanes& planes) const;
  /// Turns the rays of those that leave. Whether any has turned.
  bool turn_rays(Particles<double, Space::host> w, Particles<double, Space::host> drift,
                 const DriftAlong& drift_along, const OriginPlanes& planes);
  static bool is_drawn(const HeldHinges::StepView& step, Particles<const double, Space::host> after,
                       std::size_t j);

  std::size_t d_;
  std::vector<double> candidates_;
  double penalty_;
  std::set<std::size_t> held_;
  std::map<std::size_t, WayOut> leaving_;
};

}  // namespace mckean
