// A network of m neurons and how its parameters move.
#pragma once

#include "mckean/custom_activation.hpp"
#include "mckean/custom_regularizer.hpp"
#include "mckean/field_spec.hpp"

namespace mckean {

/// f(x) = s sum_j a_j sigma(b_j . x), particles w_j = (a_j, b_j) in R x R^d, which minimise
/// J = E (f - y)^2/2 + lambda s sum_j r(w_j) by
///
///     dw_j/dt = -T M P v_j,   v_j = E[(f - y) grad_w (a sigma(b . x))] + lambda grad r(w_j),
///
/// s = 1/m, 1 or 1/sqrt(m) by `scaling`, T = 1, 1 or 1/sqrt(m), M the mobilities (0 for what
/// `train` fixes), P the projection on the tangent plane of the sphere where that is the
/// constraint (Wu, "Training neural networks beyond the kernel regime", (0.6)). Then
/// dJ/dt = -mu int |v^|^2 dpi, v^ = M^(1/2) P v, mu = m under standard scaling and 1 otherwise.
///
/// Flow and evaluate() throw InputError where lambda or a mobility is negative or not finite, or a
/// custom kind stands without its functor.
struct Model {
  ModelActivation activation;  // relu
  Scaling scaling = Scaling::mean_field;
  Train train = Train::both;
  Constraint constraint = Constraint::none;
  ModelRegularizer regularizer;  // none
  double lambda = 0;             // not negative
  double mobility_a = 1;         // not negative
  double mobility_b = 1;         // not negative

  /// The same for the formulas; refers to the regulariser, which outlives it.
  FieldSpec spec() const {
    return {scaling, train,      constraint, regularizer.kind(),
            lambda,  mobility_a, mobility_b, regularizer.own()};
  }
};

}  // namespace mckean
