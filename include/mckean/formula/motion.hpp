// From the raw field v = E[(f - y) grad psi] at one particle to its motion dw/dt, and back to the
// dissipation.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "mckean/field_spec.hpp"
#include "mckean/formula/philox.hpp"
#include "mckean/formula/regularizer.hpp"

namespace mckean {

/// c of the tangent projection P v_b = v_b + c b at b/|b|: -(b . v_b)/|b|^2. b = 0 has no tangent
/// plane: c = 0.
MCKEAN_HD double tangent_shift(double squared_b, double b_dot_v) {
  return squared_b == 0 ? 0.0 : -b_dot_v / squared_b;
}

/// What is left of a velocity v beside a subdifferential [-radius, radius]: the sum of least
/// absolute value.
MCKEAN_HD double least_sum(double v, double radius) {
  if (v > radius) return v - radius;
  return v < -radius ? v + radius : 0.0;
}

/// dw/dt = -T M P (v + lambda grad r), T = time_scale, M the mobilities (0 where nothing moves), P
/// the projection on the tangent plane of the sphere at u = b/|b|, where r too is taken at u;
/// without a constraint P = 1. At the kinks of the path norm |a||b|, a = 0 and b = 0, the
/// subgradient is the one that leaves the least velocity, which is that of the gradient flow
/// (Ambrosio, Gigli and Savare, Gradient Flows, 1.3). For one particle: shift() from |b|^2 and
/// b . v_b, stretch() from |b|^2 and |v_b|^2, then drift_a() and drift_b() for every k.
struct Motion {
  double rate_a;  // T M_a
  double rate_b;  // T M_b
  double lambda;
  Regularizer regularizer;
  bool sphere;

  Motion(const FieldSpec& spec, std::size_t m)
      : rate_a(time_scale(spec.scaling, m) * spec.rate_a()),
        rate_b(time_scale(spec.scaling, m) * spec.rate_b()),
        lambda(spec.lambda),
        regularizer(spec.regularizer),
        sphere(spec.constraint == Constraint::sphere) {}

  MCKEAN_HD double drift_a(double a, double squared_b, double v_a) const {
    const double norm = sphere && squared_b != 0 ? 1.0 : std::sqrt(squared_b);
    const bool kink = regularizer == Regularizer::path && a == 0;
    const double v = kink ? least_sum(v_a, lambda * norm)
                          : v_a + lambda * regularizer_gradient(regularizer, a, norm).a;
    return rate_a == 0 ? 0.0 : -rate_a * v;
  }

  /// c of P (v_b + lambda grad_b r) = v_b + c b; on the sphere grad_b r is normal and falls away.
  MCKEAN_HD double shift(double a, double squared_b, double b_dot_v) const {
    if (sphere) return tangent_shift(squared_b, b_dot_v);
    return lambda * regularizer_gradient(regularizer, a, std::sqrt(squared_b)).b_factor;
  }

  /// Whether stretch() can differ from 1.
  MCKEAN_HD bool stretches() const { return regularizer == Regularizer::path && !sphere; }
  /// What v_b is multiplied by at b = 0, where the subdifferential of lambda |a||b| is a ball.
  MCKEAN_HD double stretch(double a, double squared_b, double squared_v) const {
    if (!stretches() || squared_b != 0 || squared_v == 0) return 1;
    const double norm = std::sqrt(squared_v);
    return least_sum(norm, lambda * std::abs(a)) / norm;
  }

  MCKEAN_HD double drift_b(double shift, double stretch, double b_k, double v_k) const {
    return rate_b == 0 ? 0.0 : -rate_b * (stretch * v_k + shift * b_k);
  }
};

/// What b is divided by to be normalised: |b|, 1 where b = 0, and NaN where |b| overflows, so that
/// it is noticed.
MCKEAN_HD double normalizing_divisor(double squared_b) {
  return squared_b == 0 ? 1.0 : std::sqrt(squared_b) + (squared_b - squared_b);
}

/// Weights of sum_j a-drift^2 and sum_j |b-drift|^2 in the dissipation. The parameter gradient of J
/// is s v_j with v the field with lambda grad r, and dw_j/dt = -T M P v_j, so dJ/dt = -(s T m)
/// (1/m) sum_j v_j . P M v_j: mu = s T m is dissipation_factor (1, m, 1), and int v . P M v dpi =
/// (1/m) sum_j |drift_j|^2/(T^2 M) over what moves, since M is a multiple of 1 on b and P^2 = P.
/// With M = 1 it is int |v^|^2 dpi.
struct DissipationWeights {
  double a;
  double b;

  DissipationWeights(const FieldSpec& spec, std::size_t m)
      : a(weight(spec.scaling, spec.rate_a(), m)), b(weight(spec.scaling, spec.rate_b(), m)) {}

 private:
  static double weight(Scaling scaling, double rate, std::size_t m) {
    const double inverse_t2 = scaling == Scaling::ntk ? static_cast<double>(m) : 1.0;
    return rate == 0 ? 0.0 : inverse_t2 / (rate * static_cast<double>(m));
  }
};

/// The N(0, 1) values that drive components 2 lane and 2 lane + 1 of a particle; component 0 is a,
/// 1 + k is b_k.
MCKEAN_HD RandomPair noise_pair(std::uint64_t seed, std::uint64_t step, std::uint64_t particle,
                                std::uint64_t lane) {
  return normal_pair(seed, Purpose::noise, step, particle, lane);
}

}  // namespace mckean
