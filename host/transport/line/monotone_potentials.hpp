// Variances of the Kantorovich potentials of a monotone coupling.
#pragma once

#include <algorithm>
#include <cstddef>

#include "host/transport/bounds/sampling_error.hpp"
#include "host/transport/line/quantiles.hpp"

namespace mckean {

/// Takes the pieces of a monotone coupling in their order. u_i - p_j = c_ij holds on each piece, so
/// that every step to the next atom tells its potential; only their variances are kept.
class MonotonePotentials {
 public:
  /// A piece of atoms i and j with cost(i, j) and this mass.
  template <class Cost>
  void visit(std::size_t i, std::size_t j, double mass, const Cost& cost) {
    if (mass_ > 0) {
      if (i != i_) u_ += cost(i, j_) - cost(i_, j_);
      if (j != j_) p_ = u_ - cost(i, j);
    } else {
      u_ = cost(i, j);
    }
    i_ = i;
    j_ = j;
    mass_ += mass;
    of_u_.add(u_, mass);
    of_p_.add(p_, mass);
  }

  /// With the sums of the squared masses of the steps, the total being 1.
  MeanVariance variance_of_u(double squared_masses) const { return of_u_.variance(squared_masses); }
  MeanVariance variance_of_p(double squared_masses) const { return of_p_.variance(squared_masses); }

 private:
  /// Mean and sums of powers about it, updated (Pebay, Sandia report SAND2008-6212).
  struct Moments {
    double mass = 0;
    double mean = 0;
    double squares = 0;
    double cubes = 0;
    double fourths = 0;

    void add(double value, double more) {
      const double before = mass;
      mass += more;
      const double share = more / mass;
      const double step = share * (value - mean);
      const double square = step * (value - mean) * before;  // more than was in `squares`
      const double stay = (before - more) / mass;
      fourths += square * (value - mean) * (value - mean) * (1 - 3 * share * (1 - share)) +
                 6 * step * step * squares - 4 * step * cubes;
      cubes += square * (value - mean) * stay - 3 * step * squares;
      squares += square;
      mean += step;
    }
    MeanVariance variance(double squared_masses) const {
      if (!(mass > 0)) return {};
      return mean_variance(squares / mass, std::max(0., fourths / mass), squared_masses);
    }
  };

  std::size_t i_ = 0, j_ = 0;
  double u_ = 0, p_ = 0;
  double mass_ = 0;
  Moments of_u_, of_p_;
};

/// sum_j of the squared masses of the steps, the total being 1.
inline double squared_masses(const QuantileSteps& steps) {
  const auto total = static_cast<double>(steps.total());
  double sum = 0;
  for (std::size_t j = 0; j < steps.size(); ++j) {
    if (j % pieces_between_checks == 0) check_interruption();
    const double mass = static_cast<double>(steps.end[j] - steps.begin(j)) / total;
    sum += mass * mass;
  }
  return sum;
}

}  // namespace mckean
