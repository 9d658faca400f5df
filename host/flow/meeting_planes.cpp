#include "host/flow/meeting_planes.hpp"

#include "host/flow/bounded_least_squares.hpp"

namespace mckean {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

/// Velocities across a plane, relative to their terms, that count as none.
constexpr double rounding = 1e-10;

}  // namespace

VectorXd RowSpan::across(const VectorXd& q) const {
  VectorXd left = q;
  for (int pass = 0; pass < 2; ++pass) {
    for (const VectorXd& other : basis_) left -= other.dot(left) * other;
  }
  return left;
}

bool RowSpan::add(const VectorXd& q) {
  const VectorXd left = across(q);
  const double norm = left.norm();
  if (norm < least_angle) return false;
  basis_.push_back(left / norm);
  return true;
}

LeastVelocity least_velocity(const VectorXd& base, const MatrixXd& rows, const VectorXd& jumps) {
  const Index k = jumps.size();
  std::vector<Index> attracting;
  for (Index i = 0; i < k; ++i) {
    if (jumps[i] < 0) attracting.push_back(i);
  }
  MatrixXd columns(rows.cols(), static_cast<Index>(attracting.size()));
  for (std::size_t c = 0; c < attracting.size(); ++c)
    columns.col(static_cast<Index>(c)) = jumps[attracting[c]] * rows.row(attracting[c]).transpose();
  const double size = base.norm() + columns.norm();
  LeastVelocity least;
  VectorXd weight = VectorXd::Zero(k);
  // A plane that repels and has been left to one side stays there: no set of sides comes twice.
  for (Index pass = 0; pass <= k; ++pass) {
    VectorXd fixed = base;
    for (Index i = 0; i < k; ++i) {
      if (!(jumps[i] < 0)) fixed += weight[i] * jumps[i] * rows.row(i).transpose();
    }
    const VectorXd inside = bounded_least_squares(fixed, columns);
    for (std::size_t c = 0; c < attracting.size(); ++c)
      weight[attracting[c]] = inside[static_cast<Index>(c)];
    least.velocity = fixed + columns * inside;
    bool changed = false;
    for (Index i = 0; i < k; ++i) {
      if (jumps[i] < 0 || weight[i] == 1 || !(rows.row(i).dot(least.velocity) > 0)) continue;
      weight[i] = 1;
      changed = true;
    }
    if (!changed) break;
  }
  least.weight.assign(weight.data(), weight.data() + k);
  for (Index i = 0; i < k; ++i) {
    const bool along = std::abs(rows.row(i).dot(least.velocity)) <= rounding * size;
    least.held.push_back(jumps[i] < 0 && (along || (weight[i] > 0 && weight[i] < 1)));
  }
  return least;
}

}  // namespace mckean
