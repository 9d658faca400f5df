// The public Flow: checks of what it is given, and the engine of a back end.
#include "mckean/flow.hpp"

#include <cmath>
#include <string>

#include "host/flow/flow_engine.hpp"
#include "host/flow/make_backend.hpp"

namespace mckean {
namespace {

void check(const Problem& problem, const Model& model, const ParticleArray& start) {
  if (start.m == 0 || start.d != problem.d || start.values.size() != start.m * (1 + start.d)) {
    throw InputError("start: " + std::to_string(start.m) + " particles in dimension " +
                     std::to_string(start.d) + " for a problem in dimension " +
                     std::to_string(problem.d) + ": give at least one, in the same dimension");
  }
  if (!problem.data && !problem.draw && !(problem.law && problem.teacher))
    throw InputError("problem: it has neither data nor a law: make one by data_problem()");
  const bool valid = model.lambda >= 0 && model.mobility_a >= 0 && model.mobility_b >= 0 &&
                     std::isfinite(model.lambda + model.mobility_a + model.mobility_b);
  if (!valid) throw InputError("model: lambda and mobilities must be finite and not negative");
}

bool has_tolerance(const IntegratorSpec& spec) {
  const double rtol = spec.rtol.value_or(1), atol = spec.atol.value_or(rtol);
  return rtol >= 0 && atol >= 0 && rtol + atol > 0;
}

void check(const IntegratorSpec& spec) {
  const bool sized = spec.adaptive() ? spec.dt >= 0 && has_tolerance(spec)
                                     : spec.fixed_size() > 0 && std::isfinite(spec.fixed_size());
  if (!sized || !(spec.temperature >= 0)) {
    throw InputError(
        "integrator: a method of fixed steps needs dt (proximal: eta) above 0, an adaptive one "
        "rtol and atol that are not negative nor both 0, and no temperature is below 0");
  }
  if (spec.temperature > 0 && spec.method != IntegratorSpec::Method::euler)
    throw InputError("integrator: noise is taken by euler alone: choose that, or temperature 0");
}

void check_times(const std::vector<double>& times, double now) {
  double before = now;
  for (const double time : times) {
    if (!std::isfinite(time) || time < before) {
      throw InputError("run: time " + std::to_string(time) + " comes after " +
                       std::to_string(before) + ": give times that increase from time() on");
    }
    before = time;
  }
}

}  // namespace

Flow::Flow(Problem problem, Model model, const ParticleArray& start, FlowOptions options) {
  check(problem, model, start);
  check(options.integrator);
  const DeviceChoice device = options.device;
  const Precision precision = options.precision;
  const int threads = options.threads;
  detail::FlowSetup setup{std::move(problem), std::move(model), std::move(options), start};
  engine_ = with_backend(device, precision, threads, [&](const auto& backend) {
    return detail::make_engine(backend, std::move(setup));
  });
}
Flow::~Flow() = default;
Flow::Flow(Flow&&) noexcept = default;
Flow& Flow::operator=(Flow&&) noexcept = default;

Outcome Flow::step(double until) {
  engine_->step(until);
  return result().outcome;
}
IntegrationResult Flow::advance_to(double t) {
  check_times({t}, time());
  engine_->run({t}, {}, false);
  return result();
}
IntegrationResult Flow::run(const std::vector<double>& record_times,
                            const IntegrateCallbacks& callbacks) {
  check_times(record_times, time());
  engine_->run(record_times, callbacks, true);
  return result();
}

double Flow::time() const { return result().reached.t; }
ParticleArray Flow::particles() const { return engine_->particles(); }
Record Flow::observe() { return engine_->observe(); }
Record Flow::measure(const ParticleArray& particles) const { return engine_->measure(particles); }
const IntegrationResult& Flow::result() const { return engine_->result(); }

FlowState Flow::save() { return FlowState(engine_->save()); }
void Flow::restore(const FlowState& state) {
  engine_->restore({state.words().begin(), state.words().end()});
}

std::string Flow::device() const { return engine_->device(); }
double Flow::interactions() const { return engine_->interactions(); }
const IntegratorSpec& Flow::integrator() const { return engine_->integrator(); }

}  // namespace mckean
