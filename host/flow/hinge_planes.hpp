// The different planes among the hinges of all samples, and how the velocity jumps across them.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <utility>
#include <vector>

#include "host/flow/hinges.hpp"
#include "host/flow/meeting_planes.hpp"

namespace mckean {

inline Eigen::Map<const Eigen::VectorXd> as_vector(const std::vector<double>& values) {
  return {values.data(), static_cast<Eigen::Index>(values.size())};
}

/// Samples on one ray share a plane. The x of `hinges` outlives this.
class HingePlanes {
 public:
  /// A plane b . normal = level, and the samples (index, x = factor normal) whose hinges lie on it.
  struct Plane {
    std::vector<double> normal;
    double level = 0;
    std::vector<std::pair<std::size_t, double>> samples;
  };
  using PlaneIndices = std::vector<std::size_t>;

  /// `rate`: dw_b/dt = -rate v_b; `unit`: unit roundoff of b . x_i in the field.
  HingePlanes(const Hinges& hinges, double rate, double unit);

  std::size_t d() const { return hinges_.d; }
  std::size_t size() const { return planes_.size(); }
  const Plane& operator[](std::size_t p) const { return planes_[p]; }
  Eigen::Map<const Eigen::VectorXd> normal(std::size_t p) const {
    return as_vector(planes_[p].normal);
  }
  /// The normals as rows.
  Eigen::MatrixXd normals(const PlaneIndices& indices) const;
  /// The span of normals, after a direction that is taken already where there is one.
  RowSpan span(const PlaneIndices& indices, const Eigen::VectorXd* taken = nullptr) const;

  /// How far below plane p a particle is held, relative to |b|: on which side a kernel finds it
  /// must not be a matter of the order of its sums, on planes beside others neither.
  double depth(std::size_t p) const;
  double least_depth() const { return least_depth_; }

  /// The jump of the drift of a particle with a = 1 across each plane, along its normal; `residual`
  /// holds f(x_i) - y_i.
  std::vector<double> unit_jumps(const std::vector<double>& residual) const;
  /// What takes the drift at b to the one below plane p, along its normal: 0 below it.
  double excess_over(std::size_t p, double a, const double* b,
                     const std::vector<double>& residual) const;
  /// dw_b/dt of particles with amplitude `a` at every row of `directions`, for planes that all meet
  /// at the origin.
  std::vector<double> drift_along(double a, const std::vector<double>& residual,
                                  const std::vector<double>& directions) const;
  /// Some of +-x_i, one after the other.
  std::vector<double> directions_of_samples() const;

 private:
  static std::vector<Plane> find_planes(const Hinges& hinges);

  Hinges hinges_;
  double rate_;
  double least_depth_;
  std::vector<Plane> planes_;
};

}  // namespace mckean
