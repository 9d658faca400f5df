// A lower and an upper bound of W2, each with its proof: potentials and a plan.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace mckean {

/// Mass `mass` goes from point `from` of the first measure to point `to` of the second.
struct PlanEntry {
  std::uint32_t from;
  std::uint32_t to;
  double mass;
};

/// lower <= W2 <= upper. The Kantorovich potentials phi and psi (where they are given) prove the
/// lower end: phi_i + psi_j <= c_ij for all pairs, and lower^2 = sum a_i phi_i + sum b_j psi_j less
/// a bound of its rounding. `plan` (where it is given) proves the upper end.
struct TransportBracket {
  double lower = 0;
  double upper = std::numeric_limits<double>::infinity();
  std::uint64_t iterations = 0;
  std::vector<double> phi, psi;
  std::vector<PlanEntry> plan;

  /// (upper - lower)/upper; 0 where both are 0.
  double gap() const {
    if (upper == 0) return 0;
    return std::isfinite(upper) ? std::max(0., (upper - lower) / upper) : 1;
  }
  /// The same proofs for the measures in the other order.
  void swap_sides() {
    std::swap(phi, psi);
    for (PlanEntry& entry : plan) std::swap(entry.from, entry.to);
  }
  /// From bounds of W2^2, the roots rounded outwards.
  void set_squares(double lower_squared, double upper_squared) {
    lower = std::sqrt(std::max(0., lower_squared)) * (1 - 0x1p-52);
    upper = std::sqrt(std::max(0., upper_squared)) * (1 + 0x1p-52);
  }
};

/// p = -psi, which is added to costs, from potentials psi and back: the prices of push-relabel and
/// auction methods.
inline std::vector<double> negated(std::vector<double> values) {
  for (double& value : values) value = -value;
  return values;
}

}  // namespace mckean
