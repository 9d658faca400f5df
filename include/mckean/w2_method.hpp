// What a distance is asked for: the methods of W2, which clouds are samples, and their names.
#pragma once

#include "mckean/find_choice.hpp"

namespace mckean {

/// See the rows of choices below, and DistanceOptions.
enum class W2Method { automatic, line, circle, exact, semidiscrete, sinkhorn, sliced, bounds };

/// Which clouds are samples of a law, for Distance::sampling_error; the others are what they are.
enum class Sampled { both, first, second };

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
template <>
inline constexpr auto choices<Sampled> =
    std::to_array<Choice<Sampled>>({{"a", Sampled::first, "A alone"},
                                    {"b", Sampled::second, "B alone"},
                                    {"both", Sampled::both, "A and B"}});

}  // namespace mckean
