// How a flow is integrated, and how a run may end.
#pragma once

#include <cstdint>
#include <optional>

namespace mckean {

/// When a run may end before its time.
struct StopRules {
  std::optional<double> risk;      // R <= risk
  std::optional<double> gradient;  // sqrt(int |v^|^2 dpi) <= gradient
  std::optional<double> w2;        // W2 <= w2, at a record
  bool any() const { return risk || gradient || w2; }
};

struct IntegratorSpec {
  enum class Method { euler, heun, rk4, dopri5, rkc, automatic, proximal };
  Method method = Method::automatic;
  double dt = 0;       // step of euler, heun, rk4; first step of dopri5 and rkc (0: estimated)
  double rtol = 1e-4;  // dopri5 and rkc: |e| <= atol + rtol |w| in L2(pi)
  double atol = 1e-6;
  double eta = 0.1;                  // step of proximal
  double proximal_tolerance = 1e-8;  // root mean square over particles of w' - w_k - eta drift(w')
  double temperature = 0;            // > 0: Euler-Maruyama, method euler only
  std::uint64_t seed = 0;            // of the noise
  bool audit = true;                 // fixed steps: end where the energy identity is broken
  StopRules stop;

  bool adaptive() const {
    return method == Method::dopri5 || method == Method::rkc || method == Method::automatic;
  }
  /// The step of a method of fixed steps.
  double fixed_size() const { return method == Method::proximal ? eta : dt; }
};

/// How a run, or a step, ended.
enum class Outcome { finished, converged, diverged, not_converged, interrupted };

}  // namespace mckean
