// What is integrated: scaling, which parameters move, the constraint and the regulariser. Plain
// data, host and device.
#pragma once

#include <cmath>
#include <cstddef>

#include "mckean/choice.hpp"
#include "mckean/config.hpp"

namespace mckean {

/// The factor s of f(x) = s sum_j a_j sigma(b_j . x).
enum class Scaling { mean_field, standard, ntk };
/// Which of (a, b) moves.
enum class Train { both, inner, outer };
/// Where b_j lives.
enum class Constraint { none, sphere };
/// r(w) of the objective. custom, a functor (custom_regularizer.hpp), has no row: the formulas take
/// it for nothing.
enum class Regularizer { none, path, l2, custom };

template <>
inline constexpr auto choices<Scaling> =
    std::to_array<Choice<Scaling>>({{"mean-field", Scaling::mean_field, "s = 1/m"},
                                    {"standard", Scaling::standard, "s = 1"},
                                    {"ntk", Scaling::ntk, "s = 1/sqrt(m)"}});
template <>
inline constexpr auto choices<Train> =
    std::to_array<Choice<Train>>({{"both", Train::both, "a and b"},
                                  {"inner", Train::inner, "b alone"},
                                  {"outer", Train::outer, "a alone: the random-feature model"}});
template <>
inline constexpr auto choices<Constraint> = std::to_array<Choice<Constraint>>(
    {{"none", Constraint::none, "b free"}, {"sphere", Constraint::sphere, "b on the unit sphere"}});
template <>
inline constexpr auto choices<Regularizer> =
    std::to_array<Choice<Regularizer>>({{"none", Regularizer::none, "0"},
                                        {"path", Regularizer::path, "|a||b|"},
                                        {"l2", Regularizer::l2, "(a^2 + |b|^2)/2"}});

struct CustomRegularizer;

/// Everything that turns the raw field E[(f - y) grad psi] into the motion dw/dt; Model says which
/// numbers are allowed, and what is thrown for others.
struct FieldSpec {
  Scaling scaling = Scaling::mean_field;
  Train train = Train::both;
  Constraint constraint = Constraint::none;
  Regularizer regularizer = Regularizer::none;
  double lambda = 0;
  double mobility_a = 1;
  double mobility_b = 1;
  const CustomRegularizer* own_regularizer = nullptr;  // where it is custom; outlives its flows

  /// Mobility of a (0 where a is fixed).
  MCKEAN_HD double rate_a() const { return train == Train::inner ? 0.0 : mobility_a; }
  /// Mobility of b (0 where b is fixed).
  MCKEAN_HD double rate_b() const { return train == Train::outer ? 0.0 : mobility_b; }
};

/// s of f(x) = s sum_j a_j sigma(b_j . x) for m particles.
inline double output_scale(Scaling scaling, std::size_t m) {
  const auto count = static_cast<double>(m);
  if (scaling == Scaling::mean_field) return 1.0 / count;
  return scaling == Scaling::standard ? 1.0 : 1.0 / std::sqrt(count);
}

/// dw/dt = -time_scale * v: 1, except 1/sqrt(m) under ntk scaling.
inline double time_scale(Scaling scaling, std::size_t m) {
  return scaling == Scaling::ntk ? 1.0 / std::sqrt(static_cast<double>(m)) : 1.0;
}

/// mu of dJ/dt = -mu int |v^|^2 dpi: 1, except m under standard scaling.
inline double dissipation_factor(Scaling scaling, std::size_t m) {
  return scaling == Scaling::standard ? static_cast<double>(m) : 1.0;
}

}  // namespace mckean
