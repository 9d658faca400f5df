// Neurons (a, b) as mass |a||b| at b/|b|.
#include "mckean/homogeneous.hpp"

#include <cmath>
#include <utility>
#include <vector>

#include "host/data/interruptible.hpp"
#include "mckean/error.hpp"
#include "mckean/formula/compensated_sum.hpp"

namespace mckean {
namespace {

SignedPart part_of(const Matrix& particles, double sign, const std::string& name) {
  const std::size_t d = particles.cols - 1;
  std::vector<double> rows;
  std::vector<double> weights;
  SignedPart part;
  for (std::size_t j = 0; j < particles.rows; ++j) {
    check_interruption();
    double norm = 0;
    for (std::size_t k = 0; k < d; ++k) norm = std::hypot(norm, particles(j, 1 + k));
    const double mass = sign * particles(j, 0) * norm;
    if (mass == 0 && particles(j, 0) != 0 && norm > 0)
      throw InputError(name + ": the masses |a||b| underflow: scale the particles up");
    if (!(mass > 0)) continue;
    weights.push_back(mass);
    for (std::size_t k = 0; k < d; ++k) rows.push_back(particles(j, 1 + k) / norm);
  }
  // In an order of their own, so that the order of the particles does not show.
  std::vector<double> sorted = weights;
  sort_in_parts(sorted.begin(), sorted.end());
  part.mass = compensated_sum(sorted);
  if (!std::isfinite(part.mass))
    throw InputError(name + ": the masses |a||b| overflow: scale the particles down");
  if (weights.empty()) return part;
  for (double& weight : weights) weight /= part.mass;
  Matrix matrix(0, d);
  matrix.rows = weights.size();
  matrix.values = std::move(rows);
  part.cloud = Cloud(std::move(matrix), std::move(weights), name);
  part.mass /= static_cast<double>(particles.rows);
  return part;
}

}  // namespace

SignedMeasure homogeneous_measure(const Matrix& particles, const std::string& name) {
  if (particles.cols < 2) {
    throw InputError(name + ": is " + shape(particles) +
                     ", and particles (a, b) are m x (1 + d): give at least 2 columns");
  }
  return {part_of(particles, 1, name), part_of(particles, -1, name)};
}

}  // namespace mckean
