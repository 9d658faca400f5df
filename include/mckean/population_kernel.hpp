// Closed forms of k(w, w') = E[psi(x; w) psi(x; w')] for a rotation-invariant law of x (declarations of the kinds; formulas below).
#pragma once

#include "mckean/config.hpp"

namespace mckean {

/// arc_cosine: relu (Cho and Saul 2009). arcsine: erf(z/sqrt 2), Gaussian x (Williams 1997; Saad and Solla 1995).
/// square: z^2.
enum class PairKernelKind { arc_cosine, arcsine, square };

/// A kernel and the moment of the law it needs: E x_1^2 for arc_cosine and arcsine, E x_1^2 x_2^2 for square.
struct PairKernel {
  PairKernelKind kind = PairKernelKind::arc_cosine;
  double moment = 1;
};

}  // namespace mckean
