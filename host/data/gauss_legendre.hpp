// Gauss-Legendre quadrature.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace mckean {

/// Nodes in (-1, 1) and weights, exact for polynomials of degree 2 N - 1: roots of the Legendre
/// polynomial P_N by Newton's method, weights 2/((1 - t^2) P_N'(t)^2) (Abramowitz and
/// Stegun 25.4.29).
template <std::size_t N>
struct GaussLegendre {
  std::array<double, N> node;
  std::array<double, N> weight;

  GaussLegendre() {
    for (std::size_t i = 0; i < N; ++i) {
      double t = std::cos(std::numbers::pi * (static_cast<double>(i) + 0.75) / (N + 0.5));
      double slope = 1;
      for (int iteration = 0; iteration < 8; ++iteration) {
        double before = 1;
        double p = t;
        for (std::size_t n = 2; n <= N; ++n) {
          const double next = ((2.0 * n - 1) * t * p - (n - 1.0) * before) / n;
          before = p;
          p = next;
        }
        slope = N * (t * p - before) / (t * t - 1);
        t -= p / slope;
      }
      node[i] = t;
      weight[i] = 2 / ((1 - t * t) * slope * slope);
    }
  }

  /// The integral of f over [from, to].
  template <class F>
  double integrate(double from, double to, F f) const {
    const double half = (to - from) / 2;
    double sum = 0;
    for (std::size_t i = 0; i < N; ++i) sum += weight[i] * f(from + half * (1 + node[i]));
    return half * sum;
  }
};

}  // namespace mckean
