// W2 between two weighted clouds, by a method of choice or the best one for their sizes.
#pragma once

#include "host/transport/discrete_measure.hpp"
#include "host/transport/pair_passes.hpp"
#include "mckean/w2.hpp"

namespace mckean {

struct W2Options : DistanceOptions {
  const PairPasses* passes = nullptr;  // over all pairs, where they run; null: on the CPU
};

/// InputError where the method does not fit: line needs d = 1, circle d = 1 (angles) or unit
/// vectors of the plane, geodesic cost unit vectors (to 1e-9; they are normalised). Equal measures
/// give exactly 0. The cheap bounds sharpen every bracket, and spare exact and semidiscrete their
/// work where they are narrow enough. A bracket that is not narrow enough is
/// returned as it is, not converged. Clouds of any scale up to 1e150: they are measured in a power
/// of two that suits them.
Distance compute_w2(const DiscreteMeasure& a, const DiscreteMeasure& b, const W2Options& options);
inline Distance compute_w2(const DiscreteMeasure& a, const DiscreteMeasure& b,
                           const DistanceOptions& options) {
  return compute_w2(a, b, W2Options{options});
}

/// Between a measure on the circle, angles (d = 1) or points of the plane, and the uniform law.
Distance compute_w2_to_uniform(const DiscreteMeasure& a, const DistanceOptions& options);

}  // namespace mckean
