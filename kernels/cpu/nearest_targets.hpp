// The targets of least cost plus potential: candidate arcs of a transport problem.
#pragma once

#include <cstdint>

#include "mckean/ground_cost.hpp"
#include "mckean/points.hpp"

namespace mckean::cpu {

/// For each source the k least of c(x_i, y_j) + p_j in no order, k <= targets.n: value and index
/// are sources.n x k. The first of each row is the largest of the k. The same for any number of
/// threads.
void nearest_targets(GroundCost cost, const Points<Space::host>& sources,
                     const Points<Space::host>& targets, HostView<const double> potential,
                     std::size_t k, int threads, HostView<double> value,
                     HostView<std::uint32_t> index);

}  // namespace mckean::cpu
