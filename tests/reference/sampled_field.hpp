// The sampled field as naive fp64 loops over its definition, with a bound on the error of any
// evaluation in a given precision.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include "reference/activation.hpp"
#include "reference/state.hpp"

namespace mckean::reference {

/// n samples: x is n x d, row-major.
struct SampleSet {
  std::size_t n = 0;
  std::size_t d = 0;
  std::vector<double> x, y;
};

/// Values and, of the same shape, bounds on the error of a computed value.
struct SampledField {
  std::vector<double> f, f_bound;
  double mean_square = 0, mean_square_bound = 0;
  PlaneState v, v_bound;
};

/// k roundings of relative size u: gamma_k = k u/(1 - k u) (Higham, Accuracy and Stability, 3.1).
inline double gamma(double k, double u) { return k * u / (1 - k * u); }

/// f_i = scale sum_j a_j sigma(b_j . x_i) and v_j = (1/n) sum_i (f_i - y_i) grad a_j sigma(b_j .
/// x_i).
///
/// Bounds for arithmetic of unit roundoff u, with at most `real_terms` numbers added in that
/// precision before the sum goes on in fp64 (of unit roundoff w, with at most m or n numbers), to
/// first order:
///   z_ij: dz = gamma_{d+2} Z, Z = |offset| + sum_k |b_k x_k|; d products and sums, the rounding of
///         b and the offset.
///   sigma, sigma': slope dz + 8 u (1 + |sigma|)(1 + |z|): none of their formulas has more than
///         eight roundings of parts of that size. A piecewise linear one has three, of size slope
///         Z.
///   f: scale sum_j |a_j| (dsigma + gamma_K |sigma|), K = min(real_terms, m) + 4: the sum, the
///         rounding of a and of its products. Likewise with n for v.
///   e = f - y: df; v: df times |sigma| or |sigma'|, and |e| times (dsigma + gamma_K |sigma|). A
///         piecewise linear v_a is b . G + offset H, so its terms have the size of Z, not |z|.
///   A pair with |z + offset| <= dz may be taken on either side of the kink: jump |a e x|.
inline SampledField sampled_field(const ReferenceActivation& sigma, const PlaneState& w,
                                  double scale, const SampleSet& data, double u,
                                  double real_terms) {
  const std::size_t m = w.m, n = data.n, d = w.d;
  const double w_unit = 0x1p-53;
  const auto sum_error_of = [&](std::size_t terms) {
    const auto count = static_cast<double>(terms);
    return gamma(std::min(real_terms, count) + 4, u) + gamma(count + 4, w_unit);
  };
  const double f_sum_error = sum_error_of(m);
  const double v_sum_error = sum_error_of(n);
  const double product_error = gamma(static_cast<double>(d) + 2, u);
  const bool linear = sigma.jump > 0;

  SampledField out{std::vector<double>(n), std::vector<double>(n), 0, 0, {m, d}, {m, d}};
  std::vector<double> z(n * m), reach(n * m);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < m; ++j) {
      reach[i * m + j] = std::fabs(sigma.offset);
      for (std::size_t k = 0; k < d; ++k) {
        z[i * m + j] += w.b(j, k) * data.x[i * d + k];
        reach[i * m + j] += std::fabs(w.b(j, k) * data.x[i * d + k]);
      }
    }
  }
  const auto value_error = [&](std::size_t pair) {
    const double size = linear
                            ? 3 * std::fabs(sigma.derivative(z[pair])) * reach[pair]
                            : 8 * (1 + std::fabs(sigma.value(z[pair]))) * (1 + std::fabs(z[pair]));
    const double dz = product_error * reach[pair];
    return sigma.slope(std::fabs(z[pair]) + dz) * dz + u * size;
  };

  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < m; ++j) {
      const double value = sigma.value(z[i * m + j]);
      out.f[i] += scale * w.a(j) * value;
      out.f_bound[i] +=
          scale * std::fabs(w.a(j)) * (value_error(i * m + j) + f_sum_error * std::fabs(value));
    }
    const double error = out.f[i] - data.y[i];
    out.mean_square += error * error / static_cast<double>(n);
    out.mean_square_bound += ((2 * std::fabs(error) + out.f_bound[i]) * out.f_bound[i] +
                              gamma(static_cast<double>(n) + 4, w_unit) * error * error) /
                             static_cast<double>(n);
  }
  for (std::size_t j = 0; j < m; ++j) {
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t pair = i * m + j;
      const double error = (out.f[i] - data.y[i]) / static_cast<double>(n);
      const double error_bound = out.f_bound[i] / static_cast<double>(n);
      const double value = sigma.value(z[pair]);
      const double derivative = sigma.derivative(z[pair]);
      const double derivative_size =
          linear && z[pair] + sigma.offset > 0 ? sigma.jump : std::fabs(derivative);
      const double value_size = linear ? derivative_size * reach[pair] : std::fabs(value);
      const double derivative_error =
          linear
              ? (std::fabs(z[pair] + sigma.offset) <= product_error * reach[pair] ? sigma.jump : 0)
              : sigma.curvature * product_error * reach[pair] +
                    8 * u * (1 + std::fabs(derivative)) * (1 + std::fabs(z[pair]));
      out.v.a(j) += error * value;
      out.v_bound.a(j) += error_bound * std::fabs(value) +
                          std::fabs(error) * (value_error(pair) + v_sum_error * value_size);
      for (std::size_t k = 0; k < d; ++k) {
        const double x = std::fabs(w.a(j) * data.x[i * d + k]);
        out.v.b(j, k) += error * w.a(j) * derivative * data.x[i * d + k];
        out.v_bound.b(j, k) +=
            x * (error_bound * std::fabs(derivative) +
                 std::fabs(error) * (derivative_error + v_sum_error * derivative_size));
      }
    }
  }
  return out;
}

}  // namespace mckean::reference
