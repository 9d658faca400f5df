// The particles that slide along planes where the velocity of a piecewise linear activation jumps.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "host/flow/held_directions.hpp"
#include "host/flow/hinges.hpp"
#include "mckean/particle_array.hpp"

namespace mckean {

class HingePlanes;

/// On both sides of a hinge the velocity may point at it: then the gradient flow, whose
/// velocity is the element of least norm of Clarke's generalised gradient, slides along the plane,
/// with a convex combination of the two velocities (Filippov, Differential Equations with
/// Discontinuous Righthand Sides, 1988, section 4). An explicit method would chatter across it. A
/// particle is captured when a step brings it across, or within one step of, a plane that attracts
/// from both sides, and released when the combination of least norm has a weight of 0 or 1.
class HeldHinges {
 public:
  /// `rate`: dw_b/dt = -rate v_b; `unit`: unit roundoff of b . x_i in the field; `sphere`: |b| = 1.
  HeldHinges(const Hinges& hinges, double rate, double unit, bool sphere = false);

  bool empty() const { return held_.empty(); }
  /// Holds particles that stand on planes, below these, until release() knows better. Whether there
  /// are any.
  bool begin(Particles<double, Space::host> w, const std::vector<double>& residual);
  /// Pairs of a particle and a plane.
  std::size_t count() const;
  /// Directions that take what is held out of a drift.
  HeldDirections directions() const;

  /// One step of size h: the states before and after, their drifts without what was held, and the
  /// residuals e at `after`.
  struct StepView {
    Particles<const double, Space::host> before;
    Particles<const double, Space::host> drift_before;
    Particles<const double, Space::host> drift_after;
    const std::vector<double>& residual;
    double h;
    /// Planes across which the velocity jumps by less than this may be chattered across: it moves
    /// neither the measure nor J by what the tolerance would notice.
    double least_jump = 0;
    double least_energy = 0;  // of |jump| |velocity|
    double reach = 0;         // that a difference of drifts sees
  };
  /// Captures particles and moves what is held, in `after`, onto its planes. The sum of the squared
  /// distances that this moves particles; empty, and nothing moved, where none was captured.
  std::optional<double> capture(const StepView& step, Particles<double, Space::host> after);
  /// HingePlanes::drift_along and directions_of_samples.
  std::vector<double> drift_along(double a, const std::vector<double>& residual,
                                  const std::vector<double>& directions) const;
  std::vector<double> directions_of_samples() const;
  /// On how many independent planes particle j is held.
  std::size_t planes(std::size_t j) const;
  /// Particle j is held by these planes, all through b or within rounding, below which it is put,
  /// and by no others.
  void hold(std::size_t j, const std::vector<std::size_t>& planes,
            Particles<double, Space::host> w);
  /// A direction from the origin, and the planes that attract on both sides of it.
  struct Ray {
    std::vector<double> direction;
    std::vector<std::size_t> planes;
  };
  /// Where J falls most steeply, for a particle of amplitude `a` at the origin, among the
  /// directions near u, in which the drift is `drift`, if all planes within `angle` of u go through
  /// it: this may be along some of them. Empty where it falls nowhere.
  Ray steepest_ray(double a, const std::vector<double>& residual, const std::vector<double>& u,
                   const std::vector<double>& drift, double angle) const;
  /// Whether the last capture() gave up because it would have taken too long on the host.
  bool gave_up() const { return gave_up_; }
  /// Releases what is no longer attracted from both sides, given the drift of the field itself,
  /// before anything is taken out of it. What is released is put, beyond rounding, on the side that
  /// it leaves to, with the drift there. Whether any was released.
  bool release(Particles<double, Space::host> w, Particles<double, Space::host> drift,
               const std::vector<double>& residual);

  /// What is held, to or from an archive.
  template <class Archive>
  void exchange(Archive& archive) {
    archive(held_, gave_up_);
  }

 private:
  /// Planes met in one step, in units of d, that are looked at together.
  static constexpr std::size_t most_met = 8;
  /// Products b . x_i that one look for captures may cost on the host.
  static constexpr double affordable_products = 2e8;

  using PlaneIndices = std::vector<std::size_t>;
  /// The planes that hold one particle.
  struct HeldPlanes {
    PlaneIndices basis;   // independent ones, which say where it may not go
    PlaneIndices beside;  // others that go through the same point, dependent on these

    PlaneIndices all() const;
    template <class Archive>
    void exchange(Archive& archive) {
      archive(basis, beside);
    }
  };

  /// Puts what is held, on the sphere, where its planes meet it; the sum of the squared distances.
  double place(Particles<double, Space::host> w) const;
  /// Puts particle j below its planes; the squared distance.
  double place_below(std::size_t j, const PlaneIndices& basis,
                     Particles<double, Space::host> w) const;
  /// Whether the velocity of particle j turns in the step, as where it meets an attracting plane.
  static bool turns(const StepView& step, Particles<const double, Space::host> after,
                    std::size_t j);
  /// Attracting planes that particle j has met in the step and is not held on, in the order in
  /// which it met them.
  PlaneIndices find_met(const StepView& step, const std::vector<double>& jumps,
                        Particles<const double, Space::host> after, std::size_t j) const;
  /// The independent planes of particle j after the step, where that holds it on a new one; empty
  /// otherwise.
  PlaneIndices find_new(const StepView& step, const std::vector<double>& jumps,
                        Particles<const double, Space::host> after, std::size_t j) const;
  /// The planes that go through particle j as well, where those of `basis` meet.
  PlaneIndices find_beside(std::size_t j, Particles<const double, Space::host> w,
                           const PlaneIndices& basis) const;
  /// Leaves the planes of particle j that do not hold it; whether there are any.
  bool leave(std::size_t j, HeldPlanes& planes, const std::vector<double>& jumps,
             const std::vector<double>& residual, Particles<double, Space::host> w,
             Particles<double, Space::host> drift) const;

  bool curved_;  // on the sphere with planes beside the origin, whose circles are held
  std::shared_ptr<const HingePlanes> planes_;
  std::map<std::size_t, HeldPlanes> held_;
  bool gave_up_ = false;
};

}  // namespace mckean
