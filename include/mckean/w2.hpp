// W2 between weighted clouds of points: the true distance (the root) with a proved bracket.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "mckean/formula/ground_cost.hpp"
#include "mckean/matrix.hpp"
#include "mckean/particle_array.hpp"
#include "mckean/w2_method.hpp"

namespace mckean {

class Flow;

/// sum_i weights_i delta_{x_i}.
struct Cloud {
  Matrix points;                // n x d, n at most 2^31, coordinates below 1e150
  std::vector<double> weights;  // n, not negative, of sum 1 within 1e-6; empty: 1/n each

  Cloud() = default;
  Cloud(Matrix rows, std::vector<double> masses = {})
      : points(std::move(rows)), weights(std::move(masses)) {}
  /// The rows (a, b) of particles.
  Cloud(const ParticleArray& particles) {
    check_shape(particles, "cloud");
    points = to_rows(particles.view());
  }
};

struct DistanceOptions {
  W2Method method = W2Method::automatic;
  GroundCost cost = GroundCost::euclidean;  // geodesic: points are unit vectors, to 1e-9
  double rtol = 1e-6;                       // of (upper - lower)/upper
  double time_limit = std::numeric_limits<double>::infinity();  // seconds
  int threads = 0;                                              // 0: all
  std::uint64_t seed = 1;                                       // of random directions
};

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
  /// Standard error of `value` as an estimate of the distance of the laws that both clouds were
  /// drawn from (del Barrio and Loubes, 2019); empty where the clouds tell none.
  std::optional<double> sampling_error;
};

/// Between two clouds of the same dimension. A bracket that is not as narrow as rtol is returned as
/// it is, not converged. InputError where the clouds or the method do not fit: line needs d = 1,
/// circle angles (d = 1) or unit vectors of the plane.
Distance distance(const Cloud& a, const Cloud& b, const DistanceOptions& options = {});
/// The same between the particles (a, b) of a flow and a cloud in R^(1 + d), passes over all pairs
/// on the device of the flow.
Distance distance(const Flow& flow, const Cloud& target, const DistanceOptions& options = {});
/// Between a measure on the circle, angles (d = 1) or points of the plane, and the uniform law.
Distance distance_to_uniform_circle(const Cloud& a, const DistanceOptions& options = {});

}  // namespace mckean
