// Random directions, shared by the laws of samples, of particles and of teachers.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "host/data/interruptible.hpp"
#include "mckean/formula/philox.hpp"

namespace mckean {

/// d independent N(0, 1) values of (seed, purpose, step, index), to out[0..d).
inline void draw_normals(std::uint64_t seed, Purpose purpose, std::uint64_t step,
                         std::uint64_t index, std::size_t d, double* out) {
  for (std::size_t k = 0; k < d; k += 2) {
    if (k % values_between_checks == 0) check_interruption();
    const RandomPair pair = normal_pair(seed, purpose, step, index, k / 2);
    out[k] = pair.first;
    if (k + 1 < d) out[k + 1] = pair.second;
  }
}

/// A point of U(S^{d-1}): normalised normals; for d = 1 a sign.
inline void draw_direction(std::uint64_t seed, Purpose purpose, std::uint64_t step,
                           std::uint64_t index, std::size_t d, double* out) {
  draw_normals(seed, purpose, step, index, d, out);
  double square = 0;
  for (std::size_t k = 0; k < d; ++k) square += out[k] * out[k];
  const double norm = std::sqrt(square);
  for (std::size_t k = 0; k < d; ++k) out[k] /= norm;
}

}  // namespace mckean
