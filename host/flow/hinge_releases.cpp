// Releasing particles from planes that no longer attract them from both sides, and the steepest
// way along the planes that still do.
#include <algorithm>
#include <cmath>
#include <utility>

#include "host/flow/held_hinges.hpp"
#include "host/flow/hinge_planes.hpp"
#include "host/flow/meeting_planes.hpp"
#include "host/flow/particle_vectors.hpp"
#include "host/linear_algebra/dense.hpp"

namespace mckean {
namespace {

using Vector = Eigen::VectorXd;
using Eigen::Index;

}  // namespace

bool HeldHinges::leave(std::size_t j, HeldPlanes& planes, const std::vector<double>& jumps,
                       const std::vector<double>& residual, Particles<double, Space::host> w,
                       Particles<double, Space::host> drift) const {
  const double a = w.a()[j];
  const Vector b = b_of(w, j);
  const PlaneIndices all = planes.all();
  Eigen::MatrixXd rows = planes_->normals(all);
  if (curved_) rows -= rows * b * b.transpose() / b.squaredNorm();
  const auto row = [&rows](std::size_t i) -> Vector {
    return rows.row(static_cast<Index>(i)).transpose();
  };
  // The drift below every plane, where particles are held.
  Vector now = b_of(drift, j);
  Vector all_jumps(static_cast<Index>(all.size()));
  for (std::size_t i = 0; i < all.size(); ++i) {
    now += planes_->excess_over(all[i], a, b.data(), residual) * row(i);
    all_jumps[static_cast<Index>(i)] = a * jumps[all[i]];
  }
  const LeastVelocity least = least_velocity(now, rows, all_jumps);
  HeldPlanes kept;
  RowSpan span;
  if (curved_) span.add(b.normalized());
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (least.held[i] && span.add(planes_->normal(all[i]))) kept.basis.push_back(all[i]);
  }
  const RowSpan of_kept = span;
  PlaneIndices shifted = kept.basis;
  std::vector<double> shift(shifted.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const HingePlanes::Plane& plane = (*planes_)[all[i]];
    const auto q = as_vector(plane.normal);
    if (std::find(kept.basis.begin(), kept.basis.end(), all[i]) != kept.basis.end()) continue;
    if (least.along[i] && of_kept.contains(q)) {
      kept.beside.push_back(all[i]);
      continue;
    }
    now += least.weight[i] * all_jumps[static_cast<Index>(i)] * row(i);
    if (!span.add(q)) continue;
    shifted.push_back(all[i]);
    const double side = (least.weight[i] > 0 ? 1 : -1) * planes_->depth(all[i]) * b.norm();
    shift.push_back(plane.level + side - b.dot(q));
  }
  if (kept.basis == planes.basis && kept.beside.size() == planes.beside.size()) return false;
  planes = std::move(kept);
  move_b(w, j, solve_least_squares(planes_->normals(shifted), as_vector(shift)));
  for (std::size_t k = 0; k < w.d; ++k) drift.b(k)[j] = now[static_cast<Index>(k)];
  return true;
}

bool HeldHinges::release(Particles<double, Space::host> w, Particles<double, Space::host> drift,
                         const std::vector<double>& residual) {
  const std::vector<double> jumps = planes_->unit_jumps(residual);
  bool any = false;
  for (auto at = held_.begin(); at != held_.end();) {
    any = leave(at->first, at->second, jumps, residual, w, drift) || any;
    at = at->second.basis.empty() ? held_.erase(at) : std::next(at);
  }
  return any;
}

HeldHinges::Ray HeldHinges::steepest_ray(double a, const std::vector<double>& residual,
                                         const std::vector<double>& u,
                                         const std::vector<double>& drift, double angle) const {
  const Vector direction = as_vector(u).normalized();
  std::vector<std::pair<double, std::size_t>> near;
  for (std::size_t p = 0; p < planes_->size(); ++p) {
    const double z = std::abs(direction.dot(planes_->normal(p)));
    if (z < angle) near.emplace_back(z, p);
  }
  std::sort(near.begin(), near.end());
  if (near.size() > most_met * planes_->d()) near.resize(most_met * planes_->d());
  const std::vector<double> jumps = planes_->unit_jumps(residual);
  PlaneIndices planes;
  for (const auto& [z, p] : near) planes.push_back(p);
  const Eigen::MatrixXd rows = planes_->normals(planes);
  Vector below = as_vector(drift);
  Vector near_jumps(static_cast<Index>(planes.size()));
  for (std::size_t i = 0; i < planes.size(); ++i) {
    const auto at = static_cast<Index>(i);
    near_jumps[at] = a * jumps[planes[i]];
    if (rows.row(at).dot(direction) > 0) below -= near_jumps[at] * rows.row(at).transpose();
  }
  const LeastVelocity least = least_velocity(below, rows, near_jumps);
  const double speed = least.velocity.norm();
  if (!(speed > 0)) return {};
  Ray ray{std::vector<double>(planes_->d()), {}};
  for (std::size_t k = 0; k < planes_->d(); ++k)
    ray.direction[k] = least.velocity[static_cast<Index>(k)] / speed;
  for (std::size_t i = 0; i < planes.size(); ++i) {
    if (least.held[i]) ray.planes.push_back(planes[i]);
  }
  return ray;
}

}  // namespace mckean
