// The public Flow: checks of what it is given, and the engine of a back end.
#include "mckean/flow.hpp"

#include <cmath>
#include <stdexcept>
#include <string>

#include "host/flow/flow_engine.hpp"
#include "host/flow/make_backend.hpp"
#include "mckean/error.hpp"

namespace mckean {
namespace {

bool has_tolerance(const IntegratorSpec& spec) {
  const double rtol = spec.rtol.value_or(1), atol = spec.atol.value_or(rtol);
  return rtol >= 0 && atol >= 0 && rtol + atol > 0 && std::isfinite(rtol + atol);
}

void check(const IntegratorSpec& spec) {
  const bool sized = spec.adaptive() ? spec.dt >= 0 && has_tolerance(spec)
                                     : spec.fixed_size() > 0 && std::isfinite(spec.fixed_size());
  const bool stops = spec.stop.risk.value_or(1) > 0 && spec.stop.gradient.value_or(1) > 0 &&
                     spec.stop.w2.value_or(1) > 0;
  if (!stops) throw InputError("integrator: what a run stops at must be above 0");
  if (!sized || !(spec.temperature >= 0) || !(spec.proximal_tolerance > 0)) {
    throw InputError(
        "integrator: a method of fixed steps needs dt (proximal: eta) above 0, an adaptive one "
        "rtol and atol that are not negative nor both 0; no temperature is below 0, and the "
        "proximal tolerance above it");
  }
  if (spec.temperature > 0 && spec.method != IntegratorSpec::Method::euler)
    throw InputError("integrator: noise is taken by euler alone: choose that, or temperature 0");
}

void check(const RankOptions& ranks, std::size_t m) {
  const Ensemble& all = ranks.ensemble;
  if (ranks.communicator == nullptr || (all.total >= m && all.first <= all.total - m)) return;
  throw InputError("ranks: " + std::to_string(m) + " particles from number " +
                   std::to_string(all.first) + " on are not among " + std::to_string(all.total) +
                   ": give the number of those of all ranks, and that of the first one here");
}

/// The first may be now, to the rounding of the steps that led there.
void check_times(const std::vector<double>& times, double now) {
  constexpr double rounding = 1e-12;
  double before = now;
  for (std::size_t i = 0; i < times.size(); ++i) {
    const bool later = i == 0 ? times[i] >= now * (1 - rounding) : times[i] > before;
    if (!std::isfinite(times[i]) || !later) {
      throw InputError("run: time " + std::to_string(times[i]) + " comes after " +
                       std::to_string(before) + ": give times that increase from time() on");
    }
    before = times[i];
  }
}

}  // namespace

namespace detail {

void check_setup(const Problem& problem, const Model& model, const ParticleArray& particles,
                 const std::string& name) {
  if (particles.m == 0 || particles.d != problem.d) {
    throw InputError(name + ": " + std::to_string(particles.m) + " particles in dimension " +
                     std::to_string(particles.d) + " for a problem in dimension " +
                     std::to_string(problem.d) + ": give at least one, in the same dimension");
  }
  check_shape(particles, name);
  if (!problem.data && !problem.draw && !(problem.law && problem.teacher))
    throw InputError("problem: it has neither data nor a law: make one by data_problem()");
  const bool valid = model.lambda >= 0 && model.mobility_a >= 0 && model.mobility_b >= 0 &&
                     std::isfinite(model.lambda + model.mobility_a + model.mobility_b);
  if (!valid) throw InputError("model: lambda and mobilities must be finite and not negative");
  const AnyActivation& activation = model.activation;
  const bool has_own =
      (activation.kind == ActivationKind::custom) == (activation.custom != nullptr);
  const bool has_own_regularizer =
      (model.regularizer.kind() == Regularizer::custom) == (model.regularizer.own() != nullptr);
  if (!has_own || !has_own_regularizer)
    throw InputError("model: give a functor for the activation and the regulariser of one's own");
}

}  // namespace detail

Flow::Flow(Problem problem, Model model, const ParticleArray& start, FlowOptions options) {
  detail::check_setup(problem, model, start, "start");
  check(options.integrator);
  check(options.ranks, start.m);
  const DeviceChoice device = options.device;
  const Precision precision = options.precision;
  const int threads = options.threads;
  detail::FlowSetup setup{std::move(problem), std::move(model), std::move(options), start};
  engine_ = with_backend(device, precision, threads, [&](const auto& backend) {
    return detail::make_engine(backend, std::move(setup));
  });
}
Flow::~Flow() = default;
detail::FlowEngine& Flow::engine() const {
  if (!engine_) throw std::logic_error("Flow: it was moved from");
  return *engine_;
}
Flow::Flow(Flow&&) noexcept = default;
Flow& Flow::operator=(Flow&&) noexcept = default;

Outcome Flow::step(double until) {
  if (!(until > time())) throw InputError("step: `until` is not after time(): give a later one");
  engine().step(until);
  return result().outcome;
}
IntegrationResult Flow::advance_to(double t) {
  check_times({t}, time());
  engine().run({t}, {}, false);
  return result();
}
IntegrationResult Flow::run(const std::vector<double>& record_times,
                            const IntegrateCallbacks& callbacks) {
  check_times(record_times, time());
  engine().run(record_times, callbacks, true);
  return result();
}

double Flow::time() const { return result().reached.t; }
ParticleArray Flow::particles() const { return engine().particles(); }
Record Flow::observe() { return engine().observe(); }
Record Flow::measure(const ParticleArray& particles) const { return engine().measure(particles); }
const IntegrationResult& Flow::result() const { return engine().result(); }

FlowState Flow::save() { return FlowState(engine().save()); }
void Flow::restore(const FlowState& state) {
  engine().restore({state.words().begin(), state.words().end()});
}

std::string Flow::device() const { return engine().device(); }
double Flow::interactions() const { return engine().interactions(); }
const IntegratorSpec& Flow::integrator() const { return engine().integrator(); }

}  // namespace mckean
