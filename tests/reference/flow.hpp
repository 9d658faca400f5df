// The gradient flow of sampled data as naive fp64 loops: forward, residual, velocity and explicit
// Euler steps.
#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "mckean/field_spec.hpp"
#include "reference/activation.hpp"
#include "reference/state.hpp"

namespace mckean::reference {

inline ReferenceActivation activation_named(const std::string& name) {
  for (const ReferenceActivation& each : all_activations())
    if (each.name == name) return each;
  return {};
}

struct NaiveFlow {
  ReferenceActivation sigma;
  FieldSpec spec;
  std::size_t d = 0;
  std::vector<double> x, y;  // x: n x d, row-major

  double scale(std::size_t m) const {
    const auto count = static_cast<double>(m);
    if (spec.scaling == Scaling::mean_field) return 1 / count;
    return spec.scaling == Scaling::standard ? 1.0 : 1 / std::sqrt(count);
  }
  /// The state whose b are on the constraint.
  PlaneState constrained(PlaneState w) const {
    if (spec.constraint == Constraint::sphere) normalize(w);
    return w;
  }
  double z(const PlaneState& w, std::size_t j, std::size_t i) const {
    double sum = 0;
    for (std::size_t k = 0; k < d; ++k) sum += w.b(j, k) * x[i * d + k];
    return sum;
  }
  std::vector<double> residual(const PlaneState& w) const {
    std::vector<double> e(y.size());
    for (std::size_t i = 0; i < y.size(); ++i) {
      double f = 0;
      for (std::size_t j = 0; j < w.m; ++j) f += w.a(j) * sigma.value(z(w, j, i));
      e[i] = scale(w.m) * f - y[i];
    }
    return e;
  }
  double objective(const PlaneState& w) const {
    double sum = 0, penalty = 0;
    for (const double e : residual(w)) sum += e * e;
    for (std::size_t j = 0; j < w.m; ++j)
      penalty += regularizer(spec.regularizer, w.a(j), w.norm(j));
    return sum / static_cast<double>(y.size()) / 2 + spec.lambda * scale(w.m) * penalty;
  }
  PlaneState drift(const PlaneState& w) const {
    const std::vector<double> e = residual(w);
    PlaneState v(w.m, w.d);
    for (std::size_t j = 0; j < w.m; ++j) {
      for (std::size_t i = 0; i < y.size(); ++i) {
        const double z_ij = z(w, j, i);
        v.a(j) += e[i] * sigma.value(z_ij);
        const double slope = e[i] * w.a(j) * sigma.derivative(z_ij);
        for (std::size_t k = 0; k < d; ++k) v.b(j, k) += slope * x[i * d + k];
      }
    }
    for (double& value : v.values) value /= static_cast<double>(y.size());
    return finish_drift(spec, w, v);
  }
  static PlaneState moved(PlaneState w, double h, const PlaneState& f) {
    for (std::size_t i = 0; i < w.values.size(); ++i) w.values[i] += h * f.values[i];
    return w;
  }
  PlaneState euler_step(const PlaneState& w, double h) const {
    return constrained(moved(w, h, drift(w)));
  }
};

}  // namespace mckean::reference
