// A first potential of the atoms by Sinkhorn's iteration on a sample of the points.
#pragma once

#include <vector>

#include "host/transport/deadline.hpp"
#include "host/transport/discrete_measure.hpp"
#include "host/transport/pair_passes.hpp"
#include "mckean/formula/ground_cost.hpp"

namespace mckean {

/// `count` points of equal weights, one at random in each of as many pieces of equal mass of the
/// measure in its order; the same ones at each call. A point with more than 1/count of the mass is
/// in it several times.
DiscreteMeasure stratified_sample(const DiscreteMeasure& measure, std::size_t count);

struct CoarsePotential {
  std::vector<double> potential;
  double epsilon;  // of the soft minimum that it is for; 0 where all costs are 0
};

/// A few rounds of Sinkhorn's iteration (Cuturi, NeurIPS 2013; in the form of Peyre and Cuturi,
/// Computational Optimal Transport, 2019, section 4.4) between the points and the atoms for each
/// of a few decreasing epsilons, from a tenth of the mean cost on, as far as the deadline lets
/// them. Each atom's soft mass is positive after it.
CoarsePotential coarse_potential(GroundCost cost, const DiscreteMeasure& points,
                                 const DiscreteMeasure& atoms, const PairPasses& passes,
                                 const Deadline& deadline);

}  // namespace mckean
