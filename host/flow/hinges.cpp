// Capturing and releasing particles at hinges, one particle after the other.
#include "host/flow/hinges.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

namespace mckean {
namespace {

using Vector = Eigen::VectorXd;
using HostParticles = Particles<const double, Space::host>;

/// Planes whose normals are nearer to dependent than this are not held together.
constexpr double least_angle = 1e-6;
/// Samples whose planes agree in this grid share one.
constexpr double plane_grid = 0x1p-36;
/// Weights of the convex combination may leave [0, 1] by this much rounding.
constexpr double weight_slack = 1e-9;
/// Particles are held below their planes by so many units of rounding: on which side a kernel finds
/// them must not be a matter of the order of its sums.
constexpr double far_from_rounding = 1024;
/// Where J falls when a particle leaves the origin is looked for among so many directions of
/// samples, each of which is followed for so many turns of the velocity.
constexpr std::size_t directions_tried = 64;
constexpr int turns = 4;
/// Length of b with which a particle leaves the origin: nothing, but a direction.
constexpr double just_off = 1e-20;
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
  return planes + at_origin_.size();
}

HeldDirections HeldHinges::directions() const {
  HeldDirections directions;
  auto origin = at_origin_.begin();
  const auto add_origins = [&](std::size_t before) {
    for (; origin != at_origin_.end() && *origin < before; ++origin) {
      directions.particle.push_back(*origin);
      for (std::size_t k = 0; k < hinges_.d; ++k)
        for (std::size_t i = 0; i < hinges_.d; ++i) directions.rows.push_back(i == k ? 1 : 0);
      directions.begin.push_back(directions.begin.back() + hinges_.d);
    }
  };
  for (const auto& [j, indices] : held_) {
    add_origins(j);
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
  add_origins(std::numeric_limits<std::size_t>::max());
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
                                            const double* u) const {
  std::vector<double> drift(hinges_.d);
  const double factor = -rate_ * a / static_cast<double>(hinges_.n);
  for (std::size_t i = 0; i < hinges_.n; ++i) {
    const double* const x = hinges_.x.data() + i * hinges_.d;
    const double z = std::inner_product(x, x + hinges_.d, u, 0.0);
    const double weight = factor * residual[i] * hinges_.activation.derivative(z);
    for (std::size_t k = 0; k < hinges_.d; ++k) drift[k] += weight * x[k];
  }
  return drift;
}

std::vector<double> HeldHinges::way_out(double a, const std::vector<double>& residual) const {
  const std::size_t stride = std::max<std::size_t>(1, 2 * hinges_.n / directions_tried);
  for (std::size_t i = 0; i < 2 * hinges_.n; i += stride) {
    std::vector<double> u(hinges_.x.data() + i / 2 * hinges_.d,
                          hinges_.x.data() + (i / 2 + 1) * hinges_.d);
    if (i % 2 == 1) std::transform(u.begin(), u.end(), u.begin(), std::negate<>());
    for (int turn = 0; turn < turns; ++turn) {
      const std::vector<double> f = drift_along(a, residual, u.data());
      const Vector direction = as_vector(u).normalized();
      const double speed = as_vector(f).norm();
      if (!(speed > 0)) break;
      if (as_vector(f).dot(direction) > weight_slack * speed)
        return {direction.data(), direction.data() + direction.size()};
      u = f;
    }
  }
  return {};
}

bool HeldHinges::meets_origin(const StepView& step, HostParticles after, std::size_t j) const {
  if (hinges_.activation.offset != 0 || hinges_.d == 1 || at_origin_.contains(j)) return false;
  const Vector b = b_of(after, j);
  const Vector f = b_of(step.drift_after, j);
  const double inwards = b.dot(f);
  // Along the radius, not past it.
  return inwards < 0 && b.norm() <= step.h * f.norm() &&
         (b_of(step.before, j).dot(b) <= 0 || -inwards >= 0.99 * b.norm() * f.norm());
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
    if (change > 0 && matters) candidates.push_back(j);
  }
  const double products =
      static_cast<double>(candidates.size()) * static_cast<double>(planes_->size() * hinges_.d);
  gave_up_ = products > affordable_products;
  if (candidates.empty() || gave_up_) return {};
  const std::vector<double> jumps = unit_jumps(step.residual);
  bool any = false;
  double moved = 0;
  for (const std::size_t j : candidates) {
    if (meets_origin(step, after, j)) {
      any = true;
      held_.erase(j);
      moved += b_of(after, j).squaredNorm();
      const std::vector<double> out = way_out(after.a()[j], step.residual);
      if (out.empty()) at_origin_.insert(j);
      for (std::size_t k = 0; k < after.d; ++k)
        after.b(k).data()[j] = out.empty() ? 0 : just_off * out[k];
      continue;
    }
    PlaneIndices found = find_new(step, jumps, after, j);
    if (found.empty()) continue;
    any = true;
    held_[j] = std::move(found);
  }
  if (!any) return {};
  if (curved_) return place(after);
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

bool HeldHinges::release(Particles<double, Space::host> w, Particles<double, Space::host> drift,
                         const std::vector<double>& residual) {
  const PiecewiseLinear& sigma = hinges_.activation;
  const std::vector<double> jumps = unit_jumps(residual);
  bool any = false;
  for (auto at = at_origin_.begin(); at != at_origin_.end();) {
    const std::size_t j = *at;
    const std::vector<double> out = way_out(w.a()[j], residual);
    if (out.empty()) {
      ++at;
      continue;
    }
    any = true;
    at = at_origin_.erase(at);
    const std::vector<double> f = drift_along(w.a()[j], residual, out.data());
    for (std::size_t k = 0; k < w.d; ++k) {
      w.b(k)[j] = just_off * out[k];
      drift.b(k)[j] = f[k];
    }
  }
  for (auto at = held_.begin(); at != held_.end();) {
    const std::size_t j = at->first;
    PlaneIndices& indices = at->second;
    const double a = w.a()[j];
    const Vector b = b_of(w, j);
    Eigen::MatrixXd rows = normals(*planes_, indices, w.d);
    if (curved_) rows -= rows * b * b.transpose() / b.squaredNorm();
    // The drift below every plane, where particles are held.
    Vector base = b_of(drift, j);
    for (std::size_t at_plane = 0; at_plane < indices.size(); ++at_plane) {
      const Plane& plane = (*planes_)[indices[at_plane]];
      for (const auto& [i, factor] : plane.samples) {
        const double* const x = hinges_.x.data() + i * hinges_.d;
        double z = 0;
        for (std::size_t k = 0; k < w.d; ++k) z += w.b(k)[j] * x[k];
        const double lower = factor > 0 ? sigma.below : sigma.above;
        const double excess = sigma.derivative(z) - lower;
        if (excess != 0)
          base += rate_ * a * residual[i] * excess * factor / static_cast<double>(hinges_.n) *
                  rows.row(static_cast<Eigen::Index>(at_plane)).transpose();
      }
    }
    const Vector needed = (rows * rows.transpose()).ldlt().solve(-(rows * base));
    double worst = weight_slack;
    std::size_t leaving = indices.size();
    for (std::size_t i = 0; i < indices.size(); ++i) {
      const double jump = a * jumps[indices[i]];
      // Across a plane that has come to repel, the combination may exist, and is left all the same.
      const double weight = jump < 0 ? needed[static_cast<Eigen::Index>(i)] / jump : -1;
      const double outside = std::max(-weight, weight - 1);
      if (outside > worst) {
        worst = outside;
        leaving = i;
      }
    }
    if (leaving < indices.size()) {
      const std::size_t p = indices[leaving];
      indices.erase(indices.begin() + static_cast<std::ptrdiff_t>(leaving));
      any = true;
      const Vector normal = rows.row(static_cast<Eigen::Index>(leaving));
      Vector free = normal;
      for (const Vector& q : orthonormal(*planes_, indices, curved_ ? &b : nullptr))
        free -= q.dot(free) * q;
      if (free.dot(base) > 0) {
        const Vector shift = 2 * below_ * b.norm() / free.dot(normal) * free;
        const Vector above = base + a * jumps[p] * normal;
        for (std::size_t k = 0; k < w.d; ++k) {
          w.b(k)[j] += shift[static_cast<Eigen::Index>(k)];
          drift.b(k)[j] = above[static_cast<Eigen::Index>(k)];
        }
      }
    }
    at = indices.empty() ? held_.erase(at) : std::next(at);
  }
  return any;
}

}  // namespace mckean
