// Push and relabel: sources send what they have to their best sink, sinks send back what is too
// much, and from time to time all prices are set by the distances to what is still wanted.
#include "host/transport/sparse_transport.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <queue>
#include <utility>

#include "mckean/config.hpp"

namespace mckean {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

}  // namespace

SparseTransport::SparseTransport(std::vector<Mass> supply, std::vector<Mass> demand)
    : supply_(std::move(supply)),
      demand_(std::move(demand)),
      value_(supply_.size()),
      price_(demand_.size()),
      queued_source_(supply_.size()),
      queued_sink_(demand_.size()) {
  MCKEAN_EXPECT(std::accumulate(supply_.begin(), supply_.end(), Mass{0}) ==
                std::accumulate(demand_.begin(), demand_.end(), Mass{0}));
}

void SparseTransport::index_by_sink(const TransportArcs& arcs) {
  in_first_.assign(demand_.size() + 1, 0);
  in_arc_.resize(arcs.size());
  source_of_.resize(arcs.size());
  for (const std::uint32_t j : arcs.sink) ++in_first_[j + 1];
  std::partial_sum(in_first_.begin(), in_first_.end(), in_first_.begin());
  std::vector<std::size_t> next(in_first_.begin(), in_first_.end() - 1);
  for (std::size_t i = 0; i < arcs.sources(); ++i) {
    for (std::size_t k = arcs.first[i]; k < arcs.first[i + 1]; ++k) {
      source_of_[k] = static_cast<std::uint32_t>(i);
      in_arc_[next[arcs.sink[k]]++] = k;
    }
  }
}

void SparseTransport::activate_source(std::uint32_t i) {
  if (queued_source_[i]) return;
  queued_source_[i] = true;
  queue_.push_back({i, false});
}

void SparseTransport::activate_sink(std::uint32_t j) {
  if (queued_sink_[j]) return;
  queued_sink_[j] = true;
  queue_.push_back({j, true});
}

/// u_i = min_j c_ij + p_j makes all reduced costs >= 0; flows on arcs above epsilon go back.
void SparseTransport::restore_conditions(TransportArcs& arcs) {
  at_source_ = supply_;
  at_sink_.assign(demand_.size(), 0);
  for (std::size_t j = 0; j < demand_.size(); ++j) at_sink_[j] = -demand_[j];
  for (std::size_t i = 0; i < arcs.sources(); ++i) {
    double least = infinite;
    for (std::size_t k = arcs.first[i]; k < arcs.first[i + 1]; ++k)
      least = std::min(least, arcs.cost[k] + price_[arcs.sink[k]]);
    value_[i] = least;
    for (std::size_t k = arcs.first[i]; k < arcs.first[i + 1]; ++k) {
      if (arcs.flow[k] == 0) continue;
      if (arcs.cost[k] + price_[arcs.sink[k]] - least > epsilon_) {
        arcs.flow[k] = 0;
      } else {
        at_source_[i] -= arcs.flow[k];
        at_sink_[arcs.sink[k]] += arcs.flow[k];
      }
    }
  }
  for (std::uint32_t j = 0; j < demand_.size(); ++j) {
    if (at_sink_[j] > 0) activate_sink(j);
  }
  for (std::uint32_t i = 0; i < supply_.size(); ++i) {
    if (at_source_[i] > 0) activate_source(i);
  }
}

/// Sends back the flows of all sources but one.
void SparseTransport::evict(TransportArcs& arcs, std::uint32_t j, std::uint32_t keep) {
  for (std::size_t e = in_first_[j]; e < in_first_[j + 1]; ++e) {
    const std::size_t k = in_arc_[e];
    if (arcs.flow[k] == 0 || source_of_[k] == keep) continue;
    at_sink_[j] -= arcs.flow[k];
    at_source_[source_of_[k]] += arcs.flow[k];
    arcs.flow[k] = 0;
    activate_source(source_of_[k]);
  }
  work_ += in_first_[j + 1] - in_first_[j];
}

void SparseTransport::discharge_source(TransportArcs& arcs, std::uint32_t i) {
  while (at_source_[i] > 0) {
    std::size_t best = arcs.first[i];
    double least = infinite;
    double second = infinite;
    for (std::size_t k = arcs.first[i]; k < arcs.first[i + 1]; ++k) {
      const double reach = arcs.cost[k] + price_[arcs.sink[k]];
      if (reach < least) {
        second = least;
        least = reach;
        best = k;
      } else if (reach < second) {
        second = reach;
      }
    }
    work_ += arcs.first[i + 1] - arcs.first[i];
    if (least >= value_[i]) value_[i] = least + epsilon_;
    const std::uint32_t j = arcs.sink[best];
    if (at_source_[i] + arcs.flow[best] > demand_[j] && second < infinite) {
      // This source alone fills the sink: the others leave it, and its price rises to where the
      // next best sink is as good.
      evict(arcs, j, i);
      const Mass taken = demand_[j] - arcs.flow[best];
      arcs.flow[best] += taken;
      at_source_[i] -= taken;
      at_sink_[j] += taken;
      price_[j] = std::max(price_[j], second - arcs.cost[best] + epsilon_);
      value_[i] = std::max(value_[i], second);
      continue;
    }
    arcs.flow[best] += at_source_[i];
    at_sink_[j] += at_source_[i];
    at_source_[i] = 0;
    if (at_sink_[j] > 0) activate_sink(j);
  }
}

