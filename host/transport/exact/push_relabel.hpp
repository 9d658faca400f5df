// Optimal transport by push and relabel: on the complete bipartite graph of two clouds, of which
// only the arcs that matter at the prices at hand are ever written down, or on arcs that are given.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "host/transport/deadline.hpp"
#include "host/transport/discrete_measure.hpp"
#include "host/transport/exact/integer_masses.hpp"
#include "kernels/cpu/nearest_targets.hpp"
#include "mckean/formula/ground_cost.hpp"

namespace mckean {

/// From a source, in whose list it stands, to a sink.
struct TransportArc {
  double cost;
  Mass flow;
  std::uint32_t sink;
  bool listed = false;  // whether the source is among the senders that the sink knows
};
using TransportArcs = std::vector<std::vector<TransportArc>>;  // of each source

/// Cost scaling by push and relabel (Goldberg and Tarjan, Math. Oper. Res. 15, 1990; Goldberg and
/// Kennedy, Math. Program. 71, 1995). With prices p of sinks and values u of sources, a flow is
/// epsilon-optimal where every pair has c + p - u >= -epsilon, and every one with flow <= epsilon;
/// its cost then exceeds the least one by no more than 2 epsilon times the mass. An arc that
/// carries all that its source has, or all that its sink wants, is full, and c + p - u may be below
/// -epsilon there: the value of a source that sends all to one sink goes up to that of the second
/// best. Sinks then rise by what tells the sources apart and not by epsilon (the double push of
/// Goldberg and Kennedy, and the bids of Bertsekas' auction).
///
/// Costs, prices and epsilon are multiples of one power of two, the grain, small enough for sums of
/// them to be exact: with rounding, flow may run in circles at prices that tie.
///
/// On the complete graph a source knows its nearest sinks at some earlier prices. Since prices only
/// rise, the cost plus price of all others stays above that of the farthest of these (the bound of
/// what is unlisted); only when its value gets there are all sinks searched again. Where arcs are
/// given, they are all there is, and that bound is infinite.
class PushRelabel {
 public:
  /// On all pairs. The measures must outlive the solver; units are those of their masses.
  PushRelabel(const DiscreteMeasure& sources, const DiscreteMeasure& sinks,
              const IntegerMasses& units, GroundCost cost);
  /// On these arcs, no two of one source to the same sink, costs not negative. Supply and demand
  /// have equal sums, the arcs must be able to carry them, and flows may be anything that supply
  /// allows.
  PushRelabel(std::vector<Mass> supply, std::vector<Mass> demand, TransportArcs arcs);

  /// Starts over from these prices, keeping flows that still fit.
  void set_prices(const std::vector<double>& prices);
  /// Makes the flow an epsilon-optimal transport. False where the deadline came before, or where
  /// prices on given arcs ran away, or where it takes more than so many looks at arcs for each
  /// node: the flow is no transport then.
  bool refine(double epsilon, const Deadline& deadline, double most_scans = 1e18);

  /// Raises prices until a complete transport is epsilon-optimal for a smaller epsilon, its flow
  /// as it is (Goldberg, J. Algorithms 22, 1997, "price refinement"). False where it is not optimal
  /// to that, or where it takes more than so many looks at arcs for each node; prices are a start
  /// for `refine` either way.
  bool refine_prices(double epsilon, const Deadline& deadline, double most_scans);

  /// Up to a constant that changes from one refinement to the next.
  const std::vector<double>& prices() const { return price_; }
  const TransportArcs& arcs() const { return arcs_; }
  /// Looks at arcs so far.
  std::uint64_t work() const { return work_; }

 private:
  using Arc = TransportArc;
  struct Node {
    std::uint32_t index;
    bool is_sink;
  };
  struct Sender {
    std::uint32_t source;
    std::uint32_t place;  // of the arc in the source's list when it was looked up last
  };
  struct Choice {
    Arc* best;
    double least;   // c + p of the best sink
    double second;  // and of the second best
  };
  void choose_grain(double epsilon);
  void refresh_arcs(std::uint32_t i, bool without_filled = false);
  void refresh_filled_arcs(std::uint32_t i);
  double least_reach(std::uint32_t i);
  Choice choose(std::uint32_t i);
  void settle(std::uint32_t i, double second);
  void restore_conditions();
  void start(double epsilon, const Deadline& deadline, double most_scans);
  void discharge_source(std::uint32_t i);
  void discharge_sink(std::uint32_t j);
  void evict(std::uint32_t j, std::uint32_t keep);
  void update_globally();
  /// The arcs into each sink j: first[j] to first[j + 1] - 1, as source and cost.
  struct ArcsBySink {
    std::vector<std::size_t> first;
    std::vector<std::pair<std::uint32_t, double>> arcs;
  };
  ArcsBySink arcs_by_sink() const;
  /// By epsilon times the distances of what is settled, `farthest` elsewhere; sources come first.
  void raise_by(const std::vector<double>& distance, const std::vector<bool>& settled,
                double farthest);
  void refine_prices_around(std::uint32_t i);
  void raise(std::uint32_t j, double price);
  void raise_filled(std::uint32_t i, double reach);
  void send(std::uint32_t i, Arc& arc, Mass mass);
  Arc& arc_of(Sender& sender, std::uint32_t j);
  void activate_source(std::uint32_t i);
  void activate_sink(std::uint32_t j);
  bool stopped();
  double to_grains(double x) const;

  GroundCost cost_ = GroundCost::euclidean;
  Points<Space::host> points_of_sources_, points_of_sinks_;
  std::optional<cpu::NearestTargets> nearest_;  // where no arcs are given
  std::size_t kept_ = 0;
  std::vector<Mass> supply_, demand_;
  TransportArcs arcs_;
  std::vector<std::vector<Sender>> senders_;  // of each sink, also some that stopped
  std::vector<double> unlisted_bound_;        // no other sink of a source is nearer
  std::vector<double> value_, price_;
  std::vector<Mass> excess_of_source_, excess_of_sink_;  // not yet sent; received beyond the demand
  std::vector<Node> queue_;
  std::size_t queue_begin_ = 0;
  std::vector<bool> queued_source_, queued_sink_;
  std::vector<double> found_value_;
  std::vector<std::uint32_t> found_index_;
  std::vector<Arc> scratch_;
  std::vector<double> reaches_;  // c + p of the sinks that a source knows
  std::vector<std::pair<double, std::uint32_t>>
      leaving_;  // from a sink: up to which price they stay
  std::vector<std::uint32_t> gone_;
  std::vector<std::uint32_t> seen_by_;  // the source that last had an arc to the sink
  double largest_cost_ = 0;
  double grain_ = 0;
  double epsilon_ = 0;
  std::uint64_t work_ = 0;
  std::uint64_t update_interval_;
  std::uint64_t next_reading_ = 0;  // of the clock
  double most_work_ = 0;
  Deadline deadline_;
  bool stopped_ = false;
};

}  // namespace mckean
