// The energies of a flow as formulas of a few sums over its particles, which a back end leaves in
// its own memory.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>

#include "mckean/formula/motion.hpp"
#include "mckean/particles.hpp"

namespace mckean {

/// What the rounding of a field is measured by.
struct FieldScale {
  double inputs = 1;                                         // root mean square of |x|
  double values = 1;                                         // root mean square of y
  double unit = std::numeric_limits<double>::epsilon() / 2;  // unit roundoff of f and v
  bool cancels = false;    // R is a difference of terms of the size of f^2 and y^2
  bool quadratic = false;  // sigma(z) grows like z^2 and not like z
  double at_zero = 0;      // |sigma(0)|

  /// Whether f and v are computed in float.
  bool in_float() const { return unit > 1e-10; }
};

/// J and R at a state.
struct Energy {
  double objective = 0;
  double risk = 0;
};

/// How far rounding alone may move what is computed at a state.
struct Rounding {
  double objective = 0;   // of J
  double velocity_a = 0;  // of v_a and v_b, in L2(pi)
  double velocity_b = 0;
};

/// Sums over particles, each in fixed order in fp64.
struct ParticleSums {
  static constexpr std::size_t count = 4;
  static constexpr std::size_t regularizer_slot = 2;

  double path = 0;          // sum |a||b|
  double path_squared = 0;  // sum (|a||b|)^2
  double regularizer = 0;   // sum r(w), of the regulariser asked for
  double radial = 0;        // sum a|b|^power, of the power asked for
};

/// What the energies of a state and of its drift are computed from.
struct StateScalars {
  // Where they lie in the slots of a state: R, the sums over particles, the squares. All but R are
  // sums over ranks.
  static constexpr std::size_t risk_slot = 0;
  static constexpr std::size_t sums_slot = 1;
  static constexpr std::size_t squares_slot = sums_slot + ParticleSums::count;
  static constexpr std::size_t count = squares_slot + 4;

  double risk = 0;
  ParticleSums sums;
  double squared_a = 0, squared_b = 0;  // sum a^2 and sum |b|^2
  double drift_a = 0, drift_b = 0;      // those of dw/dt, of what moves

  static MCKEAN_HD StateScalars load(const double* s) {
    return {s[0], {s[1], s[2], s[3], s[4]}, s[5], s[6], s[7], s[8]};
  }
};

/// The energies of a flow of `total` particles, on all ranks together.
struct FlowFormula {
  FieldScale field;
  double total;  // particles
  double output_scale;
  bool regularized;
  double penalty;  // lambda s: what sum r(w) weighs in J
  DissipationWeights weights;
  double mu;  // dissipation_factor
  double time;
  double rate_a, rate_b;  // mobilities

  FlowFormula(const FieldSpec& spec, const FieldScale& scale, std::size_t m)
      : field(scale),
        total(static_cast<double>(m)),
        output_scale(mckean::output_scale(spec.scaling, m)),
        regularized(spec.lambda != 0 && spec.regularizer != Regularizer::none),
        penalty(spec.lambda * output_scale),
        weights(spec, m),
        mu(dissipation_factor(spec.scaling, m)),
        time(time_scale(spec.scaling, m)),
        rate_a(spec.rate_a()),
        rate_b(spec.rate_b()) {}

  /// J = R/2 + lambda s sum r(w).
  MCKEAN_HD double objective(const StateScalars& at) const {
    return regularized ? at.risk / 2 + penalty * at.sums.regularizer : at.risk / 2;
  }
  MCKEAN_HD Energy energy(const StateScalars& at) const { return {objective(at), at.risk}; }

  /// int v . M v dpi (int |v^|^2 dpi for mobilities 1) from the sums of squares of a drift.
  MCKEAN_HD double dissipation(double drift_a, double drift_b) const {
    return weights.a * drift_a + weights.b * drift_b;
  }
  MCKEAN_HD double dissipation(const StateScalars& at) const {
    return dissipation(at.drift_a, at.drift_b);
  }
  /// -dJ/dt along the flow.
  MCKEAN_HD double decay(double drift_a, double drift_b) const {
    return mu * dissipation(drift_a, drift_b);
  }
  MCKEAN_HD double decay(const StateScalars& at) const { return decay(at.drift_a, at.drift_b); }

  /// sqrt((1/m) sum_j |x_j|^2) over what moves: the norm of a displacement in L2(pi).
  MCKEAN_HD double norm(double squared_a, double squared_b) const {
    double sum = 0;
    if (rate_a > 0) sum += squared_a;
    if (rate_b > 0) sum += squared_b;
    return std::sqrt(sum / total);
  }
  MCKEAN_HD double norm(const StateScalars& at) const { return norm(at.squared_a, at.squared_b); }

  /// Whether the velocity of a drift is no longer than its rounding, in a and in b.
  MCKEAN_HD bool rests(const StateScalars& at, const Rounding& rounding) const {
    return std::sqrt(at.drift_a / total) <= time * rate_a * rounding.velocity_a &&
           std::sqrt(at.drift_b / total) <= time * rate_b * rounding.velocity_b;
  }

  /// What that rounding does to the decay along this drift.
  MCKEAN_HD double decay_error(double decay, const Rounding& rounding) const {
    const double v = std::sqrt(rate_a * rounding.velocity_a * rounding.velocity_a +
                               rate_b * rounding.velocity_b * rounding.velocity_b);
    return mu * v * (2 * std::sqrt(decay / mu) + v);
  }

  /// A model of the rounding at a state: f is a sum of the size F = 2 |y| + sqrt R + s g |x| sum
  /// |a||b| + s |sigma(0)| sum |a| (root mean squares), right to a few units of F, and so are (f -
  /// y)^2, or the terms of size F^2 whose difference it is, and v = E[(f - y) grad psi] with grad_a
  /// psi of the size |sigma(0)| + g |x| |b| and grad_b psi of the size g |x| |a|. The growth g of
  /// sigma(z)/z is 1, or |x| |b| where sigma is quadratic, whose derivative is twice as large.
  /// Partial sums of fixed length keep the number of units small; 16 of them are allowed for J, and
  /// 4 for v, whose errors are independent.
  MCKEAN_HD Rounding rounding(const StateScalars& at) const {
    const double a = std::sqrt(at.squared_a / total);
    const double b = std::sqrt(at.squared_b / total);
    const double root = std::sqrt(std::abs(at.risk));
    const double growth = field.inputs * (field.quadratic ? field.inputs * b : 1);
    const double f = 2 * field.values + root +
                     output_scale * (growth * at.sums.path + field.at_zero * total * a);
    constexpr double unit = std::numeric_limits<double>::epsilon() / 2;
    const double risk = field.cancels ? unit * f * f : field.unit * root * f;
    const double velocity = 4 * field.unit * f;
    return {16 * (risk + unit * std::abs(objective(at))), velocity * (growth * b + field.at_zero),
            velocity * growth * a * (field.quadratic ? 2 : 1)};
  }
};

}  // namespace mckean
