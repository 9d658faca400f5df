// Planes in b-space that meet where a particle is, in any number: which of them hold it.
#pragma once

#include <Eigen/Core>
#include <vector>

namespace mckean {

/// An orthonormal basis of rows that come one after the other (Gram-Schmidt, twice).
class RowSpan {
 public:
  /// Rows nearer to dependent than this, for unit rows, count as dependent.
  static constexpr double least_angle = 1e-6;

  /// What of q is orthogonal to the rows so far.
  Eigen::VectorXd across(const Eigen::VectorXd& q) const;
  /// Takes q in, where it is independent; whether it was.
  bool add(const Eigen::VectorXd& q);
  bool contains(const Eigen::VectorXd& q) const { return across(q).norm() < least_angle; }
  const std::vector<Eigen::VectorXd>& basis() const { return basis_; }

 private:
  std::vector<Eigen::VectorXd> basis_;
};

/// Orthonormal rows across a unit vector: d - 1 of d values, one after the other.
std::vector<double> rows_across(const std::vector<double>& u);

/// The velocity where planes meet.
struct LeastVelocity {
  Eigen::VectorXd velocity;
  /// The part of each jump in it: 0 where the particle goes to, or stays at, the side below a
  /// plane, 1 above.
  std::vector<double> weight;
  /// Whether the particle moves along the plane, and whether this is so because the plane holds
  /// it. There may be more such planes than dimensions.
  std::vector<bool> along, held;
};

/// `base` is the velocity below all of the planes, rows (k x d) are their normals, which point up,
/// and the velocity jumps by jump_i row_i across plane i. Planes with jump_i < 0 attract: their
/// weights are those of the least norm in [0, 1]^k, the velocity of which is the slope of J, convex
/// across them (the element of least norm of its subdifferential), and unique however many they
/// are. Across others J is concave, the least of what it is with each choice of sides, and falls as
/// steeply as with the best of these: all are tried, or those reached by better and better flips
/// of one side where they are many.
LeastVelocity least_velocity(const Eigen::VectorXd& base, const Eigen::MatrixXd& rows,
                             const Eigen::VectorXd& jumps);

}  // namespace mckean
