// Optimal transport between two clouds by push and relabel on the complete bipartite graph, of
// which only the arcs that matter at the prices at hand are ever written down.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "host/transport/discrete_measure.hpp"
#include "host/transport/mass_units.hpp"
#include "kernels/cpu/nearest_targets.hpp"
#include "mckean/ground_cost.hpp"

namespace mckean {

/// Cost scaling by push and relabel (Goldberg and Tarjan, Math. Oper. Res. 15, 1990; Goldberg and
/// Kennedy, Math. Program. 71, 1995). With prices p of sinks and values u of sources, a flow is
/// epsilon-optimal where every pair has c + p - u >= -epsilon, and every one with flow <= epsilon;
/// its cost then exceeds the least one by no more than 2 epsilon times the mass.
///
/// Costs, prices and epsilon are multiples of one power of two, the grain, small enough for sums of
/// them to be exact: with rounding, flow may run in circles at prices that tie.
///
/// A source knows its nearest sinks at some earlier prices. Since prices only rise, all others stay
/// above the farthest of these, its horizon; only when its value gets there are all sinks looked at
/// again.
class PushRelabel {
 public:
  /// The measures must outlive the solver; units are those of their masses.
  PushRelabel(const DiscreteMeasure& sources, const DiscreteMeasure& sinks, const MassUnits& units,
              GroundCost cost);

  /// Starts over from these prices, keeping flows that still fit.
  void set_prices(const std::vector<double>& prices);
  /// Makes the flow an epsilon-optimal transport; false where `stop` said so on the way.
  bool refine(double epsilon, const std::function<bool()>& stop);

  const std::vector<double>& prices() const { return price_; }
  /// use(source, sink, mass, cost) of all pairs with flow.
  template <class Use>
  void for_each_flow(const Use& use) const {
    for (std::uint32_t i = 0; i < arcs_.size(); ++i) {
      for (const Arc& arc : arcs_[i]) {
        if (arc.flow > 0) use(i, arc.sink, arc.flow, arc.cost);
      }
    }
  }

 private:
  struct Arc {
    Mass flow;
    double cost;
    std::uint32_t sink;
  };
  struct Node {
    std::uint32_t index;
    bool is_sink;
  };
  void look_around(std::uint32_t i);
  double least_reach(std::uint32_t i);
  void restore_conditions();
  void discharge_source(std::uint32_t i);
  void discharge_sink(std::uint32_t j);
  void evict(std::uint32_t j, std::uint32_t keep);
  void update_prices();
  void raise(std::uint32_t j, double price);
  void send(std::uint32_t i, Arc& arc, Mass mass);
  Arc& arc_between(std::uint32_t i, std::uint32_t j);
  void activate_source(std::uint32_t i);
  void activate_sink(std::uint32_t j);

  double to_grains(double x) const;

  GroundCost cost_;
  Points<Space::host> sources_, sinks_;
  double grain_;
  cpu::NearestTargets nearest_;
  std::size_t kept_;
  std::vector<Mass> supply_, demand_;
  std::vector<std::vector<Arc>> arcs_;
  std::vector<std::vector<std::uint32_t>> senders_;  // of each sink, also some that stopped
  std::vector<double> horizon_;                      // no other sink of a source is nearer
  std::vector<double> value_, price_;
  std::vector<Mass> at_source_, at_sink_;  // not yet sent; received beyond the demand
  std::vector<Node> queue_;
  std::size_t queue_begin_ = 0;
  std::vector<bool> queued_source_, queued_sink_;
  std::vector<double> found_value_;
  std::vector<std::uint32_t> found_index_;
  std::vector<Arc> scratch_;
  double epsilon_ = 0;
  std::uint64_t work_ = 0;
};

}  // namespace mckean
