// What every time integrator offers: the state, its drift, and one more step.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "host/flow/gradient_flow.hpp"

namespace mckean {

struct IntegratorSpec {
  enum class Method { euler, heun, rk4, dopri5, proximal };
  Method method = Method::dopri5;
  double dt = 0;       // step of euler, heun, rk4; first step of dopri5 (0: estimated)
  double rtol = 1e-6;  // dopri5
  double atol = 1e-9;  // dopri5
  double eta = 0.1;    // step of proximal
  double proximal_tolerance = 1e-8;  // root mean square over particles of w' - w_k - eta drift(w')
  double temperature = 0;            // > 0: Euler-Maruyama, method euler only
  std::uint64_t seed = 0;            // of the noise
};

/// How a run, or a step, ended.
enum class Outcome { finished, diverged, not_converged, interrupted };

/// One step: its size, and int decay dt over it by the method's own quadrature (0 where energy is
/// not audited).
struct Step {
  Outcome outcome = Outcome::finished;
  double size = 0;
  double dissipated = 0;
  std::string failure = {};  // why outcome is not finished; the state is the one before the step
};

/// Steps on kinks of the field, let through above the tolerance, and the largest error of one in
/// units of the tolerance.
struct KinkedSteps {
  std::uint64_t count = 0;
  double largest_error = 0;
};

template <Backend B>
class Integrator {
 public:
  using State = Particles<double, B::space>;
  using ConstState = Particles<const double, B::space>;

  /// Starts from `initial`, brought on the constraint.
  Integrator(GradientFlow<B>& flow, ConstState initial)
      : flow_(flow),
        current_(flow.backend().template allocate<double>(flow.size())),
        trial_(flow.backend().template allocate<double>(flow.size())) {
    flow.backend().copy(initial.values, current_.view());
    flow.retract(flow.state(current_.view()));
  }
  virtual ~Integrator() = default;

  /// Advances by at most `limit` > 0 from time t; reaches t + limit exactly where the step's size
  /// equals limit.
  virtual Step step(double t, double limit) = 0;
  /// The drift at state() over all the data.
  virtual ConstState drift() = 0;
  /// Largest residual of an inner solver so far, where there is one.
  virtual double solver_residual() const { return 0; }

  ConstState state() const { return flow_.state(current_.view()); }
  std::uint64_t steps() const { return steps_; }
  std::uint64_t rejected() const { return rejected_; }
  const KinkedSteps& kinked() const { return kinked_; }

 protected:
  GradientFlow<B>& flow() { return flow_; }
  State trial() { return flow_.state(trial_.view()); }
  void accept() {
    std::swap(current_, trial_);
    ++steps_;
  }
  void reject() { ++rejected_; }
  void count_kink(double error) {
    ++kinked_.count;
    kinked_.largest_error = std::max(kinked_.largest_error, error);
  }
  bool trial_is_finite() const { return flow_.backend().all_finite(trial_.view()); }
  Buffer<double, B::space> allocate() const {
    return flow_.backend().template allocate<double>(flow_.size());
  }

 private:
  GradientFlow<B>& flow_;
  Buffer<double, B::space> current_;
  Buffer<double, B::space> trial_;
  std::uint64_t steps_ = 0;
  std::uint64_t rejected_ = 0;
  KinkedSteps kinked_;
};

}  // namespace mckean
