// W2 from many points to fewer atoms.
#pragma once

#include "host/transport/certificate/transport_bracket.hpp"
#include "host/transport/deadline.hpp"
#include "host/transport/discrete_measure.hpp"
#include "host/transport/pair_passes.hpp"
#include "mckean/formula/ground_cost.hpp"

namespace mckean {

// The potential of the atoms is p = -psi, of the sign that Kitagawa, Merigot and Thibert have (J.
// Eur. Math. Soc. 21, 2019): a point is in the Laguerre cell of the atom of least cost plus
// potential.

struct SemidiscreteOptions {
  GroundCost cost = GroundCost::euclidean;
  double rtol = 1e-6;  // of the gap at which the work may stop
  int threads = 0;
  const PairPasses* passes = nullptr;  // over all pairs, where they run; null: on the CPU
  Deadline deadline = {};
  bool with_plan = false;
  /// A start: psi of an earlier result, or of a nearby problem. May be empty.
  std::vector<double> psi = {};
};

/// W2 between two weighted clouds of the same dimension, the smaller one of M <= m points being the
/// atoms: Newton's method for the potential of the atoms on samples of the points and then on all,
/// with minima made less and less smooth, and a repair of the cells' masses by an exact transport
/// of the points near the cells' boundaries. Potential and plan are then certified by a pass over
/// all pairs; where the gap is still too large more points are repaired. It ends at the latest when
/// several repairs in a row gain nothing or at the deadline, which, where it leaves no time for a
/// pass, may leave the trivial bracket without potentials or plan.
///
/// Memory: 330 bytes a point beside the clouds, and what the sparse Laplacian of the cells' graph
/// and its factor take (some kB an atom where d is small). A pass takes m M d steps, and
/// there are about five. Best where m is many times M and clouds have more than one dimension;
/// otherwise solve_exact is (on a line, with many atoms, potentials differ by far more than the
/// slack of points, and convergence is slow). The plan's masses are whole units (see
/// IntegerMasses), and `upper` holds for the weights; iterations counts Newton steps and repairs.
TransportBracket solve_semidiscrete(const DiscreteMeasure& a, const DiscreteMeasure& b,
                                    const SemidiscreteOptions& options);

}  // namespace mckean
