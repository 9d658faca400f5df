// W2 by cost scaling on the complete bipartite graph, without the matrix of costs.
#pragma once

#include "host/transport/certificate/transport_bracket.hpp"
#include "host/transport/deadline.hpp"
#include "host/transport/discrete_measure.hpp"
#include "host/transport/pair_passes.hpp"
#include "mckean/formula/ground_cost.hpp"

namespace mckean {

struct ExactOptions {
  GroundCost cost = GroundCost::euclidean;
  double rtol = 1e-9;  // of the gap at which the work may stop
  int threads = 0;
  const PairPasses* passes = nullptr;  // over all pairs, where they run; null: on the CPU
  bool with_plan = false;
  Deadline deadline = {};
  std::vector<double> psi = {};  // of a nearby problem, a start; may be empty
};

/// W2 between two weighted clouds of the same dimension by cost scaling: push and relabel on the
/// complete bipartite graph for smaller and smaller epsilons (see PushRelabel), and a pass over all
/// pairs, of n m d steps, that proves a lower bound. Prices start from those of a sample of the
/// clouds, solved in the same way. Memory is O(n + m). It ends soon after the deadline, with the
/// best that is proved by then: `lower` may be 0, with u and p that prove no more, and `upper` is
/// infinite where no transport was complete.
TransportBracket solve_exact(const DiscreteMeasure& a, const DiscreteMeasure& b,
                             const ExactOptions& options);

}  // namespace mckean
