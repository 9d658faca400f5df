// Sources send what they have to their best sink, sinks send back what is too much, and from time
// to time all prices are set by the distances to what is still wanted.
#include "host/transport/push_relabel.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <queue>
#include <utility>

#include "host/transport/certificate.hpp"
#include "host/transport/pair_cost.hpp"
#include "mckean/config.hpp"

namespace mckean {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr std::size_t nearest_kept = 16;

/// A power of two, between 2^-48 and 2^-47 of the costs.
double grain_for(double largest_cost) {
  return std::exp2(std::max(std::ceil(std::log2(largest_cost)) - 48, -1000.));
}

}  // namespace

PushRelabel::PushRelabel(const DiscreteMeasure& sources, const DiscreteMeasure& sinks,
                         const MassUnits& units, GroundCost cost)
    : cost_(cost),
      sources_(sources.points()),
      sinks_(sinks.points()),
      grain_(grain_for(bound_of_costs(sources, sinks, cost))),
      nearest_(cost, sources_, sinks_),
      kept_(std::min(nearest_kept, sinks.n)),
      supply_(units.a),
      demand_(units.b),
      arcs_(sources.n),
      senders_(sinks.n),
      horizon_(sources.n, -infinite),
      value_(sources.n),
      price_(sinks.n),
      queued_source_(sources.n),
      queued_sink_(sinks.n),
      found_value_(kept_),
      found_index_(kept_) {
  MCKEAN_EXPECT(std::accumulate(supply_.begin(), supply_.end(), Mass{0}) ==
                std::accumulate(demand_.begin(), demand_.end(), Mass{0}));
}

double PushRelabel::to_grains(double x) const { return std::nearbyint(x / grain_) * grain_; }

void PushRelabel::set_prices(const std::vector<double>& prices) {
  MCKEAN_EXPECT(prices.size() == price_.size());
  for (std::uint32_t j = 0; j < price_.size(); ++j) raise(j, to_grains(prices[j]));
  std::fill(horizon_.begin(), horizon_.end(), -infinite);
}

void PushRelabel::raise(std::uint32_t j, double price) {
  price_[j] = price;
  nearest_.set_potential(j, price);
}

/// Writes down the nearest sinks at the prices of now, beside those that i sends to.
void PushRelabel::look_around(std::uint32_t i) {
  // What it knew is as good as any other kept_ sinks.
  double limit = infinite;
  if (arcs_[i].size() >= kept_) {
    limit = -infinite;
    for (const Arc& arc : arcs_[i]) limit = std::max(limit, arc.cost + price_[arc.sink]);
    limit += grain_ + 1e-12 * std::abs(limit);
  }
  nearest_.find(i, std::min(limit, 1e299), found_value_, found_index_);
  horizon_[i] = kept_ == price_.size() ? infinite : to_grains(found_value_[0]);
  std::vector<Arc>& own = arcs_[i];
  scratch_.clear();
  for (const Arc& arc : own) {
    if (arc.flow > 0) scratch_.push_back(arc);
  }
  const std::size_t sending = scratch_.size();
  for (std::size_t s = 0; s < kept_; ++s) {
    const std::uint32_t j = found_index_[s];
    bool known = false;
    for (std::size_t k = 0; k < sending && !known; ++k) known = scratch_[k].sink == j;
    if (!known) scratch_.push_back({0, to_grains(pair_cost(cost_, sources_, i, sinks_, j)), j});
  }
  own.assign(scratch_.begin(), scratch_.end());
  work_ += kept_;
}

/// The least c + p of a source over all sinks.
double PushRelabel::least_reach(std::uint32_t i) {
  const auto least_known = [&] {
    double least = infinite;
    for (const Arc& arc : arcs_[i]) least = std::min(least, arc.cost + price_[arc.sink]);
    return least;
  };
  double least = least_known();
  if (least > horizon_[i]) {
    look_around(i);
    least = least_known();
  }
  return least;
}

void PushRelabel::activate_source(std::uint32_t i) {
  if (queued_source_[i]) return;
  queued_source_[i] = true;
  queue_.push_back({i, false});
}

void PushRelabel::activate_sink(std::uint32_t j) {
  if (queued_sink_[j]) return;
  queued_sink_[j] = true;
  queue_.push_back({j, true});
}

