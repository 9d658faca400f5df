// W2 between two weighted clouds, by a method of choice or the best one for their sizes.
#pragma once

#include <optional>
#include <vector>

#include "host/transport/bounds/sampling_error.hpp"
#include "host/transport/bounds/sliced.hpp"
#include "host/transport/discrete_measure.hpp"
#include "host/transport/pair_passes.hpp"
#include "mckean/w2.hpp"

namespace mckean {

/// What else the program asks for.
struct W2Options : DistanceOptions {
  std::vector<double> psi = {};        // a start: of a nearby problem; may be empty
  const PairPasses* passes = nullptr;  // over all pairs, where they run; null: on the CPU
  Sampled sampled = Sampled::both;
  bool divergence = false;  // sinkhorn: also its debiased divergence
};

/// And what else it gets. The sampling error is by the potentials of the method (see
/// sampling_error.hpp) or, where it has none, by those of normal laws with the same moments; empty
/// also where these take too long, and where a few points carry the variance.
struct W2Result : Distance {
  std::optional<SlicedDistances> sliced;
  std::optional<double> divergence;  // of sinkhorn, where asked for, debiased, squared units
  std::optional<double> epsilon;     // of sinkhorn: the last one, squared units
  std::vector<double> psi = {};  // potentials of the points of b: where the next problem may start
};

/// InputError where the method does not fit: line needs d = 1, circle d = 1 (angles) or unit
/// vectors of the plane, geodesic cost unit vectors (to 1e-9; they are normalised). Equal measures
/// give exactly 0. The cheap bounds sharpen every bracket, and spare exact and semidiscrete their
/// work where they are narrow enough. A bracket that is not narrow enough is
/// returned as it is, not converged. Clouds of any scale up to 1e150: they are measured in a power
/// of two that suits them.
W2Result compute_w2(const DiscreteMeasure& a, const DiscreteMeasure& b, const W2Options& options);
inline W2Result compute_w2(const DiscreteMeasure& a, const DiscreteMeasure& b,
                           const DistanceOptions& options) {
  return compute_w2(a, b, W2Options{options});
}

/// Between a measure on the circle, angles (d = 1) or points of the plane, and the uniform law.
W2Result compute_w2_to_uniform(const DiscreteMeasure& a, const W2Options& options);
inline W2Result compute_w2_to_uniform(const DiscreteMeasure& a, const DistanceOptions& options) {
  return compute_w2_to_uniform(a, W2Options{options});
}

}  // namespace mckean
