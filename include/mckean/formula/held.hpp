// One particle that is held on planes: what its drift loses and where it is put.
#pragma once

#include <cmath>
#include <cstddef>

#include "mckean/view.hpp"

namespace mckean {

/// A particle on `count` planes q_r . b = level_r; rows q_r (d values each) are orthonormal.
/// `level` is null where the planes need no care: their directions alone are held. Otherwise |b| =
/// 1 too. Components of b and v lie `stride` apart.
struct HeldParticle {
  const double* rows;
  const double* level;
  std::size_t count;
  std::size_t d;
  std::size_t stride;

  /// v <- v less its parts along the rows, and with `level` along what they leave of b.
  MCKEAN_HD void take_out(const double* b, double* v) const {
    for (std::size_t r = 0; r < count; ++r) add(r, -product(r, v), v);
    if (level == nullptr) return;
    double square = 0;
    double along = 0;
    for (std::size_t k = 0; k < d; ++k) {
      square += b[k * stride] * b[k * stride];
      along += b[k * stride] * v[k * stride];
    }
    for (std::size_t r = 0; r < count; ++r) square -= product(r, b) * product(r, b);
    // Nothing is left of b where the planes touch the sphere or fill the space: no way to move.
    const double factor = square > 0 ? along / square : 0;
    for (std::size_t k = 0; k < d; ++k) v[k * stride] -= factor * b[k * stride];
    for (std::size_t r = 0; r < count; ++r) add(r, factor * product(r, b), v);
  }

  /// b <- the nearest point of the planes on the sphere.
  MCKEAN_HD void place(double* b) const {
    double left = 1;
    for (std::size_t r = 0; r < count; ++r) {
      add(r, -product(r, b), b);
      left -= level[r] * level[r];
    }
    double square = 0;
    for (std::size_t k = 0; k < d; ++k) square += b[k * stride] * b[k * stride];
    const double scale = left > 0 && square > 0 ? std::sqrt(left / square) : 0;
    for (std::size_t k = 0; k < d; ++k) b[k * stride] *= scale;
    for (std::size_t r = 0; r < count; ++r) add(r, level[r], b);
  }

 private:
  MCKEAN_HD double product(std::size_t r, const double* x) const {
    double sum = 0;
    for (std::size_t k = 0; k < d; ++k) sum += rows[r * d + k] * x[k * stride];
    return sum;
  }
  MCKEAN_HD void add(std::size_t r, double factor, double* x) const {
    for (std::size_t k = 0; k < d; ++k) x[k * stride] += factor * rows[r * d + k];
  }
};

}  // namespace mckean
