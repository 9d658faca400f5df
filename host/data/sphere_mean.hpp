// The mean of an activation over a random direction.
#pragma once

#include <cstddef>

#include "mckean/formula/activation.hpp"

namespace mckean {

/// E sigma(radius * t), t the first coordinate of b ~ U(S^{d-1}), which is f*(x) of the teacher
/// uniform on the sphere at |x| = radius. Closed form where sigma is homogeneous, otherwise
/// quadrature to a relative error of 1e-13.
double sphere_mean(const AnyActivation& activation, double radius, std::size_t d);

/// Whether it is a closed form, thousands of times faster than quadrature.
bool is_closed_form(const AnyActivation& activation);

/// E max(t, 0) = Gamma(d/2)/(2 sqrt(pi) Gamma((d + 1)/2)).
double mean_positive_part(std::size_t d);

}  // namespace mckean