void SparseTransport::discharge_sink(TransportArcs& arcs, std::uint32_t j) {
  while (at_sink_[j] > 0) {
    double worst = -infinite;
    for (std::size_t e = in_first_[j]; e < in_first_[j + 1] && at_sink_[j] > 0; ++e) {
      const std::size_t k = in_arc_[e];
      if (arcs.flow[k] == 0) continue;
      const double reduced = arcs.cost[k] + price_[j] - value_[source_of_[k]];
      if (reduced > 0) {
        const Mass back = std::min(arcs.flow[k], at_sink_[j]);
        arcs.flow[k] -= back;
        at_sink_[j] -= back;
        at_source_[source_of_[k]] += back;
        activate_source(source_of_[k]);
      } else {
        worst = std::max(worst, reduced);
      }
    }
    work_ += in_first_[j + 1] - in_first_[j];
    if (at_sink_[j] > 0) price_[j] += epsilon_ - worst;
  }
}

/// With lengths floor(reduced/epsilon) + 1 on residual arcs, raising each node by epsilon times its
/// distance to a sink in want keeps epsilon-optimality and opens a path to it everywhere.
void SparseTransport::update_prices(const TransportArcs& arcs) {
  using Entry = std::pair<double, std::uint32_t>;  // distance, node: sinks follow sources
  const auto sources = static_cast<std::uint32_t>(supply_.size());
  const std::size_t nodes = supply_.size() + demand_.size();
  std::vector<double> distance(nodes, infinite);
  std::vector<bool> settled(nodes);
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> heap;
  std::size_t active = 0;
  for (std::uint32_t i = 0; i < sources; ++i) active += at_source_[i] > 0 ? 1 : 0;
  for (std::uint32_t j = 0; j < demand_.size(); ++j) {
    if (at_sink_[j] > 0) ++active;
    if (at_sink_[j] < 0) {
      distance[sources + j] = 0;
      heap.emplace(0., sources + j);
    }
  }
  double farthest = 0;
  const auto reach = [&](std::uint32_t node, double length) {
    if (length < distance[node]) {
      distance[node] = length;
      heap.emplace(length, node);
    }
  };
  while (active > 0 && !heap.empty()) {
    const auto [length, node] = heap.top();
    heap.pop();
    if (settled[node]) continue;
    settled[node] = true;
    farthest = length;
    if (node >= sources) {
      const std::uint32_t j = node - sources;
      if (at_sink_[j] > 0) --active;
      for (std::size_t e = in_first_[j]; e < in_first_[j + 1]; ++e) {
        const std::size_t k = in_arc_[e];
        const std::uint32_t i = source_of_[k];
        if (settled[i]) continue;
        const double reduced = arcs.cost[k] + price_[j] - value_[i];
        reach(i, length + std::max(0., std::floor(reduced / epsilon_) + 1));
      }
    } else {
      if (at_source_[node] > 0) --active;
      for (std::size_t k = arcs.first[node]; k < arcs.first[node + 1]; ++k) {
        if (arcs.flow[k] == 0 || settled[sources + arcs.sink[k]]) continue;
        const double reduced = value_[node] - arcs.cost[k] - price_[arcs.sink[k]];
        reach(sources + arcs.sink[k], length + std::max(0., std::floor(reduced / epsilon_) + 1));
      }
    }
  }
  for (std::uint32_t i = 0; i < sources; ++i)
    value_[i] += epsilon_ * (settled[i] ? distance[i] : farthest);
  for (std::uint32_t j = 0; j < demand_.size(); ++j)
    price_[j] += epsilon_ * (settled[sources + j] ? distance[sources + j] : farthest);
}

bool SparseTransport::refine(TransportArcs& arcs, double epsilon,
                             const std::function<bool()>& stop) {
  MCKEAN_EXPECT(epsilon > 0 && arcs.sources() == supply_.size());
  // Whole multiples of a power of two, whose sums are exact: else mass can circle on an ulp.
  const std::vector<double> costs = arcs.cost;
  double largest = epsilon;
  for (const double cost : costs) largest = std::max(largest, std::abs(cost));
  const double grain = std::ldexp(1., std::ilogb(largest) - 47);
  const auto on_grid = [grain](double x) { return std::round(x / grain) * grain; };
  for (double& cost : arcs.cost) cost = on_grid(cost);
  for (double& price : price_) price = on_grid(price);
  epsilon_ = std::max(grain, on_grid(epsilon));
  index_by_sink(arcs);
  queue_.clear();
  queue_begin_ = 0;
  restore_conditions(arcs);
  work_ = 0;
  // An update costs about as much as this many looks at an arc.
  const std::uint64_t interval = 4 * (arcs.size() + supply_.size() + demand_.size());
  std::uint64_t next_update = interval;
  bool stopped = false;
  while (queue_begin_ < queue_.size() && !stopped) {
    const Node node = queue_[queue_begin_++];
    if (node.is_sink) {
      queued_sink_[node.index] = false;
      discharge_sink(arcs, node.index);
    } else {
      queued_source_[node.index] = false;
      discharge_source(arcs, node.index);
    }
    if (queue_begin_ > 65536 && 2 * queue_begin_ > queue_.size()) {
      queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(queue_begin_));
      queue_begin_ = 0;
    }
    if (work_ >= next_update && queue_begin_ < queue_.size()) {
      stopped = stop();
      if (!stopped) update_prices(arcs);
      next_update = work_ + interval;
    }
  }
  arcs.cost = costs;
  return !stopped;
}

}  // namespace mckean
