// Planes that meet in one point, and the generalised gradient there.
#include "host/flow/meeting_planes.hpp"

#include <algorithm>
#include <cmath>

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

std::vector<double> rows_across(const std::vector<double>& u) {
  const auto d = static_cast<Index>(u.size());
  RowSpan span;
  span.add(Eigen::Map<const VectorXd>(u.data(), d));
  // The axis nearest to u is the one that depends on the others and u.
  const auto nearest = std::max_element(
      u.begin(), u.end(), [](double x, double y) { return std::abs(x) < std::abs(y); });
  for (Index k = 0; k < d; ++k) {
    if (k != nearest - u.begin()) span.add(VectorXd::Unit(d, k));
  }
  std::vector<double> rows;
  for (std::size_t i = 1; i < span.basis().size(); ++i)
    rows.insert(rows.end(), span.basis()[i].data(), span.basis()[i].data() + d);
  return rows;
}

namespace {

/// Repelling planes whose sides are all tried.
constexpr std::size_t few = 5;

class Meeting {
 public:
  Meeting(const VectorXd& base, const MatrixXd& rows, const VectorXd& jumps)
      : base_(base), rows_(rows), jumps_(jumps) {
    for (Index i = 0; i < jumps.size(); ++i) (jumps[i] < 0 ? attracting_ : repelling_).push_back(i);
    columns_.resize(rows.cols(), static_cast<Index>(attracting_.size()));
    for (std::size_t c = 0; c < attracting_.size(); ++c)
      columns_.col(static_cast<Index>(c)) = column(attracting_[c]);
    size_ = base.norm() + columns_.norm();
    for (const Index i : repelling_) size_ += column(i).norm();
  }

  LeastVelocity solve() {
    std::vector<bool> above(repelling_.size());
    try_sides(above);
    if (repelling_.size() <= few) {
      for (std::size_t code = 1; code < std::size_t{1} << repelling_.size(); ++code) {
        for (std::size_t r = 0; r < above.size(); ++r) above[r] = (code >> r) % 2 == 1;
        try_sides(above);
      }
    } else {
      climb(above);
    }
    LeastVelocity least{best_, {weight_.data(), weight_.data() + weight_.size()}, {}, {}};
    for (Index i = 0; i < jumps_.size(); ++i) {
      const bool inside = jumps_[i] < 0 && weight_[i] > 0 && weight_[i] < 1;
      least.along.push_back(inside || std::abs(rows_.row(i).dot(best_)) <= rounding * size_);
      least.held.push_back(jumps_[i] < 0 && least.along.back());
    }
    return least;
  }

 private:
  VectorXd column(Index i) const { return jumps_[i] * rows_.row(i).transpose(); }

  /// Whether J falls more steeply with these sides of the repelling planes than with any before.
  bool try_sides(const std::vector<bool>& above) {
    VectorXd fixed = base_;
    for (std::size_t r = 0; r < above.size(); ++r) {
      if (above[r]) fixed += column(repelling_[r]);
    }
    const VectorXd inside = bounded_least_squares(fixed, columns_);
    const VectorXd velocity = fixed + columns_ * inside;
    if (best_.size() > 0 && !(velocity.norm() > best_.norm() + rounding * size_)) return false;
    best_ = velocity;
    weight_ = VectorXd::Zero(jumps_.size());
    for (std::size_t c = 0; c < attracting_.size(); ++c)
      weight_[attracting_[c]] = inside[static_cast<Index>(c)];
    for (std::size_t r = 0; r < above.size(); ++r) weight_[repelling_[r]] = above[r] ? 1 : 0;
    return true;
  }
  void climb(std::vector<bool> above) {
    for (bool better = true; better;) {
      better = false;
      for (std::size_t r = 0; r < above.size(); ++r) {
        above[r] = !above[r];
        if (try_sides(above)) {
          better = true;
        } else {
          above[r] = !above[r];
        }
      }
    }
  }

  const VectorXd& base_;
  const MatrixXd& rows_;
  const VectorXd& jumps_;
  std::vector<Index> attracting_, repelling_;
  MatrixXd columns_;
  double size_;
  VectorXd best_, weight_;
};

}  // namespace

LeastVelocity least_velocity(const VectorXd& base, const MatrixXd& rows, const VectorXd& jumps) {
  return Meeting(base, rows, jumps).solve();
}

}  // namespace mckean
