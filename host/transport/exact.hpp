// The transport problem itself, without the matrix of its costs.
#pragma once

#include "host/transport/deadline.hpp"
#include "host/transport/discrete_measure.hpp"
#include "host/transport/transport_bracket.hpp"
#include "mckean/ground_cost.hpp"

namespace mckean {

struct ExactOptions {
  GroundCost cost = GroundCost::euclidean;
  double rtol = 1e-9;  // of the gap at which the work may stop
  int threads = 0;
  bool with_plan = false;
  Deadline deadline = {};
  std::vector<double> prices = {};  // p of a nearby problem, a start; may be empty
};

/// W2 between two weighted clouds of the same dimension by column generation: push-relabel over the
/// arcs to the nearest sinks at the prices at hand, a pass over all pairs that proves a lower bound
/// and finds what arcs are missing, and again with a smaller epsilon. Prices start from those of a
/// sample of the clouds, solved in the same way. Memory is O(n + m); a pass takes n m d steps.
TransportBracket solve_exact(const DiscreteMeasure& a, const DiscreteMeasure& b,
                             const ExactOptions& options);

}  // namespace mckean
