// A weighted point cloud.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "mckean/matrix.hpp"
#include "mckean/points.hpp"

namespace mckean {

/// Of double precision: the most that a rounding changes a number by, of itself.
inline constexpr double unit_roundoff = 0x1p-53;

/// sum_i weights_i delta_{x_i}/sum_i weights_i, weights positive and of sum 1 within 1e-6; x_i in
/// R^d as planes.
struct DiscreteMeasure {
  std::size_t n = 0;
  std::size_t d = 0;
  std::vector<double> planes;   // d * n
  std::vector<double> weights;  // n
  bool uniform = true;          // all weights are 1/n
  std::size_t pieces = 0;       // where not 0, weights are whole multiples of 1/pieces
  double off = 0;               // of each weight: this much of it rounding may have changed

  /// How many equal pieces the mass is made of; 0 where the weights tell no such number.
  std::size_t whole_pieces() const { return uniform ? n : pieces; }
  /// |x_i|^2.
  double squared_norm(std::size_t i) const {
    double square = 0;
    for (std::size_t k = 0; k < d; ++k) square += planes[k * n + i] * planes[k * n + i];
    return square;
  }
  Points<Space::host> points() const { return {{planes.data(), planes.size()}, n, d}; }
};

/// Where the points of a measure lie along coordinate k.
struct Extent {
  double low = 0;
  double high = 0;
  bool operator==(const Extent&) const = default;
};
Extent extent(std::span<const double> values);
Extent extent(const DiscreteMeasure& measure, std::size_t k);

/// The uniform measure on the rows of a matrix, or, where `weights` is not empty, the one with
/// these weights (n of them, not negative, of sum 1 within 1e-6; points without mass are left
/// out). At most 2^31 points. InputError begins with `name`.
DiscreteMeasure make_measure(const Matrix& rows, const std::vector<double>& weights,
                             const std::string& name);

/// The weights divided by their sum.
std::vector<double> masses_of(const DiscreteMeasure& measure);

/// Takes the mean under the weights off `values`, one for each point: potentials may have any
/// constant added, and with this one they lose no digits.
void center(const DiscreteMeasure& measure, std::vector<double>& values);

/// The points of a measure that `index` names, with equal weights where it is uniform and scaled
/// ones otherwise.
DiscreteMeasure select_points(const DiscreteMeasure& measure,
                              const std::vector<std::size_t>& index);

}  // namespace mckean
