// The methods of W2: names, and the choice by sizes and dimension.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "host/transport/discrete_measure.hpp"
#include "mckean/formula/ground_cost.hpp"

namespace mckean {

enum class W2Method { automatic, line, circle, exact, semidiscrete, sinkhorn, sliced, bounds };

/// "auto", "line", ... ; nullopt for no name of a method.
std::optional<W2Method> find_w2_method(std::string_view name);
const char* name_of(W2Method method);

/// The method that solves the transport between these clouds best, and why: by their dimension,
/// cost and sizes, those of weighted clouds as of one with equal weights and the same sum of
/// squares.
W2Method choose_w2_method(const DiscreteMeasure& a, const DiscreteMeasure& b, GroundCost cost,
                          std::string& reason);

}  // namespace mckean
