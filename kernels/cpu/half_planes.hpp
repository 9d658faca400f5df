// The field of a piecewise linear activation without an offset on samples of the line or the plane,
// in O(m + n) and in double: which samples a particle sees depends on the angle of b alone, and
// changes only where b is normal to one of them. So particles are binned by angle between these
// directions, and prefix sums over the circle are what each sample sees of the particles and each
// particle of the samples.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "mckean/communicator.hpp"
#include "mckean/formula/activation.hpp"
#include "mckean/particles.hpp"

namespace mckean::cpu {

/// A vector of the plane.
struct PlaneVector {
  double x, y;
};

/// The normals of samples in order, which is exact: so are the signs of b . x_i for any b in
/// double.
class HalfPlanes {
 public:
  /// Which particles see which samples: slot 2k holds the directions along normal k, slot 2k + 1
  /// those between it and the next; b = 0 is in a slot of its own.
  using Slot = std::uint32_t;
  static constexpr std::size_t most_samples = std::size_t{1} << 29;

  /// Fewer than most_samples of them, d = 1 or 2.
  template <class Real>
  explicit HalfPlanes(const Samples<Real, Space::host>& samples);

  std::size_t size() const { return samples_.size(); }
  std::size_t slots() const { return 2 * normals_.size() + 1; }
  Slot slot_of(PlaneVector b) const;

  /// f_i = scale sum_j a_j sigma(b_j . x_i) over all ranks.
  void predict(const PiecewiseLinear&, Particles<const double, Space::host> w,
               const NetworkOutput<Space::host>&, int threads, double* f) const;
  /// The raw velocity for targets y, and the mean square error.
  double field(const PiecewiseLinear&, Particles<const double, Space::host> w,
               const NetworkOutput<Space::host>&, const double* y, int threads, double* v) const;

 private:
  /// A sample is seen from the slots after `enter` and before `leave`, round the circle.
  struct Sample {
    PlaneVector x;
    Slot enter, leave;
  };

  void find_normals();
  void make_grid();
  std::size_t bucket_of(double angle) const;
  void locate(const Particles<const double, Space::host>& w, int threads, Slot* slots) const;
  void predict(const PiecewiseLinear&, const Particles<const double, Space::host>& w,
               const NetworkOutput<Space::host>&, const Slot* slots, int threads, double* f) const;
  std::vector<PlaneVector> seen_samples(const std::vector<double>& error) const;

  std::vector<Sample> samples_;
  std::vector<PlaneVector> normals_;  // by angle in [0, 2 pi), no two along one ray
  std::vector<double> angles_;        // grow with those of the normals, with one before and after
  std::vector<Slot> grid_;            // normals in the buckets before each
};

}  // namespace mckean::cpu
