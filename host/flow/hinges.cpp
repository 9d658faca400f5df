// Capturing and releasing particles at hinges, one particle after the other.
#include "host/flow/hinges.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "host/flow/meeting_planes.hpp"
#include "host/linear_algebra/dense.hpp"
#include "mckean/interruption.hpp"

namespace mckean {
namespace {

using Vector = Eigen::VectorXd;
using Eigen::Index;
using HostParticles = Particles<const double, Space::host>;

/// Samples whose planes agree in this grid share one.
constexpr double plane_grid = 0x1p-36;
/// Particles are held below their planes by so many units of rounding, and up to twice as many.
constexpr double far_from_rounding = 512;
constexpr double golden = 0.6180339887498949;
/// Part of the velocity, squared, by which it turns at a plane worth being held on: what turns less
/// moves on along the plane faster than it is drawn to it.
constexpr double least_turn = 0.003;
/// Samples whose directions are a first guess of where a particle leaves the origin.
constexpr std::size_t directions_tried = 64;
/// Planes met in one step, in units of d, that are looked at together.
constexpr std::size_t most_met = 8;
/// Products b . x_i that one look for captures may cost on the host.
constexpr double affordable_products = 2e8;

Vector b_of(HostParticles w, std::size_t j) {
  Vector b(static_cast<Eigen::Index>(w.d));
  for (std::size_t k = 0; k < w.d; ++k) b[static_cast<Eigen::Index>(k)] = w.b(k)[j];
  return b;
}

Eigen::Map<const Vector> as_vector(const std::vector<double>& values) {
  return {values.data(), static_cast<Eigen::Index>(values.size())};
}

/// The span of normals, after a direction that is taken already where there is one.
template <class Planes>
RowSpan span_of(const Planes& planes, const std::vector<std::size_t>& indices,
                const Vector* taken = nullptr) {
  RowSpan span;
  if (taken != nullptr) span.add(taken->normalized());
  for (const std::size_t p : indices) span.add(as_vector(planes[p].normal));
  return span;
}

template <class Planes>
Eigen::MatrixXd normals(const Planes& planes, const std::vector<std::size_t>& indices,
                        std::size_t d) {
  Eigen::MatrixXd rows(static_cast<Index>(indices.size()), static_cast<Index>(d));
  for (std::size_t i = 0; i < indices.size(); ++i)
    rows.row(static_cast<Index>(i)) = as_vector(planes[indices[i]].normal);
  return rows;
}

void move_b(Particles<double, Space::host> w, std::size_t j, const Vector& by) {
  for (std::size_t k = 0; k < w.d; ++k) w.b(k)[j] += by[static_cast<Eigen::Index>(k)];
}

}  // namespace

HeldHinges::HeldHinges(const Hinges& hinges, double rate, double unit, bool sphere)
    : hinges_(hinges),
      rate_(rate),
      below_(far_from_rounding * unit),
      curved_(sphere && hinges.activation.offset != 0),
      planes_(std::make_shared<const std::vector<Plane>>(find_planes(hinges))) {}

std::vector<HeldHinges::Plane> HeldHinges::find_planes(const Hinges& hinges) {
  std::map<std::vector<std::int64_t>, Plane> planes;
  for (std::size_t i = 0; i < hinges.n; ++i) {
    if (i % 1024 == 0) check_interruption();
    const double* const x = hinges.x.data() + i * hinges.d;
    double norm = 0;
    for (std::size_t k = 0; k < hinges.d; ++k) norm = std::hypot(norm, x[k]);
    if (norm == 0) continue;
    // Through the origin a plane has two normals: the one whose first component that counts is
    // positive.
    double factor = norm;
    const auto first = std::find_if(
        x, x + hinges.d, [norm](double value) { return std::abs(value) > norm * plane_grid; });
    if (hinges.activation.offset == 0 && *first < 0) factor = -norm;
    Plane plane{std::vector<double>(x, x + hinges.d), -hinges.activation.offset / factor, {}};
    std::vector<std::int64_t> key;
    for (double& value : plane.normal) {
      value /= factor;
      key.push_back(std::llround(value / plane_grid));
    }
    if (hinges.activation.offset != 0) key.push_back(std::llround(std::log(norm) / plane_grid));
    planes.emplace(key, std::move(plane)).first->second.samples.emplace_back(i, factor);
  }
  std::vector<Plane> list;
  list.reserve(planes.size());
  // Frees the nodes on the way: at the end, all at once, they could not be interrupted.
  while (!planes.empty()) {
    if (list.size() % 1024 == 0) check_interruption();
    list.push_back(std::move(planes.extract(planes.begin()).mapped()));
  }
  return list;
}

std::size_t HeldHinges::count() const {
  std::size_t planes = 0;
  for (const auto& [j, list] : held_) planes += list.basis.size() + list.beside.size();
  return planes;
}

HeldDirections HeldHinges::directions() const {
  HeldDirections directions;
  for (const auto& [j, list] : held_) {
    const PlaneIndices& indices = list.basis;
    const std::vector<Vector> basis = span_of(*planes_, indices).basis();
    directions.particle.push_back(j);
    for (const Vector& q : basis)
      directions.rows.insert(directions.rows.end(), q.data(), q.data() + q.size());
    if (curved_) {
      const auto count = static_cast<Eigen::Index>(indices.size());
      Vector level(count);
      for (Eigen::Index i = 0; i < count; ++i) {
        const Plane& plane = (*planes_)[indices[static_cast<std::size_t>(i)]];
        const auto part_along = [&](Eigen::Index k) {  // lower triangular
          return as_vector(plane.normal).dot(basis[static_cast<std::size_t>(k)]);
        };
        level[i] = plane.level - depth(indices[static_cast<std::size_t>(i)]);
        for (Eigen::Index k = 0; k < i; ++k) level[i] -= part_along(k) * level[k];
        level[i] /= part_along(i);
      }
      directions.level.insert(directions.level.end(), level.data(), level.data() + count);
    }
    directions.begin.push_back(directions.begin.back() + basis.size());
  }
  return directions;
}

std::vector<double> HeldHinges::unit_jumps(const std::vector<double>& residual) const {
  const double slopes = hinges_.activation.above - hinges_.activation.below;
  std::vector<double> jumps;
  for (const Plane& plane : *planes_) {
    double sum = 0;
    for (const auto& [i, factor] : plane.samples) sum += residual[i] * std::abs(factor);
    jumps.push_back(-rate_ * slopes * sum / static_cast<double>(hinges_.n));
  }
  return jumps;
}

std::vector<double> HeldHinges::drift_along(double a, const std::vector<double>& residual,
                                            const std::vector<double>& directions) const {
  const std::size_t d = hinges_.d;
  std::vector<double> drift(directions.size());
  const double factor = -rate_ * a / static_cast<double>(hinges_.n);
  for (std::size_t r = 0; r < directions.size(); r += d) {
    check_interruption();
    for (std::size_t i = 0; i < hinges_.n; ++i) {
      const double* const x = hinges_.x.data() + i * d;
      const double z = std::inner_product(x, x + d, &directions[r], 0.0);
      const double weight = factor * residual[i] * hinges_.activation.derivative(z);
      for (std::size_t k = 0; k < d; ++k) drift[r + k] += weight * x[k];
    }
  }
  return drift;
}

std::vector<double> HeldHinges::directions_of_samples() const {
  const std::size_t d = hinges_.d;
  const std::size_t stride = std::max<std::size_t>(1, 2 * hinges_.n / directions_tried);
  std::vector<double> directions;
  for (std::size_t i = 0; i < 2 * hinges_.n; i += stride) {
    for (std::size_t k = 0; k < d; ++k)
      directions.push_back((i % 2 == 0 ? 1 : -1) * hinges_.x.data()[i / 2 * d + k]);
  }
  return directions;
}

std::size_t HeldHinges::planes(std::size_t j) const {
  const auto at = held_.find(j);
  return at == held_.end() ? 0 : at->second.basis.size();
}

void HeldHinges::hold(std::size_t j, const PlaneIndices& planes, Particles<double, Space::host> w) {
  held_.erase(j);
  HeldPlanes list;
  RowSpan span;
  for (const std::size_t p : planes) {
    if (span.add(as_vector((*planes_)[p].normal))) list.basis.push_back(p);
  }
  if (list.basis.empty()) return;
  place_below(j, list.basis, w);
  list.beside = find_beside(j, w, list.basis);
  held_[j] = std::move(list);
}

HeldHinges::Ray HeldHinges::steepest_ray(double a, const std::vector<double>& residual,
                                         const std::vector<double>& u,
                                         const std::vector<double>& drift, double angle) const {
  const Vector direction = as_vector(u).normalized();
  std::vector<std::pair<double, std::size_t>> near;
  for (std::size_t p = 0; p < planes_->size(); ++p) {
    const double z = std::abs(direction.dot(as_vector((*planes_)[p].normal)));
    if (z < angle) near.emplace_back(z, p);
  }
  std::sort(near.begin(), near.end());
  if (near.size() > most_met * hinges_.d) near.resize(most_met * hinges_.d);
  const std::vector<double> jumps = unit_jumps(residual);
  PlaneIndices planes;
  for (const auto& [z, p] : near) planes.push_back(p);
  const Eigen::MatrixXd rows = normals(*planes_, planes, hinges_.d);
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
  Ray ray{std::vector<double>(hinges_.d), {}};
  for (std::size_t k = 0; k < hinges_.d; ++k)
    ray.direction[k] = least.velocity[static_cast<Index>(k)] / speed;
  for (std::size_t i = 0; i < planes.size(); ++i) {
    if (least.held[i]) ray.planes.push_back(planes[i]);
  }
  return ray;
}

HeldHinges::PlaneIndices HeldHinges::HeldPlanes::all() const {
  PlaneIndices list = basis;
  list.insert(list.end(), beside.begin(), beside.end());
  return list;
}

double HeldHinges::depth(std::size_t p) const {
  return below_ * (1 + std::fmod(golden * static_cast<double>(p), 1));
}

bool HeldHinges::begin(Particles<double, Space::host> w, const std::vector<double>& residual) {
  if (static_cast<double>(w.m * w.d) * static_cast<double>(planes_->size()) > affordable_products)
    return false;
  const std::vector<double> jumps = unit_jumps(residual);
  for (std::size_t j = 0; j < w.m; ++j) {
    const Vector b = b_of(w, j);
    RowSpan span;
    if (curved_) span.add(b.normalized());
    HeldPlanes planes;
    for (std::size_t p = 0; p < planes_->size(); ++p) {
      const Plane& plane = (*planes_)[p];
      const auto q = as_vector(plane.normal);
      if (w.a()[j] * jumps[p] == 0 || !(std::abs(b.dot(q) - plane.level) < below_ * b.norm()))
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
    const Plane& plane = (*planes_)[p];
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
  if (met.size() > most_met * (hinges_.d + 1)) met.resize(most_met * (hinges_.d + 1));
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
  RowSpan span = span_of(*planes_, all, curved_ ? &b : nullptr);
  // Within what is held already.
  Vector below = b_of(step.drift_after, j);
  Eigen::MatrixXd rows(static_cast<Index>(met.size()), static_cast<Index>(hinges_.d));
  Vector met_jumps(static_cast<Index>(met.size()));
  for (std::size_t i = 0; i < met.size(); ++i) {
    const Plane& plane = (*planes_)[met[i]];
    const auto at = static_cast<Index>(i);
    const Vector q = as_vector(plane.normal);
    rows.row(at) = span.across(q).transpose();
    met_jumps[at] = a * jumps[met[i]];
    if (b.dot(q) > plane.level) below -= met_jumps[at] * rows.row(at).transpose();
  }
  const LeastVelocity least = least_velocity(below, rows, met_jumps);
  const std::size_t old = all.size();
  for (std::size_t i = 0; i < met.size(); ++i) {
    if (least.held[i] && span.add(as_vector((*planes_)[met[i]].normal))) all.push_back(met[i]);
  }
  return all.size() == old ? PlaneIndices{} : all;
}

HeldHinges::PlaneIndices HeldHinges::find_beside(std::size_t j, HostParticles w,
                                                 const PlaneIndices& basis) const {
  const Vector b = b_of(w, j);
  const RowSpan span = span_of(*planes_, basis, curved_ ? &b : nullptr);
  const Eigen::MatrixXd columns = normals(*planes_, basis, hinges_.d).transpose();
  PlaneIndices beside;
  for (std::size_t p = 0; p < planes_->size(); ++p) {
    const Plane& plane = (*planes_)[p];
    const Vector q = as_vector(plane.normal);
    if (std::find(basis.begin(), basis.end(), p) != basis.end() || !span.contains(q)) continue;
    const double parts = solve_least_squares(columns, q).lpNorm<1>();
    if (std::abs(b.dot(q) - plane.level) <= 4 * (1 + parts) * below_ * b.norm())
      beside.push_back(p);
  }
  return beside;
}

double HeldHinges::place_below(std::size_t j, const PlaneIndices& basis,
                               Particles<double, Space::host> w) const {
  const Vector b = b_of(w, j);
  const Eigen::MatrixXd rows = normals(*planes_, basis, hinges_.d);
  Vector off = -(rows * b);
  for (std::size_t i = 0; i < basis.size(); ++i)
    off[static_cast<Index>(i)] += (*planes_)[basis[i]].level - depth(basis[i]) * b.norm();
  const Vector shift = solve_least_squares(rows, off);
  move_b(w, j, shift);
  return shift.squaredNorm();
}

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

std::optional<double> HeldHinges::capture(const StepView& step,
                                          Particles<double, Space::host> after) {
  std::vector<std::size_t> candidates;
  for (std::size_t j = 0; j < after.m; ++j) {
    if (turns(step, after, j)) candidates.push_back(j);
  }
  const double products =
      static_cast<double>(candidates.size()) * static_cast<double>(planes_->size() * hinges_.d);
  gave_up_ = products > affordable_products;
  if (candidates.empty() || gave_up_) return {};
  const std::vector<double> jumps = unit_jumps(step.residual);
  std::vector<std::size_t> captured;
  for (const std::size_t j : candidates) {
    PlaneIndices found = find_new(step, jumps, after, j);
    if (found.empty()) continue;
    held_[j].basis = std::move(found);
    captured.push_back(j);
  }
  if (captured.empty()) return {};
  double moved = 0;
  if (curved_) {
    moved = place(after);
  } else {
    for (const auto& [j, planes] : held_) moved += place_below(j, planes.basis, after);
  }
  for (const std::size_t j : captured) {
    HeldPlanes& planes = held_[j];
    planes.beside = find_beside(j, after, planes.basis);
  }
  return moved;
}

double HeldHinges::place(Particles<double, Space::host> w) const {
  const HeldDirections held = directions();
  const HeldView<Space::host> view = held.view();
  double moved = 0;
  for (std::size_t i = 0; i < held.particle.size(); ++i) {
    const std::size_t j = held.particle[i];
    const Vector before = b_of(w, j);
    view.at(i, w.m, w.d).place(w.b(0).data() + j);
    moved += (b_of(w, j) - before).squaredNorm();
  }
  return moved;
}

double HeldHinges::excess_over(std::size_t p, double a, const double* b,
                               const std::vector<double>& residual) const {
  const PiecewiseLinear& sigma = hinges_.activation;
  double sum = 0;
  for (const auto& [i, factor] : (*planes_)[p].samples) {
    const double* const x = hinges_.x.data() + i * hinges_.d;
    const double z = std::inner_product(x, x + hinges_.d, b, 0.0);
    const double lower = factor > 0 ? sigma.below : sigma.above;
    sum += residual[i] * (sigma.derivative(z) - lower) * factor;
  }
  return rate_ * a * sum / static_cast<double>(hinges_.n);
}

bool HeldHinges::leave(std::size_t j, HeldPlanes& planes, const std::vector<double>& jumps,
                       const std::vector<double>& residual, Particles<double, Space::host> w,
                       Particles<double, Space::host> drift) const {
  const double a = w.a()[j];
  const Vector b = b_of(w, j);
  const PlaneIndices all = planes.all();
  Eigen::MatrixXd rows = normals(*planes_, all, hinges_.d);
  if (curved_) rows -= rows * b * b.transpose() / b.squaredNorm();
  const auto row = [&rows](std::size_t i) -> Vector {
    return rows.row(static_cast<Index>(i)).transpose();
  };
  // The drift below every plane, where particles are held.
  Vector now = b_of(drift, j);
  Vector all_jumps(static_cast<Index>(all.size()));
  for (std::size_t i = 0; i < all.size(); ++i) {
    now += excess_over(all[i], a, b.data(), residual) * row(i);
    all_jumps[static_cast<Index>(i)] = a * jumps[all[i]];
  }
  const LeastVelocity least = least_velocity(now, rows, all_jumps);
  HeldPlanes kept;
  RowSpan span;
  if (curved_) span.add(b.normalized());
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (least.held[i] && span.add(as_vector((*planes_)[all[i]].normal)))
      kept.basis.push_back(all[i]);
  }
  const RowSpan of_kept = span;
  PlaneIndices moved = kept.basis;
  std::vector<double> change(moved.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Plane& plane = (*planes_)[all[i]];
    const auto q = as_vector(plane.normal);
    if (std::find(kept.basis.begin(), kept.basis.end(), all[i]) != kept.basis.end()) continue;
    if (least.along[i] && of_kept.contains(q)) {
      kept.beside.push_back(all[i]);
      continue;
    }
    now += least.weight[i] * all_jumps[static_cast<Index>(i)] * row(i);
    if (!span.add(q)) continue;
    moved.push_back(all[i]);
    const double side = (least.weight[i] > 0 ? 1 : -1) * depth(all[i]) * b.norm();
    change.push_back(plane.level + side - b.dot(q));
  }
  if (kept.basis == planes.basis && kept.beside.size() == planes.beside.size()) return false;
  planes = std::move(kept);
  move_b(w, j, solve_least_squares(normals(*planes_, moved, hinges_.d), as_vector(change)));
  for (std::size_t k = 0; k < w.d; ++k) drift.b(k)[j] = now[static_cast<Index>(k)];
  return true;
}

bool HeldHinges::release(Particles<double, Space::host> w, Particles<double, Space::host> drift,
                         const std::vector<double>& residual) {
  const std::vector<double> jumps = unit_jumps(residual);
  bool any = false;
  for (auto at = held_.begin(); at != held_.end();) {
    any = leave(at->first, at->second, jumps, residual, w, drift) || any;
    at = at->second.basis.empty() ? held_.erase(at) : std::next(at);
  }
  return any;
}

}  // namespace mckean
