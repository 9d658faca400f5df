// Capturing and releasing particles at hinges, one particle after the other.
#include "host/flow/hinges.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "host/flow/bounded_least_squares.hpp"

namespace mckean {
namespace {

using Vector = Eigen::VectorXd;
using HostParticles = Particles<const double, Space::host>;

/// Planes whose normals are nearer to dependent than this are not held together.
constexpr double least_angle = 1e-6;
/// Samples whose planes agree in this grid share one.
constexpr double plane_grid = 0x1p-36;
/// Particles are held below their planes by so many units of rounding: on which side a kernel finds
/// them must not be a matter of the order of its sums.
constexpr double far_from_rounding = 1024;
/// Part of the velocity, squared, by which it turns at a plane worth being held on: what turns less
/// moves on along the plane faster than it is drawn to it.
constexpr double least_turn = 0.003;
/// Samples whose directions are a first guess of where a particle leaves the origin.
constexpr std::size_t directions_tried = 64;
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

/// Gram-Schmidt, after a direction that is taken already where there is one; empty where a normal
/// depends on those before it.
template <class Planes>
std::vector<Vector> orthonormal(const Planes& planes, const std::vector<std::size_t>& indices,
                                const Vector* taken = nullptr) {
  std::vector<Vector> basis;
  if (taken != nullptr) basis.push_back(taken->normalized());
  for (const std::size_t p : indices) {
    Vector q = as_vector(planes[p].normal);
    for (int pass = 0; pass < 2; ++pass) {
      for (const Vector& other : basis) q -= other.dot(q) * other;
    }
    const double norm = q.norm();
    if (norm < least_angle) return {};
    basis.push_back(q / norm);
  }
  return basis;
}

template <class Planes>
Eigen::MatrixXd normals(const Planes& planes, const std::vector<std::size_t>& indices,
                        std::size_t d) {
  Eigen::MatrixXd rows(static_cast<Eigen::Index>(indices.size()), static_cast<Eigen::Index>(d));
  for (std::size_t i = 0; i < indices.size(); ++i)
    rows.row(static_cast<Eigen::Index>(i)) = as_vector(planes[indices[i]].normal);
  return rows;
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
  for (auto& [key, plane] : planes) list.push_back(std::move(plane));
  return list;
}

std::size_t HeldHinges::count() const {
  std::size_t planes = 0;
  for (const auto& [j, list] : held_) planes += list.size();
  return planes;
}

HeldDirections HeldHinges::directions() const {
  HeldDirections directions;
  for (const auto& [j, indices] : held_) {
    const std::vector<Vector> basis = orthonormal(*planes_, indices);
    directions.particle.push_back(j);
    for (const Vector& q : basis)
      directions.rows.insert(directions.rows.end(), q.data(), q.data() + q.size());
    if (curved_) {
      const auto count = static_cast<Eigen::Index>(indices.size());
      Eigen::MatrixXd products(count, count);  // of the normals with the rows: lower triangular
      Vector level(count);
      for (Eigen::Index i = 0; i < count; ++i) {
        const Plane& plane = (*planes_)[indices[static_cast<std::size_t>(i)]];
        for (Eigen::Index k = 0; k < count; ++k)
          products(i, k) = as_vector(plane.normal).dot(basis[static_cast<std::size_t>(k)]);
        level[i] = plane.level - below_;
      }
      products.triangularView<Eigen::Lower>().solveInPlace(level);
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
  return at == held_.end() ? 0 : at->second.size();
}

void HeldHinges::forget(const std::vector<std::size_t>& particles) {
  for (const std::size_t j : particles) held_.erase(j);
}

HeldHinges::PlaneIndices HeldHinges::find_new(const StepView& step,
                                              const std::vector<double>& jumps, HostParticles after,
                                              std::size_t j) const {
  const double a = after.a()[j];
  const Vector before = b_of(step.before, j);
  const Vector b = b_of(after, j);
  const Vector drift = b_of(step.drift_after, j);
  const double speed = std::max(drift.norm(), b_of(step.drift_before, j).norm());
  const auto held = held_.find(j);
  PlaneIndices all = held == held_.end() ? PlaneIndices{} : held->second;
  const std::size_t old = all.size();
  for (std::size_t p = 0; p < planes_->size() && all.size() < hinges_.d; ++p) {
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
    if ((z0 > 0) == (z1 > 0) && !near) continue;
    if (std::find(all.begin(), all.end(), p) != all.end()) continue;
    // Along the normal within what is held already.
    PlaneIndices tried = all;
    tried.push_back(p);
    const std::vector<Vector> basis = orthonormal(*planes_, tried, curved_ ? &b : nullptr);
    if (basis.empty()) continue;
    const double across = jump * std::pow(basis.back().dot(q), 2);
    const double drift_above = z1 > 0 ? u : u + across;
    const double drift_below = z1 > 0 ? u - across : u;
    if (drift_above < 0 && drift_below > 0) all = std::move(tried);
  }
  return all.size() == old ? PlaneIndices{} : all;
}

std::optional<double> HeldHinges::capture(const StepView& step,
                                          Particles<double, Space::host> after) {
  // A particle that meets an attracting plane sees its velocity turn.
  std::vector<std::size_t> candidates;
  for (std::size_t j = 0; j < after.m; ++j) {
    double change = 0;
    double size = 0;
    for (std::size_t k = 0; k < after.d; ++k) {
      const double f0 = step.drift_before.b(k)[j];
      const double f1 = step.drift_after.b(k)[j];
      change += (f1 - f0) * (f1 - f0);
      size += f0 * f0 + f1 * f1;
    }
    const bool matters = change >= step.least_jump * step.least_jump ||
                         change * size >= step.least_energy * step.least_energy;
    if (change > least_turn * size && matters) candidates.push_back(j);
  }
  const double products =
      static_cast<double>(candidates.size()) * static_cast<double>(planes_->size() * hinges_.d);
  gave_up_ = products > affordable_products;
  if (candidates.empty() || gave_up_) return {};
  const std::vector<double> jumps = unit_jumps(step.residual);
  bool any = false;
  for (const std::size_t j : candidates) {
    PlaneIndices found = find_new(step, jumps, after, j);
    if (found.empty()) continue;
    any = true;
    held_[j] = std::move(found);
  }
  if (!any) return {};
  if (curved_) return place(after);
  double moved = 0;
  for (const auto& [j, indices] : held_) {
    const Eigen::MatrixXd rows = normals(*planes_, indices, after.d);
    Vector off = -(rows * b_of(after, j));
    for (std::size_t i = 0; i < indices.size(); ++i)
      off[static_cast<Eigen::Index>(i)] += (*planes_)[indices[i]].level;
    off.array() -= below_ * b_of(after, j).norm();
    const Vector shift = rows.transpose() * (rows * rows.transpose()).ldlt().solve(off);
    for (std::size_t k = 0; k < after.d; ++k)
      after.b(k).data()[j] += shift[static_cast<Eigen::Index>(k)];
    moved += shift.squaredNorm();
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

bool HeldHinges::release(Particles<double, Space::host> w, Particles<double, Space::host> drift,
                         const std::vector<double>& residual) {
  const std::vector<double> jumps = unit_jumps(residual);
  bool any = false;
  for (auto at = held_.begin(); at != held_.end();) {
    const std::size_t j = at->first;
    PlaneIndices& indices = at->second;
    const double a = w.a()[j];
    const Vector b = b_of(w, j);
    Eigen::MatrixXd rows = normals(*planes_, indices, w.d);
    if (curved_) rows -= rows * b * b.transpose() / b.squaredNorm();
    // The drift below every plane, where particles are held.
    Vector base = b_of(drift, j);
    for (std::size_t i = 0; i < indices.size(); ++i)
      base += excess_over(indices[i], a, b.data(), residual) *
              rows.row(static_cast<Eigen::Index>(i)).transpose();
    // The convex combination of least norm over the planes that still draw from both sides; those
    // whose weight is at a bound, and those that have come to repel, are left.
    const std::size_t count = indices.size();
    const auto row = [&](std::size_t i) { return rows.row(static_cast<Eigen::Index>(i)); };
    std::vector<std::size_t> drawing;
    for (std::size_t i = 0; i < count; ++i) {
      if (a * jumps[indices[i]] < 0) drawing.push_back(i);
    }
    Eigen::MatrixXd columns(static_cast<Eigen::Index>(w.d),
                            static_cast<Eigen::Index>(drawing.size()));
    for (std::size_t i = 0; i < drawing.size(); ++i)
      columns.col(static_cast<Eigen::Index>(i)) = a * jumps[indices[drawing[i]]] * row(drawing[i]);
    const Vector weights = bounded_least_squares(base, columns);
    const Vector least = base + columns * weights;
    std::vector<double> side(count);
    for (std::size_t i = 0; i < count; ++i) side[i] = row(i).dot(least) > 0 ? 1 : 0;
    for (std::size_t i = 0; i < drawing.size(); ++i)
      side[drawing[i]] = weights[static_cast<Eigen::Index>(i)];
    PlaneIndices kept;
    Vector target = Vector::Zero(static_cast<Eigen::Index>(count));
    Vector now = base;
    for (std::size_t i = 0; i < count; ++i) {
      if (side[i] > 0 && side[i] < 1) {
        kept.push_back(indices[i]);
      } else if (side[i] == 1) {
        target[static_cast<Eigen::Index>(i)] = 2 * below_ * b.norm();
        now += a * jumps[indices[i]] * row(i).transpose();
      }
    }
    if (kept.size() < count) {
      any = true;
      const Vector shift = rows.transpose() * (rows * rows.transpose()).ldlt().solve(target);
      for (std::size_t k = 0; k < w.d; ++k) {
        w.b(k)[j] += shift[static_cast<Eigen::Index>(k)];
        drift.b(k)[j] = now[static_cast<Eigen::Index>(k)];
      }
      indices = std::move(kept);
    }
    at = indices.empty() ? held_.erase(at) : std::next(at);
  }
  return any;
}

}  // namespace mckean
