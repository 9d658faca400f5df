// A run: from record time to record time, with the energy audited on the way.
#pragma once

#include <cmath>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/data/particle_array.hpp"
#include "host/flow/dopri5.hpp"
#include "host/flow/proximal.hpp"
#include "host/flow/record.hpp"
#include "host/flow/runge_kutta.hpp"
#include "mckean/compensated_sum.hpp"
#include "mckean/interruption.hpp"

namespace mckean {

/// How far a run has come.
struct Progress {
  double t = 0;
  double t_end = 0;
  std::uint64_t step = 0;
  std::uint64_t rejected = 0;
  std::uint64_t evaluations = 0;
};

/// Gives the particles of a record on the host; copies them at the first call only.
using FetchParticles = std::function<const ParticleArray&()>;

struct IntegrateCallbacks {
  /// At each record time; may fill what the flow does not know (test_risk, w2).
  std::function<void(Record&, const FetchParticles&)> on_record;
  /// After each step; false ends the run as interrupted.
  std::function<bool(const Progress&)> on_step;
};

struct IntegrationResult {
  Outcome outcome = Outcome::finished;
  std::string message;  // why, where the outcome is not finished
  Progress reached;
  double solver_residual = 0;  // the largest of the proximal steps
  KinkedSteps kinked;          // steps let through above the tolerance
};

/// The integrator that `spec` asks for, started at `initial`.
template <Backend B>
std::unique_ptr<Integrator<B>> make_integrator(GradientFlow<B>& flow, const IntegratorSpec& spec,
                                               Particles<const double, B::space> initial) {
  using Method = IntegratorSpec::Method;
  switch (spec.method) {
    case Method::euler:
      return std::make_unique<RungeKutta<B>>(flow, initial, euler_tableau, spec);
    case Method::heun:
      return std::make_unique<RungeKutta<B>>(flow, initial, heun_tableau, spec);
    case Method::rk4:
      return std::make_unique<RungeKutta<B>>(flow, initial, rk4_tableau, spec);
    case Method::proximal:
      return std::make_unique<Proximal<B>>(flow, initial, spec);
    case Method::dopri5:
      break;
  }
  return std::make_unique<Dopri5<B>>(flow, initial, spec);
}

/// One run in progress.
template <Backend B>
class Integration {
 public:
  Integration(GradientFlow<B>& flow, const IntegratorSpec& spec,
              Particles<const double, B::space> initial, double t_end,
              const IntegrateCallbacks& callbacks)
      : flow_(flow),
        callbacks_(callbacks),
        integrator_(make_integrator(flow, spec, initial)),
        audited_(flow.deterministic() && spec.temperature == 0) {
    result_.reached.t_end = t_end;
  }

  /// Steps until t = `time`; false where the run ended before.
  bool advance_to(double time) {
    double& t = result_.reached.t;
    while (t < time) {
      const double limit = time - t;
      const Step step = integrator_->step(t, limit);
      if (step.outcome != Outcome::finished) return end(step.outcome, step.failure);
      t = step.size == limit ? time : t + step.size;
      dissipated_.add(step.dissipated);
      update();
      if (callbacks_.on_step && !callbacks_.on_step(result_.reached))
        return end(Outcome::interrupted, "interrupted");
    }
    return true;
  }

  /// Writes the record of the current state; false where its energy is not finite.
  bool record() {
    const auto w = integrator_->state();
    const Energy energy = flow_.energy(w);
    const ParticleSums sums = flow_.backend().particle_sums(Regularizer::none, 1, w);
    if (!initial_objective_) initial_objective_ = energy.objective;
    Record row;
    row.t = result_.reached.t;
    row.objective = energy.objective;
    row.risk = energy.risk;
    row.dissipation = flow_.dissipation(integrator_->drift());
    if (audited_)
      row.energy_residual = *initial_objective_ - energy.objective - dissipated_.value();
    row.path_norm = output_scale(flow_.spec().scaling, flow_.m()) * sums.path;
    row.n_eff = sums.path_squared > 0 ? sums.path * sums.path / sums.path_squared : 0;
    update();
    row.step = result_.reached.step;
    row.rejected = result_.reached.rejected;
    row.evaluations = result_.reached.evaluations;
    if (!std::isfinite(energy.objective) || !std::isfinite(row.dissipation)) {
      return end(Outcome::diverged, "the objective or its dissipation is not finite");
    }
    std::optional<ParticleArray> fetched;
    if (callbacks_.on_record) {
      callbacks_.on_record(row, [&]() -> const ParticleArray& {
        if (!fetched) fetched = fetch();
        return *fetched;
      });
    }
    return true;
  }

  void store(Particles<double, B::space> w) const {
    flow_.backend().copy(integrator_->state().values, w.values);
  }
  const IntegrationResult& result() const { return result_; }
  /// Ends the run at the state before the step that was given up.
  void interrupt() { end(Outcome::interrupted, "interrupted"); }

 private:
  void update() {
    result_.reached.step = integrator_->steps();
    result_.reached.rejected = integrator_->rejected();
    result_.reached.evaluations = flow_.evaluations();
    result_.solver_residual = integrator_->solver_residual();
    result_.kinked = integrator_->kinked();
  }
  bool end(Outcome outcome, const std::string& message) {
    update();
    result_.outcome = outcome;
    result_.message = message;
    return false;
  }
  ParticleArray fetch() const {
    ParticleArray particles(flow_.m(), flow_.d());
    flow_.backend().copy(integrator_->state().values,
                         HostView<double>(particles.values.data(), particles.values.size()));
    return particles;
  }

  GradientFlow<B>& flow_;
  const IntegrateCallbacks& callbacks_;
  std::unique_ptr<Integrator<B>> integrator_;
  bool audited_;
  std::optional<double> initial_objective_;
  CompensatedSum dissipated_;
  IntegrationResult result_;
};

/// Integrates from w at t = 0 through `record_times` (increasing, from 0 on; the last is the end)
/// and leaves the last finite state in w.
template <Backend B>
IntegrationResult integrate(GradientFlow<B>& flow, const IntegratorSpec& spec,
                            Particles<double, B::space> w, const std::vector<double>& record_times,
                            const IntegrateCallbacks& callbacks = {}) {
  if (!flow.backend().all_finite(w.values)) {
    return {Outcome::diverged, "the initial particles are not finite", {}, 0, {}};
  }
  Integration<B> integration(flow, spec, w, record_times.empty() ? 0.0 : record_times.back(),
                             callbacks);
  try {
    for (const double time : record_times) {
      if (!integration.advance_to(time) || !integration.record()) break;
    }
  } catch (const Interrupted&) {
    integration.interrupt();
  }
  integration.store(w);
  return integration.result();
}

}  // namespace mckean
