// Distances of the projections of two clouds on lines, and the bounds they prove.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "host/transport/deadline.hpp"
#include "host/transport/discrete_measure.hpp"

namespace mckean {

/// `count` directions of R^d, one after the other.
struct Directions {
  std::size_t count = 0;
  std::size_t d = 0;
  std::vector<double> values;  // count * d

  std::span<const double> operator[](std::size_t k) const { return {values.data() + k * d, d}; }
};

/// Two clouds of the same dimension, looked at along directions, for the euclidean cost. Results do
/// not depend on the number of threads (0: all). Keeps references to the clouds.
class Projections {
 public:
  /// InputError where a cloud is empty, the dimensions differ or a coordinate is not finite. What
  /// follows throws OutOfTime where the deadline comes first.
  Projections(const DiscreteMeasure& a, const DiscreteMeasure& b, int threads,
              const Deadline& deadline = {});

  /// W2^2 between the images of a and b under x -> x . direction, exact but for rounding, for each
  /// direction.
  std::vector<double> squares(const Directions& directions) const;

  /// A proved lower bound of W2^2 in R^d from computed squares along nearly orthonormal directions:
  /// for exactly orthonormal ones, |x - y|^2 >= sum_k ((x - y) . q_k)^2 gives W2^2 >= sum_k
  /// squares_k. All roundings, those of the squares and of the directions included, are subtracted.
  double lower_squared(const Directions& frame, std::span<const double> squares) const;

  /// The square along one direction, and half its gradient: the sum of pi (x - y) . q (x - y) over
  /// the optimal coupling pi of the images.
  struct Ascent {
    double square = 0;
    std::vector<double> half_gradient;  // d
  };
  Ascent ascent(std::span<const double> direction) const;

 private:
  std::vector<double> image(const DiscreteMeasure& cloud, std::span<const double> direction,
                            int threads) const;
  double square(std::span<const double> direction, int threads) const;

  const DiscreteMeasure& a_;
  const DiscreteMeasure& b_;
  int threads_;
  Deadline deadline_;
  double radii_ = 0;  // sum of the largest norms of a and of b
};

/// The part of directions from `first` on.
Directions select_directions(const Directions& directions, std::size_t first, std::size_t count);

}  // namespace mckean
