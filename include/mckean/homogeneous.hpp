// A network of homogeneous neurons as a signed measure on the sphere, which is all that its output
// identifies.
#pragma once

#include <string>

#include "mckean/cloud.hpp"
#include "mckean/matrix.hpp"

namespace mckean {

/// A part of a signed measure: its mass, and the probability measure that it is a multiple of.
struct SignedPart {
  double mass = 0;
  Cloud cloud;  // n x d unit vectors; of no points where the mass is 0
};

struct SignedMeasure {
  SignedPart positive, negative;
};

/// For particles (a, b), m x (1 + d): (1/m) sum_j a_j |b_j| delta_{b_j/|b_j|}, in its positive and
/// negative parts. a relu(b . x) depends on nothing else, so that two networks with the same parts
/// are the same function. InputError, beginning with `name`, where there are fewer than two columns
/// or masses overflow or underflow; Interrupted where that was asked for.
SignedMeasure homogeneous_measure(const Matrix& particles, const std::string& name);

}  // namespace mckean
