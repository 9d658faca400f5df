// Optimal transport over the arcs of a sparse graph, by epsilon-scaling.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace mckean {

/// Whole units of mass, so that sums of them are exact and no dust is left to carry.
using Mass = std::int64_t;

/// Arcs from sources to sinks, those of a source together, with their costs and flows.
struct TransportArcs {
  std::vector<std::size_t> first;  // sources + 1: the arcs of source i are first[i]..first[i+1]-1
  std::vector<std::uint32_t> sink;
  std::vector<double> cost;
  std::vector<Mass> flow;

  std::size_t sources() const { return first.size() - 1; }
  std::size_t size() const { return sink.size(); }
};

/// Carries `supply` (one for each source) to `demand` (one for each sink) at least cost: push and
/// relabel with cost scaling (Goldberg and Tarjan, Math. Oper. Res. 15, 1990; Goldberg and Kennedy,
/// Math. Program. 71, 1995), flows on uncapacitated arcs.
///
/// With prices p of sinks and values u of sources, a flow is epsilon-optimal where every arc has
/// c + p - u >= -epsilon, and every arc with flow <= epsilon; its cost then exceeds the least one
/// by no more than 2 epsilon times the mass. Sums of supply and demand must be equal, and the arcs
/// must be able to carry them.
class SparseTransport {
 public:
  SparseTransport(std::vector<Mass> supply, std::vector<Mass> demand);

  /// Makes `arcs.flow` an epsilon-optimal transport, starting from flows that already satisfy the
  /// condition for the prices at hand, and taking back all others. False where `stop` said so on
  /// the way: then neither flows nor prices mean anything.
  bool refine(TransportArcs& arcs, double epsilon, const std::function<bool()>& stop);

  std::vector<double>& prices() { return price_; }
  const std::vector<double>& prices() const { return price_; }
  const std::vector<double>& values() const { return value_; }

 private:
  struct Node {
    std::uint32_t index;
    bool is_sink;
  };
  void index_by_sink(const TransportArcs& arcs);
  void restore_conditions(TransportArcs& arcs);
  void discharge_source(TransportArcs& arcs, std::uint32_t i);
  void discharge_sink(TransportArcs& arcs, std::uint32_t j);
  void evict(TransportArcs& arcs, std::uint32_t j, std::uint32_t keep);
  void update_prices(const TransportArcs& arcs);
  void activate_source(std::uint32_t i);
  void activate_sink(std::uint32_t j);

  std::vector<Mass> supply_, demand_;
  std::vector<double> value_, price_;
  std::vector<Mass> at_source_, at_sink_;  // not yet sent; received beyond the demand
  std::vector<std::size_t> in_first_;      // arcs by sink
  std::vector<std::size_t> in_arc_;
  std::vector<std::uint32_t> source_of_;
  std::vector<Node> queue_;
  std::size_t queue_begin_ = 0;
  std::vector<bool> queued_source_, queued_sink_;
  double epsilon_ = 0;
  std::uint64_t work_ = 0;
};

}  // namespace mckean
