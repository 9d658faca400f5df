// Small problems that the property tests of the flow run on, and shorthands to run them, on the
// back end that this program tests (flow_backend.hpp).
#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "mckean/initial_measure.hpp"
#include "mckean/law.hpp"
#include "properties/flow_backend.hpp"
#include "reference/flow.hpp"

namespace mckean::test {

inline HostView<const double> as_view(const std::vector<double>& v) { return {v.data(), v.size()}; }

/// A copy of the particles in the memory of a back end.
template <class B>
Buffer<double, B::space> to_backend(const B& on, const ParticleArray& w) {
  auto state = on.template allocate<double>(w.values.size());
  on.copy(as_view(w.values), state.view());
  return state;
}
template <class B>
void from_backend(const B& on, const Buffer<double, B::space>& state, ParticleArray& w) {
  on.copy(state.view(), HostView<double>(w.values.data(), w.values.size()));
}

/// y_i = sin(x_i1 + 2 x_i2) + x_i3 on Gaussian samples in dimension 3.
struct SmoothData {
  static constexpr std::size_t n = 40, d = 3;
  std::vector<double> x = draw_samples(DataLaw::gaussian, n, d, 11, 0);
  std::vector<double> y = std::vector<double>(n);

  SmoothData() {
    for (std::size_t i = 0; i < n; ++i) {
      const double* row = x.data() + i * d;
      y[i] = std::sin(row[0] + 2 * row[1]) + row[2];
    }
  }
  SampledData<FlowBackend> field(const AnyActivation& activation = {ActivationKind::tanh},
                                 Scaling scaling = Scaling::mean_field) const {
    return {backend(), activation, scaling, as_view(x), as_view(y), d};
  }
  /// Mini-batches of `size` of them.
  MiniBatch<FlowBackend> batches(std::size_t size, bool replacement = false) const {
    return {backend(),
            {ActivationKind::tanh},
            Scaling::mean_field,
            {as_view(x), as_view(y), d},
            {size, replacement, 3}};
  }
};

/// One sample x = y = 0 of R^d, which moves nothing.
struct NoData {
  std::size_t d;
  std::vector<double> x = std::vector<double>(d), y = std::vector<double>(1);

  SampledData<FlowBackend> field(Scaling scaling = Scaling::mean_field) const {
    return {backend(), {ActivationKind::tanh}, scaling, as_view(x), as_view(y), d};
  }
};

/// y_i = sin(x_i1 + 2 x_i2) + shift on Gaussian samples of the plane, for flows of |b . x|.
struct HingeData {
  static constexpr std::size_t n = 50, d = 2, m = 40;
  static constexpr double end = 5;
  std::vector<double> x = draw_samples(DataLaw::gaussian, n, d, 102, 0);
  std::vector<double> y = std::vector<double>(n);
  ParticleArray start =
      draw_initial({.law = InitLaw::gaussian, .amplitude = Amplitude::gaussian}, m, d, 2);

  explicit HingeData(double shift = 0) {
    for (std::size_t i = 0; i < n; ++i) y[i] = std::sin(x[i * d] + 2 * x[i * d + 1]) + shift;
  }
  SampledData<FlowBackend> field(const char* activation = "abs") const {
    return {backend(), *find_activation(activation), Scaling::mean_field, as_view(x), as_view(y),
            d};
  }
};

/// Gaussian (a, b), a multiplied by 3 so that the flow is fast enough to be seen.
inline ParticleArray gaussian_particles(std::size_t m, std::size_t d, std::uint64_t seed = 5) {
  return draw_initial(
      {.law = InitLaw::gaussian, .amplitude = Amplitude::gaussian, .scale_a = 3, .scale_b = 2}, m,
      d, seed);
}

/// v and R of a field at particles on the host.
inline ParticleArray velocity_of(const Field<FlowBackend>& field, const ParticleArray& w,
                                 std::uint64_t step = 0) {
  const auto state = to_backend(backend(), w);
  auto v = backend().allocate<double>(w.values.size());
  field.velocity({state.view(), w.m, w.d}, {v.view(), w.m, w.d}, step);
  ParticleArray result(w.m, w.d);
  from_backend(backend(), v, result);
  return result;
}
inline double risk_of(const Field<FlowBackend>& field, const ParticleArray& w) {
  const auto state = to_backend(backend(), w);
  return field.risk(Particles<const double, FlowBackend::space>(state.view(), w.m, w.d));
}
/// integrate() of particles on the host.
template <Backend B>
IntegrationResult integrate_host(GradientFlow<B>& flow, const IntegratorSpec& integrator,
                                 ParticleArray& w, const std::vector<double>& times,
                                 IntegrateCallbacks& callbacks) {
  auto state = to_backend(flow.backend(), w);
  const IntegrationResult result =
      integrate(flow, integrator, flow.state(state.view()), times, callbacks);
  from_backend(flow.backend(), state, w);
  return result;
}

struct Run {
  ParticleArray particles;
  std::vector<Record> records;
  IntegrationResult result;
};

/// Integrates a copy of `start` through `times`.
template <Backend B>
Run run(GradientFlow<B>& flow, const IntegratorSpec& integrator, const ParticleArray& start,
        const std::vector<double>& times, IntegrateCallbacks callbacks = {}) {
  Run out{start, {}, {}};
  callbacks.on_record = [&](Record& record, const FetchParticles&) {
    out.records.push_back(record);
  };
  out.result = integrate_host(flow, integrator, out.particles, times, callbacks);
  return out;
}
inline Run run(const Field<FlowBackend>& field, const FieldSpec& spec,
               const IntegratorSpec& integrator, const ParticleArray& start,
               const std::vector<double>& times) {
  GradientFlow<FlowBackend> flow(backend(), field, spec, start.m, start.d);
  return run(flow, integrator, start, times);
}

/// The same problem for the naive loops.
inline reference::NaiveFlow naive(const SmoothData& data, const std::string& activation,
                                  const FieldSpec& spec) {
  return {reference::activation_named(activation), spec, data.d, data.x, data.y};
}
inline reference::PlaneState planes(const ParticleArray& w) {
  reference::PlaneState state(w.m, w.d);
  state.values = w.values;
  return state;
}

/// Root mean square difference of two states.
inline double distance(const ParticleArray& left, const ParticleArray& right) {
  double sum = 0;
  for (std::size_t i = 0; i < left.values.size(); ++i)
    sum += std::pow(left.values[i] - right.values[i], 2);
  return std::sqrt(sum / static_cast<double>(left.m));
}

inline IntegratorSpec fixed_step(IntegratorSpec::Method method, double dt) {
  IntegratorSpec spec;
  spec.method = method;
  spec.dt = dt;
  spec.eta = dt;
  return spec;
}

inline IntegratorSpec adaptive(double rtol,
                               IntegratorSpec::Method method = IntegratorSpec::Method::dopri5) {
  IntegratorSpec spec;
  spec.method = method;
  spec.rtol = rtol;
  spec.atol = rtol;
  return spec;
}

/// An adaptive method at a tolerance of 1e-4, or any other with steps dt.
inline IntegratorSpec integrator_of(IntegratorSpec::Method method, double dt,
                                    double proximal_tolerance) {
  using enum IntegratorSpec::Method;
  if (method == dopri5 || method == rkc) return adaptive(1e-4, method);
  IntegratorSpec spec = fixed_step(method, dt);
  spec.proximal_tolerance = proximal_tolerance;
  return spec;
}

}  // namespace mckean::test
