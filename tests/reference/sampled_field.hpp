// The sampled field as naive fp64 loops over its definition, with a bound on the error of any
// evaluation in a given precision.
#pragma once

#include <cmath>
#include <cstddef>
#include <optional>
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

/// The products z_ij = b_j . x_i, and what the bounds of sampled_field() say of a pair.
class FieldPairs {
 public:
  FieldPairs(const ReferenceActivation& sigma, const PlaneState& w, const SampleSet& data, double u)
      : sigma_(sigma),
        u_(u),
        product_error_(gamma(static_cast<double>(w.d) + 2, u)),
        m_(w.m),
        z_(data.n * w.m),
        reach_(data.n * w.m, std::fabs(sigma.offset)) {
    for (std::size_t i = 0; i < data.n; ++i) {
      for (std::size_t j = 0; j < m_; ++j) {
        for (std::size_t k = 0; k < w.d; ++k) {
          z_[i * m_ + j] += w.b(j, k) * data.x[i * w.d + k];
          reach_[i * m_ + j] += std::fabs(w.b(j, k) * data.x[i * w.d + k]);
        }
      }
    }
  }

  struct Pair {
    double value, value_error;            // sigma and dsigma
    double value_size;                    // what the terms of v_a have the size of
    double derivative, derivative_error;  // sigma' and what it may be off
    double derivative_size;
  };
  Pair at(std::size_t i, std::size_t j) const {
    const double z = z_[i * m_ + j], reach = reach_[i * m_ + j];
    const double dz = product_error_ * reach;
    const double slope = sigma_.slope(std::fabs(z) + dz);
    Pair pair;
    pair.value = sigma_.value(z);
    pair.derivative = sigma_.derivative(z);
    const double steep = std::fabs(pair.derivative);
    if (sigma_.jump > 0) {
      pair.value_error = slope * dz + u_ * 3 * steep * reach;
      pair.derivative_error = std::fabs(z + sigma_.offset) <= dz ? sigma_.jump : 0;
      pair.derivative_size = z + sigma_.offset > 0 ? sigma_.jump : steep;
      pair.value_size = pair.derivative_size * reach;
    } else {
      pair.value_error = slope * dz + u_ * 8 * (1 + std::fabs(pair.value)) * (1 + std::fabs(z));
      pair.derivative_error = sigma_.curvature * dz + 8 * u_ * (1 + steep) * (1 + std::fabs(z));
      pair.derivative_size = steep;
      pair.value_size = std::fabs(pair.value);
    }
    return pair;
  }

 private:
  const ReferenceActivation& sigma_;
  double u_, product_error_;
  std::size_t m_;
  std::vector<double> z_, reach_;
};

/// f_i = scale sum_j a_j sigma(b_j . x_i) and v_j = (1/n) sum_i (f_i - y_i) grad a_j sigma(b_j .
/// x_i).
///
/// Bounds for arithmetic of unit roundoff u, with at most `real_terms` numbers, those of f at most
/// `forward_terms`, added in that precision before the sum goes on in fp64 (of unit roundoff w,
/// with at most m or n numbers), to first order:
///   z_ij: dz = gamma_{d+2} Z, Z = |offset| + sum_k |b_k x_k|; d products and sums, the rounding of
///         b and the offset.
///   sigma, sigma': slope dz + 8 u (1 + |sigma|)(1 + |z|): none of their formulas has more than
///         eight roundings of parts of that size. A piecewise linear one has three, of size slope
///         Z.
///   f: scale sum_j |a_j| (dsigma + gamma_K |sigma|), K = min(forward_terms, m) + 4: the sum, the
///         rounding of a and of its products. Likewise with real_terms and n for v.
///   e = f - y: df; v: df times |sigma| or |sigma'|, and |e| times (dsigma + gamma_K |sigma|). A
///         piecewise linear v_a is b . G + offset H, so its terms have the size of Z, not |z|.
///   A pair with |z + offset| <= dz may be taken on either side of the kink: jump |a e x|.
inline SampledField sampled_field(const ReferenceActivation& sigma, const PlaneState& w,
                                  double scale, const SampleSet& data, double u, double real_terms,
                                  std::optional<double> forward_terms = {}) {
  const std::size_t m = w.m, n = data.n, d = w.d;
  const auto count = static_cast<double>(n);
  const double w_unit = 0x1p-53;
  const auto sum_error_of = [&](double in_real, std::size_t terms) {
    const auto all = static_cast<double>(terms);
    return gamma(std::min(in_real, all) + 4, u) + gamma(all + 4, w_unit);
  };
  const double f_sum_error = sum_error_of(forward_terms.value_or(real_terms), m);
  const double v_sum_error = sum_error_of(real_terms, n);
  const FieldPairs pairs(sigma, w, data, u);
  SampledField out{std::vector<double>(n), std::vector<double>(n), 0, 0, {m, d}, {m, d}};
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < m; ++j) {
      const FieldPairs::Pair pair = pairs.at(i, j);
      out.f[i] += scale * w.a(j) * pair.value;
      out.f_bound[i] +=
          scale * std::fabs(w.a(j)) * (pair.value_error + f_sum_error * std::fabs(pair.value));
    }
    const double error = out.f[i] - data.y[i];
    out.mean_square += error * error / count;
    out.mean_square_bound += ((2 * std::fabs(error) + out.f_bound[i]) * out.f_bound[i] +
                              gamma(count + 4, w_unit) * error * error) /
                             count;
  }
  for (std::size_t j = 0; j < m; ++j) {
    for (std::size_t i = 0; i < n; ++i) {
      const FieldPairs::Pair pair = pairs.at(i, j);
      const double error = (out.f[i] - data.y[i]) / count, error_bound = out.f_bound[i] / count;
      out.v.a(j) += error * pair.value;
      out.v_bound.a(j) += error_bound * std::fabs(pair.value) +
                          std::fabs(error) * (pair.value_error + v_sum_error * pair.value_size);
      for (std::size_t k = 0; k < d; ++k) {
        const double x = std::fabs(w.a(j) * data.x[i * d + k]);
        out.v.b(j, k) += error * w.a(j) * pair.derivative * data.x[i * d + k];
        out.v_bound.b(j, k) +=
            x * (error_bound * std::fabs(pair.derivative) +
                 std::fabs(error) * (pair.derivative_error + v_sum_error * pair.derivative_size));
      }
    }
  }
  return out;
}

}  // namespace mckean::reference
