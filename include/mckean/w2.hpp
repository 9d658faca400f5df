// W2 between weighted clouds of points: the true distance (the root) with a proved bracket.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "mckean/cloud.hpp"
#include "mckean/formula/ground_cost.hpp"
#include "mckean/w2_method.hpp"

namespace mckean {

class Flow;

/// Checked by the functions below: InputError unless 0 <= rtol < 1 and time_limit > 0.
struct DistanceOptions {
  W2Method method = W2Method::automatic;
  GroundCost cost = GroundCost::euclidean;  // geodesic: points are unit vectors, to 1e-9
  double rtol = 1e-6;                       // of (upper - lower)/upper
  double time_limit = std::numeric_limits<double>::infinity();  // seconds
  int threads = 0;                  // of the CPU; 0: all. Results are the same bits for any number
  std::uint64_t seed = 1;           // of the directions of sliced
  Sampled sampled = Sampled::both;  // for the sampling error
  bool divergence = false;          // sinkhorn: its debiased divergence too
  bool antipodal = false;           // see distance_to_uniform_circle
  /// Where exact, semidiscrete and sinkhorn start: Distance::psi of a nearby problem. Read where
  /// there is one for each point of b. Changes how long the work takes, and the bracket within rtol.
  std::vector<double> psi = {};
};

/// Of the method sliced, in the units of the points; see Distance::sliced.
struct SlicedDistance {
  double sliced = 0;  // root of the mean over directions of the squared distance on the line
  double standard_error = 0;  // of `sliced`; infinite where one set of directions tells none
  double max_sliced = 0;      // the largest distance along one direction that was found
};

/// Distances are in the units of the points, radians for the geodesic cost.
struct Distance {
  double value = 0;  // W2: of line and circle as computed, otherwise the middle of the bracket
  /// lower <= W2 <= upper, rounding included; upper is infinite where time ran out.
  double lower = 0;
  double upper = 0;
  W2Method method = W2Method::automatic;  // the one that was used, never automatic
  std::string reason;                     // why, where it was chosen
  bool converged = false;                 // upper - lower <= rtol upper
  std::uint64_t iterations = 0;
  double seconds = 0;
  /// Standard error of `value` as an estimate of the distance of the laws that the sampled clouds
  /// were drawn from (del Barrio and Loubes, Ann. Probab. 47, 2019), without the bias of empirical
  /// measures; empty where the clouds tell none.
  std::optional<double> sampling_error;
  /// Rabin et al., SSVM 2011; Deshpande et al., CVPR 2019. Of the method sliced alone.
  std::optional<SlicedDistance> sliced;
  /// OT_eps(a, b) - OT_eps(a, a)/2 - OT_eps(b, b)/2 (Feydy et al., AISTATS 2019), squared units, of
  /// sinkhorn where it was asked for; and the last epsilon, of sinkhorn.
  std::optional<double> divergence;
  std::optional<double> epsilon;
  /// Kantorovich potentials of the points of b, squared units, up to a constant: where
  /// DistanceOptions::psi may start the next problem. Empty where the method has none.
  std::vector<double> psi = {};
};

/// Between two clouds of the same dimension, equal ones exactly 0. A bracket that is not as narrow
/// as rtol is returned as it is, not converged. InputError where the options, the clouds or the
/// method do not fit: line needs d = 1 and the euclidean cost, circle angles (d = 1) or unit
/// vectors of the plane at geodesic cost. Interrupted where that was asked for; OutOfTime where a
/// TimeLimit around the call is over.
Distance distance(const Cloud& a, const Cloud& b, const DistanceOptions& options = {});

/// The same with passes over all pairs on the device of a flow, where its particles live; `a` is
/// for example the cloud of a record of that flow. std::logic_error where the flow was moved from,
/// std::runtime_error for a device that fails.
Distance distance(const Flow& flow, const Cloud& a, const Cloud& b,
                  const DistanceOptions& options = {});

/// The same from the particles (a, b) that the flow has now to a cloud in R^(1 + d).
Distance distance(const Flow& flow, const Cloud& target, const DistanceOptions& options = {});

/// Between a measure on the circle, angles (d = 1) or points of the plane, which count by their
/// angle, and the uniform law: atoms of mass w_j in the order of their angles, m_j = w_1 + ... +
/// w_{j-1} + w_j/2 and r_j = theta_j - 2 pi m_j have W2^2 = var_w(r) + sum_j w_j (2 pi w_j)^2/12.
/// With `antipodal` of the measure with half of each mass at theta_j + pi. Of the other options
/// only rtol, time_limit, threads and sampled are read. Errors as above; InputError for a point at
/// 0.
Distance distance_to_uniform_circle(const Cloud& a, const DistanceOptions& options = {});

}  // namespace mckean
