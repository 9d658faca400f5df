// For each point the atoms of least cost plus price, found by a pass over all pairs.
#pragma once

#include <cstdint>
#include <vector>

#include "host/transport/deadline.hpp"
#include "host/transport/discrete_measure.hpp"
#include "mckean/formula/ground_cost.hpp"

namespace mckean {

/// For each of n points its k nearest atoms at the prices p of the last search, in no order. 12 k
/// bytes a point.
class NearAtoms {
 public:
  /// k is cut to the number of atoms. The measures must outlive this.
  NearAtoms(GroundCost cost, const DiscreteMeasure& points, const DiscreteMeasure& atoms,
            std::size_t k, int threads);

  /// One pass over all pairs. The lists, and for each point u_i = min_j c_ij + p_j over all atoms,
  /// are those of these prices from here on. False where the deadline comes first: there are no
  /// lists then.
  bool search(const std::vector<double>& prices, const Deadline& deadline);
  /// Whether the last search came to its end.
  bool has_lists() const { return has_lists_; }

  std::size_t size() const { return points_.n; }
  std::size_t k() const { return k_; }
  const double* costs(std::size_t i) const { return cost_.data() + i * k_; }
  const std::uint32_t* atoms(std::size_t i) const { return atom_.data() + i * k_; }
  const std::vector<double>& values() const { return u_; }

  /// The part of the points whose lists may not hold at these prices: those of a list have moved
  /// apart, since the search, by more than half of what its last atom cost more than its best.
  double outdated_share(const std::vector<double>& prices) const;

  /// How much the second best costs more than the best: the median over the points where it does;
  /// 0 where it does nowhere.
  double typical_slack() const { return typical_slack_; }
  /// How much the last of a list costs more than its best: the median, likewise.
  double typical_spread() const { return typical_spread_; }

 private:
  GroundCost kind_;
  const DiscreteMeasure& points_;
  const DiscreteMeasure& atoms_;
  std::size_t k_;
  int threads_;
  std::vector<double> cost_;
  std::vector<std::uint32_t> atom_;
  std::vector<double> u_;
  std::vector<double> searched_;  // the prices of the last search
  bool has_lists_ = false;
  double typical_slack_ = 0;
  double typical_spread_ = 0;
};

}  // namespace mckean
