// Capturing particles on planes that they have met in a step.
#include <algorithm>
#include <cmath>
#include <utility>

#include "host/flow/held_hinges.hpp"
#include "host/flow/hinge_planes.hpp"
#include "host/flow/meeting_planes.hpp"
#include "host/flow/particle_vectors.hpp"

namespace mckean {
namespace {

using Vector = Eigen::VectorXd;
using Eigen::Index;
using HostParticles = Particles<const double, Space::host>;

/// Part of the velocity, squared, by which it turns at a plane worth being held on: what turns less
/// moves on along the plane faster than it is drawn to it.
constexpr double least_turn = 0.003;

}  // namespace

bool HeldHinges::turns(const StepView& step, HostParticles after, std::size_t j) {
  double change = 0;   // of the velocity, from end to end
  double between = 0;  // of its mean against both ends, twice: some stages were across a plane
  double size = 0;
  for (std::size_t k = 0; k < after.d; ++k) {
    const double f0 = step.drift_before.b(k)[j];
    const double f1 = step.drift_after.b(k)[j];
    const double mean = (after.b(k)[j] - step.before.b(k)[j]) / step.h;
    change += (f1 - f0) * (f1 - f0);
    between += (2 * mean - f0 - f1) * (2 * mean - f0 - f1);
    size += f0 * f0 + f1 * f1;
  }
  change = std::max(change, between);
  const bool matters = change >= step.least_jump * step.least_jump ||
                       change * size >= step.least_energy * step.least_energy;
  return change > least_turn * size && matters;
}

HeldHinges::PlaneIndices HeldHinges::find_met(const StepView& step,
                                              const std::vector<double>& jumps, HostParticles after,
                                              std::size_t j) const {
  const double a = after.a()[j];
  const Vector before = b_of(step.before, j);
  const Vector b = b_of(after, j);
  const Vector drift = b_of(step.drift_after, j);
  const double speed = std::max(drift.norm(), b_of(step.drift_before, j).norm());
  const auto held = held_.find(j);
  const PlaneIndices old = held == held_.end() ? PlaneIndices{} : held->second.all();
  std::vector<std::pair<double, std::size_t>> met;
  for (std::size_t p = 0; p < planes_->size(); ++p) {
    const HingePlanes::Plane& plane = (*planes_)[p];
    const double jump = a * jumps[p];
    // The normal points up; both sides attract only where the drift falls across the plane.
    if (!(jump < 0)) continue;
    if (-jump < step.least_jump && -jump * speed < step.least_energy) continue;
    const auto q = as_vector(plane.normal);
    const double z0 = before.dot(q) - plane.level;
    const double z1 = b.dot(q) - plane.level;
    const double u = drift.dot(q);
    const bool near = z1 * u < 0 && std::abs(z1) <= step.h * std::abs(u);
    const bool crossed = (z0 > 0) != (z1 > 0);
    if (!crossed && !near) continue;
    if (std::find(old.begin(), old.end(), p) != old.end()) continue;
    met.emplace_back(crossed ? z0 / (z0 - z1) : 1 - z1 / (step.h * u), p);
  }
  std::sort(met.begin(), met.end());
  if (met.size() > most_met * (planes_->d() + 1)) met.resize(most_met * (planes_->d() + 1));
  PlaneIndices planes;
  for (const auto& [time, p] : met) planes.push_back(p);
  return planes;
}

HeldHinges::PlaneIndices HeldHinges::find_new(const StepView& step,
                                              const std::vector<double>& jumps, HostParticles after,
                                              std::size_t j) const {
  const PlaneIndices met = find_met(step, jumps, after, j);
  if (met.empty()) return {};
  const double a = after.a()[j];
  const Vector b = b_of(after, j);
  const auto held = held_.find(j);
  PlaneIndices all = held == held_.end() ? PlaneIndices{} : held->second.basis;
  RowSpan span = planes_->span(all, curved_ ? &b : nullptr);
  // Within what is held already.
  Vector below = b_of(step.drift_after, j);
  Eigen::MatrixXd rows(static_cast<Index>(met.size()), static_cast<Index>(planes_->d()));
  Vector met_jumps(static_cast<Index>(met.size()));
  for (std::size_t i = 0; i < met.size(); ++i) {
    const HingePlanes::Plane& plane = (*planes_)[met[i]];
    const auto at = static_cast<Index>(i);
    const Vector q = as_vector(plane.normal);
    rows.row(at) = span.across(q).transpose();
    met_jumps[at] = a * jumps[met[i]];
    if (b.dot(q) > plane.level) below -= met_jumps[at] * rows.row(at).transpose();
  }
  const LeastVelocity least = least_velocity(below, rows, met_jumps);
  const std::size_t old = all.size();
  for (std::size_t i = 0; i < met.size(); ++i) {
    if (least.held[i] && span.add(planes_->normal(met[i]))) all.push_back(met[i]);
  }
  return all.size() == old ? PlaneIndices{} : all;
}

std::optional<double> HeldHinges::capture(const StepView& step,
                                          Particles<double, Space::host> after) {
  std::vector<std::size_t> candidates;
  for (std::size_t j = 0; j < after.m; ++j) {
    if (turns(step, after, j)) candidates.push_back(j);
  }
  const double products =
      static_cast<double>(candidates.size()) * static_cast<double>(planes_->size() * planes_->d());
  gave_up_ = products > affordable_products;
  if (candidates.empty() || gave_up_) return {};
  const std::vector<double> jumps = planes_->unit_jumps(step.residual);
  std::vector<std::size_t> captured;
  for (const std::size_t j : candidates) {
    PlaneIndices found = find_new(step, jumps, after, j);
    if (found.empty()) continue;
    held_[j].basis = std::move(found);
    captured.push_back(j);
  }
  if (captured.empty()) return {};
  double squared = 0;
  if (curved_) {
    squared = place(after);
  } else {
    for (const auto& [j, planes] : held_) squared += place_below(j, planes.basis, after);
  }
  for (const std::size_t j : captured) {
    HeldPlanes& planes = held_[j];
    planes.beside = find_beside(j, after, planes.basis);
  }
  return squared;
}

}  // namespace mckean
