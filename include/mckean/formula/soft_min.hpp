// The minimum and the soft minimum of costs plus potentials that come in parts, and the mean cost.
#pragma once

#include <cmath>

#include "mckean/config.hpp"
#include "mckean/formula/exponential.hpp"

namespace mckean {

/// For epsilon > 0 the least of v_j = c_j + p_j so far and the sums of e_j = exp((least -
/// v_j)/epsilon) and of e_j c_j; for epsilon = 0 the least and its own cost. `inverse` is
/// 1/epsilon.
struct SoftMin {
  static constexpr double beyond = 1e300;  // above every value

  double least = beyond;
  double weight = 0;
  double cost = 0;

  /// Takes `low` as the least where it is below it.
  MCKEAN_HD void lower(double low, double inverse) {
    if (!(low < least)) return;
    const double scale = exponential_of_negative((low - least) * inverse);
    weight *= scale;
    cost *= scale;
    least = low;
  }

  /// Whether values from `low` on are left out, having weights below exp(-50) = 2e-22.
  MCKEAN_HD bool leaves_out(double low, double inverse) const {
    return (low - least) * inverse > 50;
  }

  MCKEAN_HD void merge_soft(const SoftMin& part, double inverse) {
    lower(part.least, inverse);
    const double scale = exponential_of_negative((least - part.least) * inverse);
    weight += scale * part.weight;
    cost += scale * part.cost;
  }

  /// Of equal minima the first one stays.
  MCKEAN_HD void merge_hard(double value, double its_cost) {
    if (!(value < least)) return;
    least = value;
    cost = its_cost;
  }

  MCKEAN_HD double value(double epsilon) const {
    return epsilon > 0 ? least - epsilon * std::log(weight) : least;
  }
  MCKEAN_HD double mean_cost(double epsilon) const { return epsilon > 0 ? cost / weight : cost; }
};

}  // namespace mckean
