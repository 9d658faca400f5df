// Entropic transport whose answer is a bracket of the unregularised distance.
#pragma once

#include <limits>
#include <optional>
#include <vector>

#include "host/transport/certificate/transport_bracket.hpp"
#include "host/transport/deadline.hpp"
#include "host/transport/discrete_measure.hpp"
#include "host/transport/pair_passes.hpp"
#include "mckean/formula/ground_cost.hpp"

namespace mckean {

struct SinkhornOptions {
  GroundCost cost = GroundCost::euclidean;
  double rtol = 1e-2;  // of the gap at which the work may stop
  int threads = 0;
  const PairPasses* passes = nullptr;  // over all pairs, where they run; null: on the CPU
  Deadline deadline = {};
  std::vector<double> psi = {};  // of a nearby problem, a start; may be empty
  bool divergence = false;       // also the debiased one
};

/// A transport of n x m entries that O(n + m) numbers tell: from point i of a to point j of b goes
/// a_i b_j exp((row_i + column_j - c_ij)/epsilon), and beside it missing_a_i missing_b_j/missing.
struct RoundedPlan {
  double epsilon = 0;  // 0: no such plan, since all costs are 0
  std::vector<double> row, column;
  std::vector<double> missing_a, missing_b;  // what the first part leaves of the marginals
  double missing = 0;                        // the sum of either
};

struct SinkhornResult : TransportBracket {
  double epsilon = 0;   // the last one, in units of the cost
  RoundedPlan rounded;  // proves the upper end
  /// OT_eps(a, b) - OT_eps(a, a)/2 - OT_eps(b, b)/2 (Feydy et al., AISTATS 2019), in units of the
  /// cost: not a bound of anything. Empty where an iteration of its own did not converge.
  std::optional<double> divergence;
};

/// Sinkhorn's iteration in the log domain (Cuturi, NeurIPS 2013; Schmitzer, SIAM J. Sci. Comput.
/// 41, 2019), epsilon falling from the size of the costs. Below: the dual certificate of its
/// psi after a hard c-transform. Above: its plan rounded to the exact marginals (Altschuler, Weed
/// and Rigollet, NeurIPS 2017), whose cost needs no matrix to be written down. Memory is O(n + m),
/// a pass takes n m d steps. It stops at rtol, at the deadline, or where epsilon reaches rounding.
/// A deadline that leaves no time for a pass may leave the trivial bracket, without potentials.
SinkhornResult solve_sinkhorn(const DiscreteMeasure& a, const DiscreteMeasure& b,
                              const SinkhornOptions& options);

}  // namespace mckean