PushRelabel::Arc& PushRelabel::arc_between(std::uint32_t i, std::uint32_t j) {
  return *std::find_if(arcs_[i].begin(), arcs_[i].end(),
                       [&](const Arc& arc) { return arc.sink == j; });
}

void PushRelabel::send(std::uint32_t i, Arc& arc, Mass mass) {
  if (arc.flow == 0) {
    std::vector<std::uint32_t>& senders = senders_[arc.sink];
    if (std::find(senders.begin(), senders.end(), i) == senders.end()) senders.push_back(i);
  }
  arc.flow += mass;
  at_source_[i] -= mass;
  at_sink_[arc.sink] += mass;
}

/// u_i = min_j c_ij + p_j makes all reduced costs >= 0; flows on arcs above epsilon go back.
void PushRelabel::restore_conditions() {
  at_source_ = supply_;
  at_sink_.assign(demand_.size(), 0);
  for (std::size_t j = 0; j < demand_.size(); ++j) at_sink_[j] = -demand_[j];
  for (auto& senders : senders_) senders.clear();
  for (std::uint32_t i = 0; i < supply_.size(); ++i) {
    value_[i] = least_reach(i);
    for (Arc& arc : arcs_[i]) {
      if (arc.flow == 0) continue;
      if (arc.cost + price_[arc.sink] - value_[i] > epsilon_) {
        arc.flow = 0;
      } else {
        senders_[arc.sink].push_back(i);
        at_source_[i] -= arc.flow;
        at_sink_[arc.sink] += arc.flow;
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
void PushRelabel::evict(std::uint32_t j, std::uint32_t keep) {
  std::vector<std::uint32_t>& senders = senders_[j];
  work_ += senders.size();
  bool kept = false;
  for (const std::uint32_t i : senders) {
    if (i == keep) {
      kept = true;
      continue;
    }
    Arc& arc = arc_between(i, j);
    if (arc.flow == 0) continue;
    at_sink_[j] -= arc.flow;
    at_source_[i] += arc.flow;
    arc.flow = 0;
    activate_source(i);
  }
  senders.assign(kept ? 1 : 0, keep);
}

void PushRelabel::discharge_source(std::uint32_t i) {
  while (at_source_[i] > 0) {
    double least = least_reach(i);
    double second = infinite;
    const auto find_best = [&] {
      Arc* best = nullptr;
      double first = infinite;
      second = infinite;
      for (Arc& arc : arcs_[i]) {
        const double reach = arc.cost + price_[arc.sink];
        if (reach < first) {
          second = first;
          first = reach;
          best = &arc;
        } else if (reach < second) {
          second = reach;
        }
      }
      return best;
    };
    Arc* best = find_best();
    work_ += arcs_[i].size();
    // A sink out of sight may be the second best.
    if (second > horizon_[i] && at_source_[i] + best->flow > demand_[best->sink]) {
      look_around(i);
      best = find_best();
      least = best->cost + price_[best->sink];
    }
    if (least >= value_[i]) value_[i] = least + epsilon_;
    const std::uint32_t j = best->sink;
    if (at_source_[i] + best->flow > demand_[j] && second < infinite) {
      // This source alone fills the sink: the others leave it, and its price rises to where the
      // next best sink is as good.
      evict(j, i);
      send(i, *best, demand_[j] - best->flow);
      raise(j, std::max(price_[j], second - best->cost + epsilon_));
      value_[i] = std::max(value_[i], second);
      continue;
    }
    send(i, *best, at_source_[i]);
    if (at_sink_[j] > 0) activate_sink(j);
  }
}

void PushRelabel::discharge_sink(std::uint32_t j) {
  std::vector<std::uint32_t>& senders = senders_[j];
  while (at_sink_[j] > 0) {
    double worst = -infinite;
    std::size_t kept = 0;
    for (std::size_t s = 0; s < senders.size(); ++s) {
      const std::uint32_t i = senders[s];
      Arc& arc = arc_between(i, j);
      if (arc.flow > 0 && at_sink_[j] > 0) {
        const double reduced = arc.cost + price_[j] - value_[i];
        if (reduced > 0) {
          const Mass back = std::min(arc.flow, at_sink_[j]);
          arc.flow -= back;
          at_sink_[j] -= back;
          at_source_[i] += back;
          activate_source(i);
        } else {
          worst = std::max(worst, reduced);
        }
      }
      if (arc.flow > 0) senders[kept++] = i;
    }
    work_ += 2 * senders.size();
    senders.resize(kept);
    if (at_sink_[j] > 0) raise(j, price_[j] + epsilon_ - worst);
  }
}

/// With lengths floor(reduced/epsilon) + 1 on residual arcs, raising each node by epsilon times its
/// distance to a sink in want keeps epsilon-optimality and opens a path to it everywhere. What is
/// beyond the horizon of a source counts as in want.
void PushRelabel::update_prices() {
  using Entry = std::pair<double, std::uint32_t>;  // distance, node: sinks follow sources
  const auto sources = static_cast<std::uint32_t>(supply_.size());
  const std::size_t nodes = supply_.size() + demand_.size();
  std::vector<double> distance(nodes, infinite);
  std::vector<bool> settled(nodes);
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> heap;

  std::vector<std::size_t> first(demand_.size() + 1);
  for (const auto& own : arcs_) {
    for (const Arc& arc : own) ++first[arc.sink + 1];
  }
  std::partial_sum(first.begin(), first.end(), first.begin());
  std::vector<std::pair<std::uint32_t, double>> into(first.back());  // source, cost
  std::vector<std::size_t> next(first.begin(), first.end() - 1);
  for (std::uint32_t i = 0; i < sources; ++i) {
    for (const Arc& arc : arcs_[i]) into[next[arc.sink]++] = {i, arc.cost};
  }

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
    active += at_source_[i] > 0 ? 1 : 0;
    distance[i] = length_of(horizon_[i] - value_[i]);
    if (distance[i] < infinite) heap.emplace(distance[i], i);
  }
  for (std::uint32_t j = 0; j < demand_.size(); ++j) {
    if (at_sink_[j] > 0) ++active;
    if (at_sink_[j] < 0) reach(sources + j, 0);
  }
  double farthest = 0;
  while (active > 0 && !heap.empty()) {
    const auto [length, node] = heap.top();
    heap.pop();
    if (settled[node]) continue;
    settled[node] = true;
    farthest = length;
    if (node >= sources) {
      const std::uint32_t j = node - sources;
      if (at_sink_[j] > 0) --active;
      for (std::size_t e = first[j]; e < first[j + 1]; ++e) {
        const auto& [i, cost] = into[e];
        if (!settled[i]) reach(i, length + length_of(cost + price_[j] - value_[i]));
      }
    } else {
      if (at_source_[node] > 0) --active;
      for (const Arc& arc : arcs_[node]) {
        if (arc.flow == 0 || settled[sources + arc.sink]) continue;
        const double reduced = value_[node] - arc.cost - price_[arc.sink];
        reach(sources + arc.sink, length + length_of(reduced));
      }
    }
  }
  for (std::uint32_t i = 0; i < sources; ++i)
    value_[i] += epsilon_ * (settled[i] ? distance[i] : std::min(distance[i], farthest));
  for (std::uint32_t j = 0; j < demand_.size(); ++j)
    raise(j, price_[j] + epsilon_ * (settled[sources + j] ? distance[sources + j] : farthest));
  work_ += 4 * into.size();
}

bool PushRelabel::refine(double epsilon, const std::function<bool()>& stop) {
  MCKEAN_EXPECT(epsilon > 0);
  epsilon_ = std::max(to_grains(epsilon), grain_);
  queue_.clear();
  queue_begin_ = 0;
  std::fill(queued_source_.begin(), queued_source_.end(), false);
  std::fill(queued_sink_.begin(), queued_sink_.end(), false);
  restore_conditions();
  work_ = 0;
  // An update costs about as much as this many looks at an arc.
  const std::uint64_t interval = 8 * kept_ * (supply_.size() + demand_.size());
  std::uint64_t next_update = interval;
  while (queue_begin_ < queue_.size()) {
    const Node node = queue_[queue_begin_++];
    if (node.is_sink) {
      queued_sink_[node.index] = false;
      discharge_sink(node.index);
    } else {
      queued_source_[node.index] = false;
      discharge_source(node.index);
    }
    if (queue_begin_ > 65536 && 2 * queue_begin_ > queue_.size()) {
      queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(queue_begin_));
      queue_begin_ = 0;
    }
    if (work_ >= next_update && queue_begin_ < queue_.size()) {
      if (stop()) return false;
      update_prices();
      next_update = work_ + interval;
    }
  }
  return true;
}

}  // namespace mckean
