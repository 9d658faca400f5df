// Naive fp64 loops for the state operations: one particle, one component at a time, straight from
// the definitions.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "mckean/field_spec.hpp"

namespace mckean::reference {

/// m particles as planes: a_j, then component k of b_j.
struct PlaneState {
  std::size_t m = 0;
  std::size_t d = 0;
  std::vector<double> values;

  PlaneState(std::size_t particles, std::size_t dim) : m(particles), d(dim), values(m * (1 + d)) {}
  double& a(std::size_t j) { return values[j]; }
  double a(std::size_t j) const { return values[j]; }
  double& b(std::size_t j, std::size_t k) { return values[(1 + k) * m + j]; }
  double b(std::size_t j, std::size_t k) const { return values[(1 + k) * m + j]; }
  double norm(std::size_t j) const {
    double sum = 0;
    for (std::size_t k = 0; k < d; ++k) sum += b(j, k) * b(j, k);
    return std::sqrt(sum);
  }
};

inline std::vector<double> random_values(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 engine(seed);
  std::uniform_real_distribution<double> value(-2, 2);
  std::vector<double> values(count);
  for (double& x : values) x = value(engine);
  return values;
}

inline PlaneState random_state(std::size_t m, std::size_t d, std::uint64_t seed) {
  PlaneState state(m, d);
  state.values = random_values(m * (1 + d), seed);
  return state;
}

inline double sign(double x) { return x > 0 ? 1 : (x < 0 ? -1 : 0); }

/// r(w_j), with |b_j| replaced by `norm`.
inline double regularizer(Regularizer kind, double a, double norm) {
  switch (kind) {
    case Regularizer::path:
      return std::fabs(a) * norm;
    case Regularizer::l2:
      return 0.5 * (a * a + norm * norm);
    case Regularizer::none:
    case Regularizer::custom:
      break;
  }
  return 0;
}

inline void normalize(PlaneState& w) {
  for (std::size_t j = 0; j < w.m; ++j) {
    const double norm = w.norm(j);
    for (std::size_t k = 0; k < w.d && norm > 0; ++k) w.b(j, k) = w.b(j, k) / norm;
  }
}

/// Removes the component along b_j of the b-part of v_j.
inline void project(const PlaneState& w, std::size_t j, PlaneState& v) {
  const double norm = w.norm(j);
  if (norm == 0) return;
  double along = 0;
  for (std::size_t k = 0; k < w.d; ++k) along += w.b(j, k) / norm * v.b(j, k);
  for (std::size_t k = 0; k < w.d; ++k) v.b(j, k) -= along * (w.b(j, k) / norm);
}

/// Raw field -> dw/dt of the design: add lambda grad r (at b/|b| on the sphere), project, weigh,
/// turn round.
inline PlaneState finish_drift(const FieldSpec& spec, const PlaneState& w, PlaneState v) {
  PlaneState at = w;
  if (spec.constraint == Constraint::sphere) normalize(at);
  const double time = spec.scaling == Scaling::ntk ? 1 / std::sqrt(static_cast<double>(w.m)) : 1.0;
  for (std::size_t j = 0; j < w.m; ++j) {
    const double a = w.a(j);
    const double norm = at.norm(j);
    if (spec.regularizer == Regularizer::path) {
      // At a kink the subgradient that leaves least of the velocity.
      const double radius = spec.lambda * norm;
      const double kept = std::max(std::fabs(v.a(j)) - radius, 0.0);
      v.a(j) = a == 0 ? sign(v.a(j)) * kept : v.a(j) + radius * sign(a);
      double size = 0;
      for (std::size_t k = 0; k < w.d; ++k) size = std::hypot(size, v.b(j, k));
      // On the sphere r has no part along b.
      const bool at_origin = norm == 0 && spec.constraint == Constraint::none;
      for (std::size_t k = 0; k < w.d && at_origin && size > 0; ++k)
        v.b(j, k) *= std::max(size - spec.lambda * std::fabs(a), 0.0) / size;
      for (std::size_t k = 0; k < w.d && norm > 0; ++k) {
        v.b(j, k) += spec.lambda * std::fabs(a) * at.b(j, k) / norm;
      }
    } else if (spec.regularizer == Regularizer::l2) {
      v.a(j) += spec.lambda * a;
      for (std::size_t k = 0; k < w.d; ++k) v.b(j, k) += spec.lambda * at.b(j, k);
    }
    if (spec.constraint == Constraint::sphere) project(w, j, v);
    v.a(j) *= spec.train == Train::inner ? 0 : -time * spec.mobility_a;
    for (std::size_t k = 0; k < w.d; ++k) {
      v.b(j, k) *= spec.train == Train::outer ? 0 : -time * spec.mobility_b;
    }
  }
  return v;
}

/// int v . P M v dpi from the drift: 0 from coordinates that do not move.
inline double dissipation(const FieldSpec& spec, const PlaneState& drift) {
  const double time2 = spec.scaling == Scaling::ntk ? 1 / static_cast<double>(drift.m) : 1.0;
  double sum = 0;
  for (std::size_t j = 0; j < drift.m; ++j) {
    if (spec.train != Train::inner && spec.mobility_a > 0) {
      sum += drift.a(j) * drift.a(j) / (time2 * spec.mobility_a);
    }
    for (std::size_t k = 0; k < drift.d; ++k) {
      if (spec.train == Train::outer || spec.mobility_b == 0) continue;
      sum += drift.b(j, k) * drift.b(j, k) / (time2 * spec.mobility_b);
    }
  }
  return sum / static_cast<double>(drift.m);
}

/// v_b of particle j without its parts along orthonormal directions of R^d.
inline void project_out(const std::vector<std::vector<double>>& directions, std::size_t j,
                        PlaneState& v) {
  for (const std::vector<double>& q : directions) {
    double along = 0;
    for (std::size_t k = 0; k < v.d; ++k) along += q[k] * v.b(j, k);
    for (std::size_t k = 0; k < v.d; ++k) v.b(j, k) -= along * q[k];
  }
}

/// Unit vector of what orthonormal directions leave of b of particle j.
inline std::vector<double> left_of_b(const std::vector<std::vector<double>>& directions,
                                     std::size_t j, const PlaneState& w) {
  std::vector<double> p(w.d);
  for (std::size_t k = 0; k < w.d; ++k) p[k] = w.b(j, k);
  double square = 0;
  for (const std::vector<double>& q : directions) {
    double along = 0;
    for (std::size_t k = 0; k < w.d; ++k) along += q[k] * p[k];
    for (std::size_t k = 0; k < w.d; ++k) p[k] -= along * q[k];
  }
  for (const double value : p) square += value * value;
  for (double& value : p) value /= std::sqrt(square);
  return p;
}

/// b of particle j, moved to the nearest point of the sphere where q . b = level for each
/// direction.
inline void place(const std::vector<std::vector<double>>& directions,
                  const std::vector<double>& level, std::size_t j, PlaneState& w) {
  const std::vector<double> p = left_of_b(directions, j, w);
  double left = 1;
  for (const double value : level) left -= value * value;
  for (std::size_t k = 0; k < w.d; ++k) {
    w.b(j, k) = std::sqrt(left) * p[k];
    for (std::size_t r = 0; r < level.size(); ++r) w.b(j, k) += level[r] * directions[r][k];
  }
}

/// What a step of size h has taken across a kink of the path norm, or the next one would, is set to
/// 0 where the raw field v is inside the subdifferential there: |v_a| <= lambda |b|, |v_b| <=
/// lambda |a|. Returns the sum of the squared distances. `drift` is that at `after`.
inline double settle(const FieldSpec& spec, double h, const PlaneState& before,
                     const PlaneState& drift, PlaneState& after) {
  const double time =
      spec.scaling == Scaling::ntk ? 1 / std::sqrt(static_cast<double>(after.m)) : 1.0;
  double moved = 0;
  for (std::size_t j = 0; j < after.m; ++j) {
    const double a = after.a(j), norm = after.norm(j);
    const bool sphere = spec.constraint == Constraint::sphere;
    const double rate_a = spec.train == Train::inner ? 0 : time * spec.mobility_a;
    const double rate_b = spec.train == Train::outer ? 0 : time * spec.mobility_b;
    const auto meets = [h](double crossing, double inward, double size, double speed) {
      return crossing < 0 || (inward < 0 && size <= h * speed);
    };
    bool a_settles = false, b_settles = false;
    if (rate_a > 0 && a != 0) {
      const double radius = spec.lambda * (sphere ? 1 : norm);
      const double v = -drift.a(j) / rate_a - radius * sign(a);
      a_settles = meets(before.a(j) * a, a * drift.a(j), std::fabs(a), std::fabs(drift.a(j))) &&
                  std::fabs(v) <= radius;
    }
    if (rate_b > 0 && !sphere && norm > 0) {
      const double radius = spec.lambda * std::fabs(a);
      double crossing = 0, inward = 0, speed = 0, v = 0;
      for (std::size_t k = 0; k < after.d; ++k) {
        crossing += before.b(j, k) * after.b(j, k);
        inward += drift.b(j, k) * after.b(j, k);
        speed = std::hypot(speed, drift.b(j, k));
        v = std::hypot(v, -drift.b(j, k) / rate_b - radius * after.b(j, k) / norm);
      }
      b_settles = meets(crossing, inward, norm, speed) && v <= radius;
    }
    if (a_settles) {
      moved += a * a;
      after.a(j) = 0;
    }
    if (b_settles) {
      moved += norm * norm;
      for (std::size_t k = 0; k < after.d; ++k) after.b(j, k) = 0;
    }
  }
  return moved;
}

inline double dot(const std::vector<double>& left, const std::vector<double>& right) {
  double sum = 0;
  for (std::size_t i = 0; i < left.size(); ++i) sum += left[i] * right[i];
  return sum;
}

}  // namespace mckean::reference
