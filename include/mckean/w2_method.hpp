// The methods of W2 and their names.
#pragma once

#include "mckean/find_choice.hpp"

namespace mckean {

/// automatic: by size, dimension and tolerance.
enum class W2Method { automatic, line, circle, exact, semidiscrete, sinkhorn, sliced, bounds };

template <>
inline constexpr auto choices<W2Method> = std::to_array<Choice<W2Method>>(
    {{"auto", W2Method::automatic, "by size, dimension and tolerance"},
     {"line", W2Method::line, "in order, points of a line"},
     {"circle", W2Method::circle, "in cyclic order, by angle"},
     {"exact", W2Method::exact, "push and relabel"},
     {"semidiscrete", W2Method::semidiscrete, "Newton's method, many points to few atoms"},
     {"sinkhorn", W2Method::sinkhorn, "entropic, with epsilon-scaling"},
     {"sliced", W2Method::sliced, "over directions; a lower bound of W2"},
     {"bounds", W2Method::bounds, "cheap bounds on both sides"}});

}  // namespace mckean
