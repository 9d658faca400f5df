// Whether the field of a law has a closed form.
#pragma once

#include <optional>

#include "mckean/problem.hpp"

namespace mckean {

/// The kernel of the law of a problem under an activation, where that and the teacher have closed
/// forms; empty where there is none, and for data alone.
std::optional<PairKernel> closed_form(const Problem& problem, const AnyActivation& activation);

}  // namespace mckean
