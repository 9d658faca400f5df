// The integrator of a run.
#pragma once

#include <memory>

#include "host/flow/dopri5.hpp"
#include "host/flow/proximal.hpp"
#include "host/flow/rkc.hpp"
#include "host/flow/runge_kutta.hpp"
#include "mckean/error.hpp"

namespace mckean {

/// The integrator that `spec` asks for, started at `initial`.
template <Backend B>
std::unique_ptr<Integrator<B>> make_integrator(GradientFlow<B>& flow, const IntegratorSpec& spec,
                                               Particles<const double, B::space> initial) {
  using Method = IntegratorSpec::Method;
  if (spec.adaptive() && (!flow.deterministic() || spec.temperature > 0)) {
    throw InputError(
        "integrator: adaptive steps would take the noise of samples for error: choose euler, heun "
        "or rk4");
  }
  if (const Tableau* const tableau = fixed_tableau(spec.method))
    return std::make_unique<RungeKutta<B>>(flow, initial, *tableau, spec);
  if (spec.method == Method::proximal) return std::make_unique<Proximal<B>>(flow, initial, spec);
  if (spec.method == Method::dopri5) return std::make_unique<Dopri5<B>>(flow, initial, spec);
  if (spec.method == Method::rkc) return std::make_unique<Rkc<B>>(flow, initial, spec);
  // Between kinks a high order is of no use; smooth flows change once they are stiff.
  if (kinks_of(flow) != Kinks::none) return std::make_unique<Rkc<B>>(flow, initial, spec);
  return std::make_unique<Dopri5<B>>(flow, initial, spec);
}

}  // namespace mckean
