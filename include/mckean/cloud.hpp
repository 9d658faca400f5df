// Weighted clouds of points, and those that particles make.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "mckean/matrix.hpp"
#include "mckean/particle_array.hpp"

namespace mckean {

/// sum_i weights_i delta_{x_i}. What is said of the members is checked where a distance is computed
/// (InputError).
struct Cloud {
  Matrix points;                // n x d, 1 <= n <= 2^31, coordinates below 1e150
  std::vector<double> weights;  // n, not negative, of sum 1 within 1e-6; empty: 1/n each
  std::string name;             // in messages; may be empty

  Cloud() = default;
  Cloud(Matrix rows, std::vector<double> masses = {}, std::string called = {})
      : points(std::move(rows)), weights(std::move(masses)), name(std::move(called)) {}
  /// The rows (a, b) of particles. InputError where these are not m (1 + d) values.
  Cloud(const ParticleArray& particles) {
    check_shape(particles, "cloud");
    points = to_rows(particles.view());
  }
};

// Of the functions below, each throws InputError where `particles` are not m (1 + d) values and
// Interrupted where that was asked for.

/// b of particles, m x d.
Cloud inner_weights(const ParticleArray& particles);

/// The angles of b in (-pi, pi], m x 1. InputError unless d = 2.
Cloud angles(const ParticleArray& particles);

/// `count` of the particles, drawn without replacement: a pure function of its arguments; all of
/// them, as they are, where there are no more.
ParticleArray subsample(const ParticleArray& particles, std::size_t count, std::uint64_t seed);

}  // namespace mckean
