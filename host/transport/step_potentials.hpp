// The potentials of a monotone coupling, which the order of its pieces tells.
#pragma once

#include <cstddef>

#include "host/transport/quantiles.hpp"

namespace mckean {

/// Takes the pieces of a monotone coupling in their order. u_i - p_j = c_ij holds on each piece, so
/// that every step to the next atom tells its potential; only their variances are kept.
class StepPotentials {
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
    of_u_.add(u_, mass, mass_);
    of_p_.add(p_, mass, mass_);
  }

  double variance_of_u() const { return mass_ > 0 ? of_u_.squares / mass_ : 0; }
  double variance_of_p() const { return mass_ > 0 ? of_p_.squares / mass_ : 0; }

 private:
  /// Mean and sum of squares about it, updated (West, Commun. ACM 22, 1979).
  struct Moments {
    double mean = 0;
    double squares = 0;

    void add(double value, double mass, double total) {
      const double difference = value - mean;
      mean += mass / total * difference;
      squares += mass * difference * (value - mean);
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
    const double mass = static_cast<double>(steps.end[j] - steps.begin(j)) / total;
    sum += mass * mass;
  }
  return sum;
}

}  // namespace mckean
