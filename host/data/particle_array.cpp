// Conversion between planes of particles and rows of a file.
#include "mckean/particle_array.hpp"

#include <string>

#include "host/data/interruptible.hpp"
#include "mckean/error.hpp"

namespace mckean {

ParticleArray::ParticleArray(std::size_t particles, std::size_t dim)
    : m(particles), d(dim), values((1 + dim) * particles) {}

Particles<double, Space::host> ParticleArray::view() {
  return {{values.data(), values.size()}, m, d};
}

Particles<const double, Space::host> ParticleArray::view() const {
  return {{values.data(), values.size()}, m, d};
}

ParticleArray make_particles(std::size_t m, std::size_t d) {
  ParticleArray particles;
  particles.m = m;
  particles.d = d;
  particles.values = make_zeros(count_of(m, 1 + d));
  return particles;
}

void check_shape(const ParticleArray& particles, const std::string& name) {
  const std::size_t planes = 1 + particles.d, count = particles.values.size();
  if (planes == 0 || count % planes != 0 || count / planes != particles.m) {
    throw InputError(name + ": " + std::to_string(count) + " values are not those of " +
                     std::to_string(particles.m) + " particles in dimension " +
                     std::to_string(particles.d) + ": give m (1 + d)");
  }
}

ParticleArray from_rows(const Matrix& rows) {
  if (rows.rows == 0 || rows.cols < 2) {
    throw InputError("particles: the array is " + std::to_string(rows.rows) + " x " +
                     std::to_string(rows.cols) +
                     "; give m >= 1 rows of 1 + d >= 2 columns, a first and then b");
  }
  check_shape(rows, "particles");
  ParticleArray particles = make_particles(rows.rows, rows.cols - 1);
  for (std::size_t k = 0; k < rows.cols; ++k) {
    for_each_range(rows.rows, [&](std::size_t begin, std::size_t end) {
      for (std::size_t j = begin; j < end; ++j) particles.values[k * rows.rows + j] = rows(j, k);
    });
  }
  return particles;
}

Matrix to_rows(Particles<const double, Space::host> particles) {
  Matrix rows(particles.m, 1 + particles.d);
  for (std::size_t k = 0; k < rows.cols; ++k) {
    for (std::size_t j = 0; j < rows.rows; ++j) {
      rows(j, k) = particles.values[k * rows.rows + j];
    }
  }
  return rows;
}

}  // namespace mckean
