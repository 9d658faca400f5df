// Coefficients of the explicit Runge-Kutta-Chebyshev method of order 2.
#pragma once

#include <vector>

namespace mckean {

/// The s-stage method of Sommeijer, Shampine and Verwer, "RKC: an explicit solver for parabolic
/// PDEs", J. Comput. Appl. Math. 88 (1998), (2.3)-(2.9), with damping 2/13:
///   y_1 = y_0 + first h f_0,
///   y_j = (1 - mu_j - nu_j) y_0 + mu_j y_{j-1} + nu_j y_{j-2} + drift_j h f_{j-1} + start_j h f_0,
/// j = 2..s, where f_j = f(y_j) and y_s is the new state. Stage j stands at time t + time_j h and
/// is of order 2 from j = 2 on. Stable for real spectra down to -(s^2 - 1)/1.54 / h.
struct ChebyshevScheme {
  explicit ChebyshevScheme(int stages);

  /// The least number of stages, at least `least`, that is stable at a size h and radius rho.
  static int stages_for(double size_times_radius, int least);
  /// The largest h rho of a number of stages.
  static double stable_limit(int stages);

  int stages;
  double first = 0;
  std::vector<double> mu, nu, drift, start, time;  // index j; 0 and 1 unused but for time
  int middle = 0;  // the inner stage of order 2 that is nearest to half of the step
};

}  // namespace mckean
