// For each point the atoms of least cost plus potential, found by a pass over all pairs.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "host/transport/deadline.hpp"
#include "host/transport/pair_passes.hpp"

namespace mckean {

/// For each of n points its k nearest atoms at the potential p of the last search, in no order. 12
/// k bytes a point.
class NearAtoms {
 public:
  /// From points to atoms; k is cut to the number of atoms. The measures and `passes`, by which
  /// all searches run, must outlive this. `threads` as for CpuBackend.
  NearAtoms(const Pairs& pairs, std::size_t k, const PairPasses& passes, int threads);

  /// One pass over all pairs. The lists, and for each point u_i = min_j c_ij + p_j over all atoms,
  /// are those of this potential from here on. False where the deadline comes first: there are no
  /// lists then.
  bool search(const std::vector<double>& potential, const Deadline& deadline);
  /// Whether the last search came to its end.
  bool has_lists() const { return has_lists_; }

  const Pairs& pairs() const { return pairs_; }
  std::size_t size() const { return pairs_.from.n; }
  std::size_t k() const { return k_; }
  const double* costs(std::size_t i) const { return cost_.data() + i * k_; }
  const std::uint32_t* atoms(std::size_t i) const { return atom_.data() + i * k_; }
  const std::vector<double>& values() const { return u_; }

  /// The part of the points whose lists may not hold at this potential: those of a list have moved
  /// apart, since the search, by more than half of what its last atom cost more than its best.
  double outdated_share(const std::vector<double>& potential) const;

  /// How much the second best costs more than the best: the median over the points where it does;
  /// 0 where it does nowhere.
  double typical_slack() const { return typical_slack_; }
  /// How much the last of a list costs more than its best: the median, likewise.
  double typical_spread() const { return typical_spread_; }

 private:
  Pairs pairs_;
  std::size_t k_;
  const PairPasses& passes_;
  std::array<std::shared_ptr<const void>, 2> kept_;
  int threads_;
  std::vector<double> cost_;
  std::vector<std::uint32_t> atom_;
  std::vector<double> u_;
  std::vector<double> searched_;  // the potential of the last search
  bool has_lists_ = false;
  double typical_slack_ = 0;
  double typical_spread_ = 0;
};

}  // namespace mckean
