// W2 of the particles to the target, where it has a meaning and is known exactly.
#pragma once

#include <functional>
#include <optional>

#include "problem.hpp"

namespace mckean::cli {

/// W2 of the particles' measure, and of its antipodal symmetrisation where that was asked for.
struct TargetDistances {
  std::optional<double> w2;
  std::optional<double> w2_antipodal;
};

using MeasureDistances = std::function<TargetDistances(const ParticleArray&)>;

/// Under mean-field scaling with a = a* = 1 fixed: b on the circle against the uniform law or
/// against a teacher of neurons on the circle, or in dimension 1 against a teacher of neurons.
/// Otherwise the function returns nothing. InputError where --w2-antipodal is asked for and has no
/// meaning.
MeasureDistances measure_distances(const RunConfig& run, const Problem& problem,
                                   const ParticleArray& start, const Settings& settings);

}  // namespace mckean::cli
