// The direction b of one particle as a vector.
#pragma once

#include <Eigen/Core>
#include <cstddef>

#include "mckean/particles.hpp"

namespace mckean {

inline Eigen::VectorXd b_of(Particles<const double, Space::host> w, std::size_t j) {
  Eigen::VectorXd b(static_cast<Eigen::Index>(w.d));
  for (std::size_t k = 0; k < w.d; ++k) b[static_cast<Eigen::Index>(k)] = w.b(k)[j];
  return b;
}

inline void move_b(Particles<double, Space::host> w, std::size_t j, const Eigen::VectorXd& by) {
  for (std::size_t k = 0; k < w.d; ++k) w.b(k)[j] += by[static_cast<Eigen::Index>(k)];
}

}  // namespace mckean
