// Closed forms of k(w, w') = E[psi(x; w) psi(x; w')] and of its gradient, for a rotation-invariant
// law of x.
#pragma once

#include <cmath>

#include "mckean/config.hpp"
#include "mckean/formula/arctangent.hpp"

namespace mckean {

/// arc_cosine: relu. arcsine: erf(z/sqrt 2), Gaussian x. square: z^2.
enum class PairKernelKind { arc_cosine, arcsine, square };

/// A kernel and the moment of the law it needs: E x_1^2 for arc_cosine and arcsine, E x_1^2 x_2^2
/// (= E x_1^4 / 3) for square.
struct PairKernel {
  PairKernelKind kind = PairKernelKind::arc_cosine;
  double moment = 1;
};

/// What the closed forms read of a pair (b, b') with unit vectors u, u' (0 where b, b' is 0). The
/// two sums of squares tell angles near 0 and near pi without cancellation; no arccos anywhere.
template <class Real>
struct Pair {
  Real norm;        // |b|
  Real other_norm;  // |b'|
  Real plus;        // |u + u'|^2
  Real minus;       // |u - u'|^2
};

/// k(w, w') = a a' value; grad_b k = a a' (along u + along_other u'); grad_a k = a' value.
template <class Real>
struct PairTerms {
  Real value;
  Real along;
  Real along_other;
};

/// sin(phi) - phi cos(phi) = phi^3/3 - phi^5/30 + phi^7/840 - ..., without cancellation for small
/// phi.
template <class Real>
MCKEAN_HD Real arc_cosine_profile(Real phi, Real sine, Real cosine) {
  const Real u = phi * phi;
  // Terms (-1)^(k+1) 2k/(2k+1)! phi^(2k+1); the first left out is below 1e-18 of the first at phi =
  // 1/2.
  const Real series =
      u * phi *
      (Real(1. / 3) +
       u * (Real(-1. / 30) + u * (Real(1. / 840) + u * (Real(-1. / 45360) +
                                                        u * (Real(1. / 3991680) +
                                                             u * (Real(-1. / 518918400) +
                                                                  u * Real(1. / 93405312000)))))));
  return phi < Real(0.5) ? series : sine - phi * cosine;
}

/// relu, moment c = E x_1^2: Cho and Saul, "Kernel methods for deep learning" (2009), order 1, as
/// k = a a' c/(2 pi) |b||b'| (sin phi - phi cos phi) and grad_b k = a a' c/(2 pi) |b'| (phi u' +
/// sin(phi) u) with phi = pi - angle(b, b'), sin phi = |u + u'||u - u'|/2 to full relative
/// accuracy and so phi = atan2(sin phi, cos phi) too. Errors are k eps/phi relative near
/// antiparallel pairs. b = 0 takes the subgradient 0.
template <class Real>
MCKEAN_HD PairTerms<Real> arc_cosine_terms(Real moment, const Pair<Real>& pair) {
  const Real sine = std::sqrt(pair.plus * pair.minus) / Real(2);
  const Real cosine = (pair.minus - pair.plus) / Real(4);
  const bool obtuse = cosine < Real(0);
  const Real angle = arctangent(sine, obtuse ? -cosine : cosine);
  const Real phi = obtuse ? Real(3.14159265358979323846) - angle : angle;
  const Real factor = moment * Real(0.15915494309189533577) * pair.other_norm;
  const Real slope = pair.norm > Real(0) ? factor : Real(0);
  return {factor * pair.norm * arc_cosine_profile(phi, sine, cosine), slope * sine, slope * phi};
}

/// erf(z/sqrt 2), x ~ N(0, moment I): Williams, "Computing with infinite networks" (1997); Saad and
/// Solla (1995), as k = a a' (2/pi) atan2(p, sqrt D), p = c b . b', A = c|b|^2, D = 1 + A + A' + A
/// A' sin^2 = (1 + A)(1 + A') - p^2, grad_b k = a a' (2/pi) c (b' - p/(1 + A) b)/sqrt D.
template <class Real>
MCKEAN_HD PairTerms<Real> arcsine_terms(Real moment, const Pair<Real>& pair) {
  const Real square = moment * pair.norm * pair.norm;
  const Real other_square = moment * pair.other_norm * pair.other_norm;
  const Real product = moment * pair.norm * pair.other_norm * (pair.plus - pair.minus) / Real(4);
  const Real root = std::sqrt(Real(1) + square + other_square +
                              square * other_square * (pair.plus * pair.minus / Real(4)));
  const Real angle = arctangent(product < Real(0) ? -product : product, root);
  const Real two_over_pi = Real(0.63661977236758134308);
  const Real slope = two_over_pi * moment / root;
  return {two_over_pi * (product < Real(0) ? -angle : angle),
          -slope * product / (Real(1) + square) * pair.norm, slope * pair.other_norm};
}

/// z^2, moment q = E x_1^2 x_2^2: k = a a' q (|b|^2 |b'|^2 + 2 (b . b')^2), by Isserlis (1918) for
/// Gaussian x and by homogeneity for the rest.
template <class Real>
MCKEAN_HD PairTerms<Real> square_terms(Real moment, const Pair<Real>& pair) {
  const Real norms = pair.norm * pair.other_norm;
  const Real product = norms * (pair.plus - pair.minus) / Real(4);
  return {moment * (norms * norms + Real(2) * product * product),
          moment * Real(2) * pair.other_norm * norms, moment * Real(4) * product * pair.other_norm};
}

/// The terms of one kernel, known at compile time.
template <PairKernelKind Kind, class Real>
MCKEAN_HD PairTerms<Real> pair_terms(Real moment, const Pair<Real>& pair) {
  if constexpr (Kind == PairKernelKind::arc_cosine) {
    return arc_cosine_terms(moment, pair);
  } else if constexpr (Kind == PairKernelKind::arcsine) {
    return arcsine_terms(moment, pair);
  } else {
    return square_terms(moment, pair);
  }
}

}  // namespace mckean
