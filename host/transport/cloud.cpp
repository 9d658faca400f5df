// The clouds that particles make.
#include "mckean/cloud.hpp"

#include <cmath>
#include <string>

#include "host/data/interruptible.hpp"
#include "mckean/error.hpp"
#include "mckean/formula/batch.hpp"

namespace mckean {

Cloud inner_weights(const ParticleArray& particles) {
  check_shape(particles, "inner weights");
  Matrix rows = make_matrix(particles.m, particles.d);
  for (std::size_t k = 0; k < particles.d; ++k) {
    const HostView<const double> b = particles.view().b(k);
    for_each_range(particles.m, [&](std::size_t begin, std::size_t end) {
      for (std::size_t j = begin; j < end; ++j) rows(j, k) = b[j];
    });
  }
  return rows;
}

Cloud angles(const ParticleArray& particles) {
  check_shape(particles, "angles");
  if (particles.d != 2) {
    throw InputError("angles: b is in dimension " + std::to_string(particles.d) +
                     ": only points of the plane have one");
  }
  Matrix theta = make_matrix(particles.m, 1);
  const HostView<const double> x = particles.view().b(0), y = particles.view().b(1);
  for_each_range(particles.m, [&](std::size_t begin, std::size_t end) {
    for (std::size_t j = begin; j < end; ++j) theta.values[j] = std::atan2(y[j], x[j]);
  });
  return theta;
}

ParticleArray subsample(const ParticleArray& particles, std::size_t count, std::uint64_t seed) {
  check_shape(particles, "subsample");
  if (count >= particles.m) return particles;
  std::vector<std::size_t> drawn = make_filled(count, std::size_t{0});
  for_each_range(count, [&](std::size_t begin, std::size_t end) {
    for (std::size_t j = begin; j < end; ++j)
      drawn[j] = permute(j, particles.m, seed, subset_epoch);
  });
  ParticleArray picked = make_particles(count, particles.d);
  for (std::size_t k = 0; k <= particles.d; ++k) {
    for_each_range(count, [&](std::size_t begin, std::size_t end) {
      for (std::size_t j = begin; j < end; ++j)
        picked.values[k * count + j] = particles.values[k * particles.m + drawn[j]];
    });
  }
  return picked;
}

}  // namespace mckean
