// Passes over all pairs of points, in parts between which the clock is read.
#pragma once

#include <algorithm>
#include <vector>

#include "host/transport/deadline.hpp"
#include "host/transport/discrete_measure.hpp"
#include "mckean/formula/ground_cost.hpp"

namespace mckean {

/// Points begin..end-1 of a measure.
DiscreteMeasure part_of(const DiscreteMeasure& measure, std::size_t begin, std::size_t end);

/// How many points of `from` a part of a pass takes: a few hundredths of a second of work.
std::size_t points_of_part(const DiscreteMeasure& from, const DiscreteMeasure& to, int threads);

/// Whether that is all of them: such a pass is made whatever the clock says.
inline bool is_one_part(const DiscreteMeasure& from, const DiscreteMeasure& to, int threads) {
  return points_of_part(from, to, threads) >= from.n;
}

/// use(part, begin) for the parts of `from`, `begin` being the place of the first point: one part
/// where there is no deadline. False where the deadline came before the last one; the first one is
/// done in any case. What a point gets does not depend on the parts.
template <class Use>
bool for_each_part(const DiscreteMeasure& from, const DiscreteMeasure& to, int threads,
                   const Deadline& deadline, const Use& use) {
  const std::size_t step = points_of_part(from, to, threads);
  check_interruption();
  if (step >= from.n || !deadline.given()) {
    use(from, std::size_t{0});
    return true;
  }
  for (std::size_t begin = 0; begin < from.n; begin += step) {
    if (begin > 0 && deadline.passed()) return false;
    use(part_of(from, begin, std::min(from.n, begin + step)), begin);
  }
  return true;
}

/// value_i = softmin_j c(x_i, y_j) + p_j and its mean cost, as c_transform of the back ends has
/// them, for the points x of `from` and y of `to`. False where the deadline came first.
bool soft_minimum(GroundCost cost, const DiscreteMeasure& from, const DiscreteMeasure& to,
                  const std::vector<double>& p, double epsilon, int threads,
                  const Deadline& deadline, std::vector<double>& value,
                  std::vector<double>& mean_cost);

/// u_i = min_j c(x_i, y_j) + p_j; empty where the deadline came first.
std::vector<double> hard_minimum(GroundCost cost, const DiscreteMeasure& from,
                                 const DiscreteMeasure& to, const std::vector<double>& p,
                                 int threads, const Deadline& deadline = {});

/// The prices -u of the points of a that prices p of b make best: seen from b, u_i <= c_ij + p_j
/// reads -p_j <= c_ij - u_i. Zeros, which are no worse than others, where the deadline came first.
std::vector<double> opposite_prices(GroundCost cost, const DiscreteMeasure& a,
                                    const DiscreteMeasure& b, const std::vector<double>& p,
                                    int threads, const Deadline& deadline = {});

/// What such a pass takes in seconds, by its first part.
double seconds_of_minimum(GroundCost cost, const DiscreteMeasure& from, const DiscreteMeasure& to,
                          int threads);

}  // namespace mckean
