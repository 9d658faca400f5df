// The pair kernels from their definitions, in long double and one pair at a time.
#pragma once

#include <cmath>
#include <numbers>
#include <vector>

#include "mckean/formula/population_kernel.hpp"
#include "reference/state.hpp"

namespace mckean::reference {

using Long = long double;

/// k and grad_b k of one pair, per amplitude: k = a a' value, grad_b k = a a' gradient.
struct PairValue {
  Long value = 0;
  std::vector<Long> gradient;
  // Sizes of the terms that value and gradient are made of: what a rounding error is relative to.
  Long value_size = 0;
  Long gradient_size = 0;
};

inline Long inner(const std::vector<double>& x, const std::vector<double>& y) {
  Long sum = 0;
  for (std::size_t k = 0; k < x.size(); ++k) sum += Long(x[k]) * Long(y[k]);
  return sum;
}

/// phi - sin(phi) and sin(phi) - phi cos(phi), by Taylor series below 1/4.
inline Long phi_minus_sine(Long phi) {
  if (phi > .25L) return phi - std::sin(phi);
  Long term = phi * phi * phi / 6, sum = 0;
  for (int k = 1; k < 30; ++k) {
    sum += term;
    term *= -phi * phi / ((2 * k + 2) * (2 * k + 3));
  }
  return sum;
}
inline Long profile(Long phi) {
  if (phi > .25L) return std::sin(phi) - phi * std::cos(phi);
  Long power = phi * phi * phi / 6, sum = 0;  // phi^(2k+1)/(2k+1)!, alternating, times 2k
  for (int k = 1; k < 30; ++k) {
    sum += 2 * k * power;
    power *= -phi * phi / ((2 * k + 2) * (2 * k + 3));
  }
  return sum;
}

/// relu, E x_1^2 = c: c/(2 pi) |b||b'| (sin phi - phi cos phi), phi = pi - angle.
inline PairValue arc_cosine(Long c, const std::vector<double>& b,
                            const std::vector<double>& other) {
  const Long pi = std::numbers::pi_v<Long>;
  const Long norm = std::sqrt(inner(b, b)), other_norm = std::sqrt(inner(other, other));
  PairValue out{0, std::vector<Long>(b.size())};
  if (norm == 0 || other_norm == 0) return out;
  Long plus = 0, minus = 0;
  for (std::size_t k = 0; k < b.size(); ++k) {
    plus += std::pow(b[k] / norm + other[k] / other_norm, 2.0L);
    minus += std::pow(b[k] / norm - other[k] / other_norm, 2.0L);
  }
  const Long phi = 2 * std::atan2(std::sqrt(plus), std::sqrt(minus));
  out.value = c / (2 * pi) * norm * other_norm * profile(phi);
  out.value_size = c / 2 * norm * other_norm;
  out.gradient_size = c / 2 * other_norm;
  for (std::size_t k = 0; k < b.size(); ++k) {
    const Long u = b[k] / norm, v = other[k] / other_norm;
    out.gradient[k] = c / (2 * pi) * other_norm * (phi * (u + v) - phi_minus_sine(phi) * u);
  }
  return out;
}

/// erf(z/sqrt 2), x ~ N(0, c I): (2/pi) asin(p/sqrt((1 + A)(1 + A'))).
inline PairValue arcsine(Long c, const std::vector<double>& b, const std::vector<double>& other) {
  const Long pi = std::numbers::pi_v<Long>;
  const Long p = c * inner(b, other), square = c * inner(b, b),
             other_square = c * inner(other, other);
  const Long product = (1 + square) * (1 + other_square);
  PairValue out{2 / pi * std::asin(p / std::sqrt(product)), std::vector<Long>(b.size())};
  for (std::size_t k = 0; k < b.size(); ++k) {
    out.gradient[k] =
        2 / pi * c * (other[k] - p / (1 + square) * b[k]) / std::sqrt(product - p * p);
  }
  out.value_size = 2 / pi * std::sqrt(square * other_square / (product - p * p));
  out.gradient_size =
      2 / pi * c *
      (std::sqrt(other_square / c) + std::abs(p) / (1 + square) * std::sqrt(square / c)) /
      std::sqrt(product - p * p);
  return out;
}

/// z^2, E x_1^2 x_2^2 = q.
inline PairValue square(Long q, const std::vector<double>& b, const std::vector<double>& other) {
  const Long p = inner(b, other);
  PairValue out{q * (inner(b, b) * inner(other, other) + 2 * p * p), std::vector<Long>(b.size())};
  for (std::size_t k = 0; k < b.size(); ++k) {
    out.gradient[k] = q * (2 * inner(other, other) * b[k] + 4 * p * other[k]);
  }
  out.value_size = 3 * q * inner(b, b) * inner(other, other);
  out.gradient_size = 6 * q * inner(other, other) * std::sqrt(inner(b, b));
  return out;
}

inline PairValue pair_value(const PairKernel& kernel, const std::vector<double>& b,
                            const std::vector<double>& other) {
  switch (kernel.kind) {
    case PairKernelKind::arcsine:
      return arcsine(kernel.moment, b, other);
    case PairKernelKind::square:
      return square(kernel.moment, b, other);
    case PairKernelKind::arc_cosine:
      break;
  }
  return arc_cosine(kernel.moment, b, other);
}

/// sum_l grad_w k(w_j, w'_l), and for the error bounds the same sums of the terms' sizes.
struct PairField {
  PlaneState field;
  PlaneState magnitude;
};

inline std::vector<double> direction(const PlaneState& w, std::size_t j) {
  std::vector<double> b(w.d);
  for (std::size_t k = 0; k < w.d; ++k) b[k] = w.b(j, k);
  return b;
}

inline PairField pairwise_field(const PairKernel& kernel, const PlaneState& w,
                                const PlaneState& atoms) {
  PairField out{PlaneState(w.m, w.d), PlaneState(w.m, w.d)};
  for (std::size_t j = 0; j < w.m; ++j) {
    std::vector<Long> sum(1 + w.d), magnitude(1 + w.d);
    for (std::size_t l = 0; l < atoms.m; ++l) {
      const std::vector<double> b = direction(w, j), other = direction(atoms, l);
      const PairValue pair = pair_value(kernel, b, other);
      sum[0] += atoms.a(l) * pair.value;
      magnitude[0] += std::abs(atoms.a(l)) * pair.value_size;
      for (std::size_t k = 0; k < w.d; ++k) {
        sum[1 + k] += w.a(j) * atoms.a(l) * pair.gradient[k];
        magnitude[1 + k] += std::abs(w.a(j) * atoms.a(l)) * pair.gradient_size;
      }
    }
    for (std::size_t plane = 0; plane <= w.d; ++plane) {
      out.field.values[plane * w.m + j] = static_cast<double>(sum[plane]);
      out.magnitude.values[plane * w.m + j] = static_cast<double>(magnitude[plane]);
    }
  }
  return out;
}

inline double pairwise_energy(const PairKernel& kernel, const PlaneState& left,
                              const PlaneState& right) {
  Long sum = 0;
  for (std::size_t i = 0; i < left.m; ++i) {
    for (std::size_t l = 0; l < right.m; ++l) {
      sum += left.a(i) * right.a(l) *
             pair_value(kernel, direction(left, i), direction(right, l)).value;
    }
  }
  return static_cast<double>(sum);
}

}  // namespace mckean::reference
