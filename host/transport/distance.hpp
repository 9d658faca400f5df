// W2 between two weighted clouds, by a method of choice or the best one for their sizes.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "host/transport/bounds/sampling_error.hpp"
#include "host/transport/bounds/sliced.hpp"
#include "host/transport/certificate/certified_distance.hpp"
#include "host/transport/discrete_measure.hpp"
#include "host/transport/pair_passes.hpp"
#include "mckean/formula/ground_cost.hpp"
#include "mckean/w2_method.hpp"

namespace mckean {

struct W2Options {
  W2Method method = W2Method::automatic;
  GroundCost cost = GroundCost::euclidean;  // geodesic: points are unit vectors
  double rtol = 1e-6;                       // of (upper - lower)/upper
  int threads = 0;
  const PairPasses* passes = nullptr;  // over all pairs, where they run; null: on the CPU
  std::uint64_t seed = 1;              // of the directions of sliced
  double time_limit = std::numeric_limits<double>::infinity();  // seconds
  Sampled sampled = Sampled::both;
  bool divergence = false;       // sinkhorn: also its debiased divergence
  bool antipodal = false;        // to the uniform law: of the antipodal symmetrisation
  std::vector<double> psi = {};  // a start: of a nearby problem; may be empty
};

struct W2Result {
  double w2 = 0;  // of line and circle as computed, otherwise the middle of the bracket
  double lower = 0;
  double upper = 0;
  W2Method method = W2Method::automatic;  // the one that was used, never automatic
  std::string reason;                     // why, where it was chosen
  bool converged = false;                 // (upper - lower) <= rtol upper
  std::uint64_t iterations = 0;
  double seconds = 0;
  /// Standard error of W2 as an estimate of the distance of the laws that the sampled clouds were
  /// drawn from, by the potentials of the method (see sampling_error.hpp) or, where it has none, by
  /// those of normal laws with the same moments. Empty where these take too long, and where the
  /// clouds tell no variance, since a few points carry it.
  std::optional<double> sampling_error;
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

/// Between a measure on the circle, angles (d = 1) or points of the plane, and the uniform law.
W2Result compute_w2_to_uniform(const DiscreteMeasure& a, const W2Options& options);

}  // namespace mckean
