// Which planes hold which particle, and putting particles on them.
#include "host/flow/held_hinges.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "host/flow/hinge_planes.hpp"
#include "host/flow/particle_vectors.hpp"
#include "host/linear_algebra/dense.hpp"

namespace mckean {
namespace {

using Vector = Eigen::VectorXd;
using Eigen::Index;
using HostParticles = Particles<const double, Space::host>;

}  // namespace

HeldHinges::HeldHinges(const Hinges& hinges, double rate, double unit, bool sphere)
    : curved_(sphere && hinges.activation.offset != 0),
      planes_(std::make_shared<const HingePlanes>(hinges, rate, unit)) {}

HeldHinges::PlaneIndices HeldHinges::HeldPlanes::all() const {
  PlaneIndices list = basis;
  list.insert(list.end(), beside.begin(), beside.end());
  return list;
}

bool HeldHinges::begin(Particles<double, Space::host> w, const std::vector<double>& residual) {
  if (static_cast<double>(w.m * w.d) * static_cast<double>(planes_->size()) > affordable_products)
    return false;
  const std::vector<double> jumps = planes_->unit_jumps(residual);
  for (std::size_t j = 0; j < w.m; ++j) {
    const Vector b = b_of(w, j);
    RowSpan span;
    if (curved_) span.add(b.normalized());
    HeldPlanes planes;
    for (std::size_t p = 0; p < planes_->size(); ++p) {
      const HingePlanes::Plane& plane = (*planes_)[p];
      const auto q = as_vector(plane.normal);
      if (w.a()[j] * jumps[p] == 0 ||
          !(std::abs(b.dot(q) - plane.level) < planes_->least_depth() * b.norm()))
        continue;
      (span.add(q) ? planes.basis : planes.beside).push_back(p);
    }
    if (planes.basis.empty()) continue;
    if (!curved_) place_below(j, planes.basis, w);
    held_[j] = std::move(planes);
  }
  if (curved_ && !held_.empty()) place(w);
  return !held_.empty();
}

std::size_t HeldHinges::count() const {
  std::size_t planes = 0;
  for (const auto& [j, list] : held_) planes += list.basis.size() + list.beside.size();
  return planes;
}

std::size_t HeldHinges::planes(std::size_t j) const {
  const auto at = held_.find(j);
  return at == held_.end() ? 0 : at->second.basis.size();
}

HeldDirections HeldHinges::directions() const {
  HeldDirections directions;
  for (const auto& [j, list] : held_) {
    const PlaneIndices& indices = list.basis;
    const std::vector<Vector> basis = planes_->span(indices).basis();
    directions.particle.push_back(j);
    for (const Vector& q : basis)
      directions.rows.insert(directions.rows.end(), q.data(), q.data() + q.size());
    if (curved_) {
      const auto count = static_cast<Eigen::Index>(indices.size());
      Vector level(count);
      for (Eigen::Index i = 0; i < count; ++i) {
        const HingePlanes::Plane& plane = (*planes_)[indices[static_cast<std::size_t>(i)]];
        const auto part_along = [&](Eigen::Index k) {  // lower triangular
          return as_vector(plane.normal).dot(basis[static_cast<std::size_t>(k)]);
        };
        level[i] = plane.level - planes_->depth(indices[static_cast<std::size_t>(i)]);
        for (Eigen::Index k = 0; k < i; ++k) level[i] -= part_along(k) * level[k];
        level[i] /= part_along(i);
      }
      directions.level.insert(directions.level.end(), level.data(), level.data() + count);
    }
    directions.begin.push_back(directions.begin.back() + basis.size());
  }
  return directions;
}

std::vector<double> HeldHinges::drift_along(double a, const std::vector<double>& residual,
                                            const std::vector<double>& directions) const {
  return planes_->drift_along(a, residual, directions);
}

std::vector<double> HeldHinges::directions_of_samples() const {
  return planes_->directions_of_samples();
}

void HeldHinges::hold(std::size_t j, const PlaneIndices& planes, Particles<double, Space::host> w) {
  held_.erase(j);
  HeldPlanes list;
  RowSpan span;
  for (const std::size_t p : planes) {
    if (span.add(planes_->normal(p))) list.basis.push_back(p);
  }
  if (list.basis.empty()) return;
  place_below(j, list.basis, w);
  list.beside = find_beside(j, w, list.basis);
  held_[j] = std::move(list);
}

HeldHinges::PlaneIndices HeldHinges::find_beside(std::size_t j, HostParticles w,
                                                 const PlaneIndices& basis) const {
  const Vector b = b_of(w, j);
  const RowSpan span = planes_->span(basis, curved_ ? &b : nullptr);
  const Eigen::MatrixXd columns = planes_->normals(basis).transpose();
  PlaneIndices beside;
  for (std::size_t p = 0; p < planes_->size(); ++p) {
    const HingePlanes::Plane& plane = (*planes_)[p];
    const Vector q = as_vector(plane.normal);
    if (std::find(basis.begin(), basis.end(), p) != basis.end() || !span.contains(q)) continue;
    const double parts = solve_least_squares(columns, q).lpNorm<1>();
    if (std::abs(b.dot(q) - plane.level) <= 4 * (1 + parts) * planes_->least_depth() * b.norm())
      beside.push_back(p);
  }
  return beside;
}

double HeldHinges::place(Particles<double, Space::host> w) const {
  const HeldDirections held = directions();
  const HeldView<Space::host> view = held.view();
  double squared = 0;
  for (std::size_t i = 0; i < held.particle.size(); ++i) {
    const std::size_t j = held.particle[i];
    const Vector before = b_of(w, j);
    view.at(i, w.m, w.d).place(w.b(0).data() + j);
    squared += (b_of(w, j) - before).squaredNorm();
  }
  return squared;
}

double HeldHinges::place_below(std::size_t j, const PlaneIndices& basis,
                               Particles<double, Space::host> w) const {
  const Vector b = b_of(w, j);
  const Eigen::MatrixXd rows = planes_->normals(basis);
  Vector off = -(rows * b);
  for (std::size_t i = 0; i < basis.size(); ++i)
    off[static_cast<Index>(i)] += (*planes_)[basis[i]].level - planes_->depth(basis[i]) * b.norm();
  const Vector shift = solve_least_squares(rows, off);
  move_b(w, j, shift);
  return shift.squaredNorm();
}

}  // namespace mckean
