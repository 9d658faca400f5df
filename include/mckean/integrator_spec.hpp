// Which integrator, its steps and tolerances, and when a run may end early.
#pragma once

#include <cstdint>
#include <optional>

#include "mckean/choice.hpp"

namespace mckean {

/// When a run may end before its time; InputError by Flow for numbers that are not above 0. Risk
/// and gradient are looked at after every step; those of mini-batches and fresh samples once in as
/// many steps as cost one velocity over all the data.
struct StopRules {
  std::optional<double> risk;      // R <= risk
  std::optional<double> gradient;  // sqrt(int |v^|^2 dpi) <= gradient
  std::optional<double> w2;        // W2 <= w2, at a record
  bool any() const { return risk || gradient || w2; }
};

/// The constructor of Flow throws InputError where a method of fixed steps has no step above 0, an
/// adaptive one has a negative dt or tolerances that are negative or both 0, an adaptive one is
/// asked to take mini-batches, fresh samples or noise (whose changes it would take for errors), the
/// temperature is negative or above 0 with another method than euler, or the proximal tolerance is
/// not above 0. Times are those of dw/dt in Model.
struct IntegratorSpec {
  enum class Method { euler, heun, rk4, dopri5, rkc, automatic, proximal };
  Method method = Method::automatic;
  double dt = 0;  // step of euler, heun, rk4; first step of dopri5 and rkc (0: estimated)
  /// Adaptive methods: |e| <= atol + rtol |w|, e the error of a step and | | the norm of L2(pi), of
  /// a and b each for itself. Empty: 1e-4; where b crosses hinges (relu, leaky-relu and abs over
  /// samples) between 1e-6 for 10^4 pairs of a particle and a sample, where each particle counts,
  /// and 1e-4 for 10^6 of them (float: never below 3e-5).
  std::optional<double> rtol{};
  /// In units of w. Empty: a part of the largest |w| since the start, again of a and b each: 1e-6
  /// rtol, or 10 unit roundoffs of the precision of the field where these are more (1.1e-15; float:
  /// 6e-7), but no more than rtol.
  std::optional<double> atol{};
  double eta = 0.1;                  // step of proximal
  double proximal_tolerance = 1e-8;  // root mean square over particles of w' - w_k - eta drift(w')
  double temperature = 0;            // > 0: Euler-Maruyama, method euler only
  std::uint64_t seed = 0;            // of the noise
  bool audit = true;                 // fixed steps: end where the energy identity is broken
  StopRules stop{};

  bool adaptive() const {
    return method == Method::dopri5 || method == Method::rkc || method == Method::automatic;
  }
  /// The step of a method of fixed steps.
  double fixed_size() const { return method == Method::proximal ? eta : dt; }
};

/// How a run, or a step, ended.
enum class Outcome { finished, converged, diverged, not_converged, interrupted };

template <>
inline constexpr auto choices<IntegratorSpec::Method> =
    std::to_array<Choice<IntegratorSpec::Method>>(
        {{"auto", IntegratorSpec::Method::automatic,
          "adaptive: rkc for stiff and kinked flows, dopri5 for others"},
         {"euler", IntegratorSpec::Method::euler, "order 1, fixed steps"},
         {"heun", IntegratorSpec::Method::heun, "order 2, fixed steps"},
         {"rk4", IntegratorSpec::Method::rk4, "order 4, fixed steps"},
         {"dopri5", IntegratorSpec::Method::dopri5, "Dormand and Prince, order 5, adaptive"},
         {"rkc", IntegratorSpec::Method::rkc,
          "Runge-Kutta-Chebyshev, order 2, stabilised, adaptive"},
         {"proximal", IntegratorSpec::Method::proximal, "implicit steps that minimise"}});

}  // namespace mckean
