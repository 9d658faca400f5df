// Global relabelling: all prices at once, by the shortest paths to what is still in demand; and
// price refinement.
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <queue>
#include <utility>

#include "host/transport/exact/push_relabel.hpp"

namespace mckean {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

}  // namespace

PushRelabel::ArcsBySink PushRelabel::arcs_by_sink() const {
  ArcsBySink into;
  into.first.resize(demand_.size() + 1);
  for (const auto& own : arcs_) {
    for (const Arc& arc : own) ++into.first[arc.sink + 1];
  }
  std::partial_sum(into.first.begin(), into.first.end(), into.first.begin());
  into.arcs.resize(into.first.back());
  std::vector<std::size_t> next(into.first.begin(), into.first.end() - 1);
  for (std::uint32_t i = 0; i < arcs_.size(); ++i) {
    for (const Arc& arc : arcs_[i]) into.arcs[next[arc.sink]++] = {i, arc.cost};
  }
  return into;
}

/// With lengths floor(reduced/epsilon) + 1 on residual arcs, raising each node by epsilon times its
/// distance to a sink in want keeps epsilon-optimality and opens a path to it everywhere. What is
/// above the bound of what is unlisted at a source counts as in want.
void PushRelabel::update_globally() {
  using Entry = std::pair<double, std::uint32_t>;  // distance, node: sinks follow sources
  const auto sources = static_cast<std::uint32_t>(supply_.size());
  const std::size_t nodes = supply_.size() + demand_.size();
  std::vector<double> distance(nodes, infinite);
  std::vector<bool> settled(nodes);
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> heap;

  const ArcsBySink into = arcs_by_sink();
  const auto length_of = [&](double reduced) {
    return std::max(0., std::floor(reduced / epsilon_) + 1);
  };
  const auto reach = [&](std::uint32_t node, double length) {
    if (length < distance[node]) {
      distance[node] = length;
      heap.emplace(length, node);
    }
  };
  std::size_t active = 0;
  for (std::uint32_t i = 0; i < sources; ++i) {
    active += excess_of_source_[i] > 0 ? 1 : 0;
    distance[i] = length_of(unlisted_bound_[i] - value_[i]);
    if (distance[i] < infinite) heap.emplace(distance[i], i);
  }
  for (std::uint32_t j = 0; j < demand_.size(); ++j) {
    if (excess_of_sink_[j] > 0) ++active;
    if (excess_of_sink_[j] < 0) reach(sources + j, 0);
  }
  double farthest = 0;
  for (std::size_t steps = 1; active > 0 && !heap.empty(); ++steps) {
    if (steps % 4096 == 0 && deadline_.passed()) {
      stopped_ = true;
      return;
    }
    const auto [length, node] = heap.top();
    heap.pop();
    if (settled[node]) continue;
    settled[node] = true;
    farthest = length;
    if (node >= sources) {
      const std::uint32_t j = node - sources;
      if (excess_of_sink_[j] > 0) --active;
      for (std::size_t e = into.first[j]; e < into.first[j + 1]; ++e) {
        const auto& [i, cost] = into.arcs[e];
        if (!settled[i]) reach(i, length + length_of(cost + price_[j] - value_[i]));
      }
    } else {
      if (excess_of_source_[node] > 0) --active;
      for (const Arc& arc : arcs_[node]) {
        if (arc.flow == 0 || settled[sources + arc.sink]) continue;
        const double reduced = value_[node] - arc.cost - price_[arc.sink];
        reach(sources + arc.sink, length + length_of(reduced));
      }
    }
  }
  raise_by(distance, settled, farthest);
  work_ += 4 * into.arcs.size();
}

void PushRelabel::raise_by(const std::vector<double>& distance, const std::vector<bool>& settled,
                           double farthest) {
  const auto sources = static_cast<std::uint32_t>(supply_.size());
  double highest = -infinite;
  for (std::uint32_t i = 0; i < sources; ++i) {
    value_[i] += epsilon_ * (settled[i] ? distance[i] : std::min(distance[i], farthest));
    highest = std::max(highest, value_[i]);
  }
  // A sink that is worth nothing to anyone need not rise: one that wants no mass could for ever.
  for (std::uint32_t j = 0; j < demand_.size(); ++j) {
    const double rise = settled[sources + j] ? distance[sources + j] : farthest;
    raise(j, std::max(price_[j], std::min(price_[j] + epsilon_ * rise, highest + epsilon_)));
  }
}

/// Raises all sinks that cost a source less than the dearest one it sends to, by more than epsilon.
/// Whoever sends there has to be looked at again.
void PushRelabel::refine_prices_around(std::uint32_t i) {
  double dearest = -infinite;
  for (const Arc& arc : arcs_[i]) {
    if (arc.flow > 0) dearest = std::max(dearest, arc.cost + price_[arc.sink]);
  }
  const double reach = dearest - epsilon_;
  for (;;) {
    for (const Arc& arc : arcs_[i]) {
      const std::uint32_t j = arc.sink;
      if (arc.cost + price_[j] >= reach) continue;
      raise(j, reach - arc.cost);
      work_ += senders_[j].size();
      for (Sender& sender : senders_[j]) {
        if (sender.source != i && arc_of(sender, j).flow > 0) activate_source(sender.source);
      }
    }
    work_ += arcs_[i].size();
    if (unlisted_bound_[i] >= reach || stopped()) return;
    refresh_arcs(i);
  }
}

bool PushRelabel::refine_prices(double epsilon, const Deadline& deadline, double most_scans) {
  start(epsilon, deadline, most_scans);
  if (stopped_) return false;
  for (std::uint32_t i = 0; i < supply_.size(); ++i) activate_source(i);
  while (queue_begin_ < queue_.size() && !stopped()) {
    const std::uint32_t i = queue_[queue_begin_++].index;
    queued_source_[i] = false;
    refine_prices_around(i);
  }
  return queue_begin_ == queue_.size() && !stopped_;
}

}  // namespace mckean
