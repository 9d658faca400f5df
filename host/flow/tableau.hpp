// Explicit Runge-Kutta methods as Butcher tableaux.
#pragma once

#include "mckean/integrator_spec.hpp"

namespace mckean {

/// stage[i][l] weighs drift l in the state of stage i > 0, weight[i] drift i in the step, and
/// error[i] is weight[i] minus the weight of the embedded method (0 without one).
struct Tableau {
  int stages;
  int order;
  double stage[7][6];
  double weight[7];
  double error[7];
};

inline constexpr Tableau euler_tableau{1, 1, {}, {1}, {}};

/// The explicit trapezoidal rule: Heun (1900).
inline constexpr Tableau heun_tableau{2, 2, {{}, {1}}, {1. / 2, 1. / 2}, {}};

/// The classical method: Kutta (1901).
inline constexpr Tableau rk4_tableau{
    4, 4, {{}, {1. / 2}, {0, 1. / 2}, {0, 0, 1}}, {1. / 6, 1. / 3, 1. / 3, 1. / 6}, {}};

/// Of the methods of fixed steps that have one; null for all others.
constexpr const Tableau* fixed_tableau(IntegratorSpec::Method method) {
  switch (method) {
    case IntegratorSpec::Method::euler:
      return &euler_tableau;
    case IntegratorSpec::Method::heun:
      return &heun_tableau;
    case IntegratorSpec::Method::rk4:
      return &rk4_tableau;
    default:
      return nullptr;
  }
}

/// RK5(4)7M: Dormand and Prince, "A family of embedded Runge-Kutta formulae", J. Comput. Appl.
/// Math. 6 (1980), table 2. The state of the last stage is the new state.
inline constexpr Tableau dopri5_tableau{
    7,
    5,
    {{},
     {1. / 5},
     {3. / 40, 9. / 40},
     {44. / 45, -56. / 15, 32. / 9},
     {19372. / 6561, -25360. / 2187, 64448. / 6561, -212. / 729},
     {9017. / 3168, -355. / 33, 46732. / 5247, 49. / 176, -5103. / 18656},
     {35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84}},
    {35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84, 0},
    {71. / 57600, 0, -71. / 16695, 71. / 1920, -17253. / 339200, 22. / 525, -1. / 40}};

/// The weights of R in the continuous extension of RK5(4)7M of order 4: Shampine, "Some practical
/// Runge-Kutta formulas", Math. Comp. 46 (1986), as given by Hairer, Norsett and Wanner, Solving
/// Ordinary Differential Equations I, II.6 (6.13).
inline constexpr double dopri5_dense[7] = {-12715105075. / 11282082432,  0,
                                           87487479700. / 32700410799,   -10690763975. / 1880347072,
                                           701980252875. / 199316789632, -1453857185. / 822651844,
                                           69997945. / 29380423};

}  // namespace mckean
