// Explicit Runge-Kutta methods as Butcher tableaux.
#pragma once

namespace mckean {

/// stage[i][l] weighs drift l in the state of stage i > 0, weight[i] drift i in the step, and
/// error[i] is weight[i] minus the weight of the embedded method (0 without one). Where
/// first_same_as_last holds, the state of the last stage is the new state.
struct Tableau {
  int stages;
  int order;
  double stage[7][6];
  double weight[7];
  double error[7];
  bool first_same_as_last;
};

inline constexpr Tableau euler_tableau{1, 1, {}, {1}, {}, false};

/// The explicit trapezoidal rule: Heun (1900).
inline constexpr Tableau heun_tableau{2, 2, {{}, {1}}, {1. / 2, 1. / 2}, {}, false};

/// The classical method: Kutta (1901).
inline constexpr Tableau rk4_tableau{
    4, 4, {{}, {1. / 2}, {0, 1. / 2}, {0, 0, 1}}, {1. / 6, 1. / 3, 1. / 3, 1. / 6}, {}, false};

/// RK5(4)7M: Dormand and Prince, "A family of embedded Runge-Kutta formulae", J. Comput. Appl.
/// Math. 6 (1980), table 2.
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
    {71. / 57600, 0, -71. / 16695, 71. / 1920, -17253. / 339200, 22. / 525, -1. / 40},
    true};

}  // namespace mckean
