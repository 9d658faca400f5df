// Particles that live on the host and own their memory.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "mckean/matrix.hpp"
#include "mckean/particles.hpp"

namespace mckean {

/// m particles (a_j, b_j) in R x R^d, in the planes of `Particles`: a first, then each component of
/// b.
struct ParticleArray {
  std::size_t m = 0;
  std::size_t d = 0;
  std::vector<double> values;  // (1 + d) * m

  ParticleArray() = default;
  /// m particles at the origin.
  ParticleArray(std::size_t m, std::size_t d);

  Particles<double, Space::host> view();
  Particles<const double, Space::host> view() const;
};

/// The same, where they may be many: Interrupted where that was asked for, std::bad_alloc where
/// they are beyond all memory.
ParticleArray make_particles(std::size_t m, std::size_t d);

/// InputError that begins with `name` where the number of values is not m (1 + d).
void check_shape(const ParticleArray& particles, const std::string& name);

/// Particles from m x (1 + d) rows (a, b_1, ..., b_d). InputError where there are no rows, fewer
/// than 2 columns or another number of values; Interrupted where that was asked for.
ParticleArray from_rows(const Matrix& rows);

/// The m x (1 + d) rows (a, b_1, ..., b_d) of the particles, as they are kept on disk.
Matrix to_rows(Particles<const double, Space::host> particles);

}  // namespace mckean
