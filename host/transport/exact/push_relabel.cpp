// Cost scaling: discharge of sources and sinks, and the arcs of each source at its prices.
#include "host/transport/exact/push_relabel.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <utility>

#include "host/transport/certificate/certificate.hpp"
#include "host/transport/pair_cost.hpp"
#include "mckean/config.hpp"

namespace mckean {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr std::size_t nearest_kept = 6;
// Where boxes exclude nothing, and a search looks at all of many sinks, longer lists pay.
constexpr std::size_t many_dimensions = 8;
constexpr std::size_t many_sinks = 512;
constexpr std::size_t nearest_kept_if_dear = 12;
constexpr std::size_t few_senders = 32;
constexpr std::uint64_t looks_between_updates = 128;  // of prices: for each node
constexpr double out_of_sight = 1e290;
constexpr std::uint32_t sources_between_checks = 4096;
constexpr std::uint64_t work_between_readings = 1 << 15;  // of the clock, some 50 microseconds

/// A power of two, between 2^-48 and 2^-47 of the size.
double grain_for(double size) {
  return std::exp2(std::max(std::ceil(std::log2(size)) - 48, -1000.));
}

}  // namespace

PushRelabel::PushRelabel(const DiscreteMeasure& sources, const DiscreteMeasure& sinks,
                         const IntegerMasses& units, GroundCost cost)
    : PushRelabel(units.a, units.b, TransportArcs(sources.n)) {
  cost_ = cost;
  points_of_sources_ = sources.points();
  points_of_sinks_ = sinks.points();
  nearest_.emplace(cost, points_of_sources_, points_of_sinks_);
  const bool dear = sinks.d >= many_dimensions && sinks.n >= many_sinks;
  kept_ = std::min(dear ? nearest_kept_if_dear : nearest_kept, sinks.n);
  unlisted_bound_.assign(sources.n, -infinite);
  found_value_.resize(kept_);
  found_index_.resize(kept_);
  seen_by_.assign(sinks.n, static_cast<std::uint32_t>(sources.n));
  largest_cost_ = bound_of_costs(sources, sinks, cost);
  update_interval_ = looks_between_updates * (sources.n + sinks.n);
}

PushRelabel::PushRelabel(std::vector<Mass> supply, std::vector<Mass> demand, TransportArcs arcs)
    : supply_(std::move(supply)),
      demand_(std::move(demand)),
      arcs_(std::move(arcs)),
      senders_(demand_.size()),
      unlisted_bound_(supply_.size(), infinite),
      value_(supply_.size()),
      price_(demand_.size()),
      queued_source_(supply_.size()),
      queued_sink_(demand_.size()) {
  MCKEAN_EXPECT(std::accumulate(supply_.begin(), supply_.end(), Mass{0}) ==
                std::accumulate(demand_.begin(), demand_.end(), Mass{0}));
  MCKEAN_EXPECT(arcs_.size() == supply_.size());
  std::size_t count = supply_.size() + demand_.size();
  for (const auto& own : arcs_) {
    count += own.size();
    for (const Arc& arc : own) largest_cost_ = std::max(largest_cost_, std::abs(arc.cost));
  }
  update_interval_ = 4 * count;
}

double PushRelabel::to_grains(double x) const { return std::nearbyint(x / grain_) * grain_; }

void PushRelabel::set_prices(const std::vector<double>& prices) {
  MCKEAN_EXPECT(prices.size() == price_.size());
  price_ = prices;
  if (!nearest_) return;
  // A price that exceeds another one by more than any cost attracts no one, and as little if it
  // does not exceed it further.
  const double most = *std::min_element(prices.begin(), prices.end()) + largest_cost_;
  for (double& price : price_) price = std::min(price, most);
  std::fill(unlisted_bound_.begin(), unlisted_bound_.end(), -infinite);
}

/// Prices begin around 0. On the complete graph a sink in want keeps its price and every source
/// can reach it, so that u <= c + p + epsilon there and no price, value or step leaves the 32 times
/// `size` up to which multiples of the grain, 2^53 of them, have exact sums.
void PushRelabel::choose_grain(double epsilon) {
  const auto [low, high] = std::minmax_element(price_.begin(), price_.end());
  const double half_spread = *high / 2 - *low / 2;
  const double middle = *low + half_spread;
  const double grain = grain_for(std::max({largest_cost_, half_spread, epsilon}));
  if (grain != grain_) {
    grain_ = grain;
    for (std::uint32_t i = 0; i < arcs_.size(); ++i) {
      if (i % sources_between_checks == 0) check_interruption();
      for (Arc& arc : arcs_[i]) {
        if (nearest_)
          arc.cost = pair_cost(cost_, points_of_sources_, i, points_of_sinks_, arc.sink);
        arc.cost = to_grains(arc.cost);
      }
    }
    if (nearest_) std::fill(unlisted_bound_.begin(), unlisted_bound_.end(), -infinite);
  }
  epsilon_ = std::max(to_grains(epsilon), grain_);
  const double shift = to_grains(middle);
  for (std::uint32_t j = 0; j < price_.size(); ++j) raise(j, to_grains(price_[j] - shift));
  for (double& bound : unlisted_bound_) bound -= shift;
}

void PushRelabel::raise(std::uint32_t j, double price) {
  price_[j] = price;
  if (nearest_) nearest_->set_potential(j, price);
  // Given arcs may be too few to keep prices together: 2^51 grains are 8 times their size or more.
  if (price > 0x1p51 * grain_) stopped_ = true;
}

bool PushRelabel::stopped() {
  if (work_ >= next_reading_) {
    next_reading_ = work_ + work_between_readings;
    stopped_ = stopped_ || static_cast<double>(work_) > most_work_ || deadline_.passed();
  }
  return stopped_;
}

/// Writes down the nearest sinks at the prices of now, beside those that i sends to; but for the
/// sinks that it fills alone, where these are out of sight.
void PushRelabel::refresh_arcs(std::uint32_t i, bool without_filled) {
  std::vector<Arc>& own = arcs_[i];
  // What it knew is as good as any other kept_ sinks, up to the rounding of costs.
  double largest = 0;
  reaches_.clear();
  for (const Arc& arc : own) {
    if (without_filled && arc.flow > 0 && arc.flow == demand_[arc.sink]) continue;
    reaches_.push_back(arc.cost + price_[arc.sink]);
    largest = std::max(largest, arc.cost);
  }
  std::size_t found = 0;
  if (reaches_.size() >= kept_) {
    const auto last = reaches_.begin() + static_cast<std::ptrdiff_t>(kept_ - 1);
    std::nth_element(reaches_.begin(), last, reaches_.end());
    found = nearest_->find(i, *last + grain_ + 1e-12 * largest, found_value_, found_index_);
  }
  if (found < kept_) nearest_->find(i, found_value_, found_index_);
  unlisted_bound_[i] = kept_ == price_.size() ? infinite : to_grains(found_value_[0]);
  scratch_.clear();
  for (const Arc& arc : own) {
    if (arc.flow == 0 && !arc.listed) continue;
    scratch_.push_back(arc);
    seen_by_[arc.sink] = i;
  }
  for (const std::uint32_t j : found_index_) {
    if (seen_by_[j] != i)
      scratch_.push_back(
          {to_grains(pair_cost(cost_, points_of_sources_, i, points_of_sinks_, j)), 0, j});
  }
  for (const Arc& arc : scratch_) seen_by_[arc.sink] = static_cast<std::uint32_t>(arcs_.size());
  own.assign(scratch_.begin(), scratch_.end());
  work_ += kept_;
  // A look may be at all sinks and take longer than reading the clock.
  stopped_ = stopped_ || deadline_.passed();
}

/// The same but for the sinks that it fills alone, which it knows and can send no more to.
void PushRelabel::refresh_filled_arcs(std::uint32_t i) {
  std::vector<std::uint32_t> filled;
  for (const Arc& arc : arcs_[i]) {
    if (arc.flow > 0 && arc.flow == demand_[arc.sink]) filled.push_back(arc.sink);
  }
  for (const std::uint32_t j : filled) nearest_->set_potential(j, out_of_sight);
  refresh_arcs(i, true);
  for (const std::uint32_t j : filled) nearest_->set_potential(j, price_[j]);
}

/// The two best sinks, of those that are written down, that the source does not fill alone.
PushRelabel::Choice PushRelabel::choose(std::uint32_t i) {
  Choice choice{nullptr, infinite, infinite};
  for (Arc& arc : arcs_[i]) {
    if (arc.flow == demand_[arc.sink]) continue;
    const double reach = arc.cost + price_[arc.sink];
    if (reach < choice.least) {
      choice = {&arc, reach, choice.least};
    } else if (reach < choice.second) {
      choice.second = reach;
    }
  }
  work_ += arcs_[i].size();
  return choice;
}

/// The least c + p of a source over all sinks.
double PushRelabel::least_reach(std::uint32_t i) {
  const auto least_known = [&] {
    double least = infinite;
    for (const Arc& arc : arcs_[i]) least = std::min(least, arc.cost + price_[arc.sink]);
    return least;
  };
  const double least = least_known();
  if (least <= unlisted_bound_[i]) return least;
  refresh_arcs(i);
  return least_known();
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

PushRelabel::Arc& PushRelabel::arc_of(Sender& sender, std::uint32_t j) {
  std::vector<Arc>& own = arcs_[sender.source];
  if (sender.place >= own.size() || own[sender.place].sink != j) {
    const auto arc =
        std::find_if(own.begin(), own.end(), [j](const Arc& known) { return known.sink == j; });
    work_ += own.size();
    sender.place = static_cast<std::uint32_t>(arc - own.begin());
  }
  return own[sender.place];
}

void PushRelabel::send(std::uint32_t i, Arc& arc, Mass mass) {
  if (!arc.listed) {
    senders_[arc.sink].push_back({i, static_cast<std::uint32_t>(&arc - arcs_[i].data())});
    arc.listed = true;
  }
  arc.flow += mass;
  excess_of_source_[i] -= mass;
  excess_of_sink_[arc.sink] += mass;
}

/// A source that sends all it has to one sink, while another one would cost `second`, stays until
/// that is better by epsilon: a sink that too many want rises by what tells them apart.
void PushRelabel::settle(std::uint32_t i, double second) {
  if (second == infinite) return;
  value_[i] = std::max(value_[i], std::min(second, unlisted_bound_[i]) + epsilon_);
  // Sinks that want nothing are no one's alternative.
  for (const Arc& arc : arcs_[i]) {
    if (demand_[arc.sink] == 0 && arc.cost + price_[arc.sink] < value_[i])
      raise(arc.sink, value_[i] - arc.cost);
  }
}

/// u_i = min_j c_ij + p_j makes all reduced costs >= 0; flows on arcs above epsilon go back.
void PushRelabel::restore_conditions() {
  excess_of_source_ = supply_;
  excess_of_sink_.resize(demand_.size());
  std::transform(demand_.begin(), demand_.end(), excess_of_sink_.begin(), std::negate<>());
  for (auto& senders : senders_) senders.clear();
  for (std::uint32_t i = 0; i < supply_.size() && !stopped(); ++i) {
    for (Arc& arc : arcs_[i]) arc.listed = false;
    value_[i] = least_reach(i);
    for (Arc& arc : arcs_[i]) {
      const Mass flow = std::exchange(arc.flow, 0);
      if (flow > 0 && arc.cost + price_[arc.sink] - value_[i] <= epsilon_) send(i, arc, flow);
    }
    double second = infinite;
    bool settled = false;
    for (const Arc& arc : arcs_[i]) {
      settled = settled || (arc.flow == supply_[i] && arc.flow > 0);
      if (arc.flow == 0 && demand_[arc.sink] > 0)
        second = std::min(second, arc.cost + price_[arc.sink]);
    }
    if (settled) settle(i, second);
    work_ += 2 * arcs_[i].size();
  }
  for (std::uint32_t j = 0; j < demand_.size(); ++j) {
    if (excess_of_sink_[j] > 0) activate_sink(j);
  }
  for (std::uint32_t i = 0; i < supply_.size(); ++i) {
    if (excess_of_source_[i] > 0) activate_source(i);
  }
}

/// Sends back the flows of all sources but one.
void PushRelabel::evict(std::uint32_t j, std::uint32_t keep) {
  std::vector<Sender>& senders = senders_[j];
  work_ += senders.size();
  std::size_t kept = 0;
  for (Sender& sender : senders) {
    const std::uint32_t i = sender.source;
    if (i == keep) {
      senders[kept++] = sender;
      continue;
    }
    Arc& arc = arc_of(sender, j);
    arc.listed = false;
    if (arc.flow == 0) continue;
    excess_of_sink_[j] -= arc.flow;
    excess_of_source_[i] += arc.flow;
    arc.flow = 0;
    // With no flow it takes any value, also one below that of an arc that it had filled.
    if (excess_of_source_[i] == supply_[i]) value_[i] = -infinite;
    activate_source(i);
  }
  senders.resize(kept);
}

/// Raises the sinks that a source fills alone, or that want nothing, all to the same c + p: one
/// after the other they would outbid each other for ever.
void PushRelabel::raise_filled(std::uint32_t i, double reach) {
  for (const Arc& arc : arcs_[i]) {
    if (arc.flow == demand_[arc.sink] && arc.cost + price_[arc.sink] < reach)
      raise(arc.sink, reach - arc.cost);
  }
}

void PushRelabel::discharge_source(std::uint32_t i) {
  while (excess_of_source_[i] > 0 && !stopped()) {
    Choice choice = choose(i);
    const auto fills = [&] {
      return excess_of_source_[i] + choice.best->flow > demand_[choice.best->sink];
    };
    // A sink out of sight may be the best, or the second best where that matters.
    if (choice.least > unlisted_bound_[i] || (choice.second > unlisted_bound_[i] && fills())) {
      refresh_filled_arcs(i);
      choice = choose(i);
    }
    const auto [best, least, second] = choice;
    if (best == nullptr) {
      stopped_ = true;  // given arcs that cannot carry what it has
      return;
    }
    raise_filled(i, least);
    if (least >= value_[i]) value_[i] = least + epsilon_;
    const std::uint32_t j = best->sink;
    if (fills() && second < infinite) {
      // This source alone fills the sink: the others leave it, and its price rises to where the
      // next best sink is as good.
      evict(j, i);
      send(i, *best, demand_[j] - best->flow);
      raise_filled(i, second + epsilon_);
      value_[i] = std::max(value_[i], second);
      continue;
    }
    send(i, *best, excess_of_source_[i]);
    if (best->flow == supply_[i]) settle(i, second);
    // At once, so that whoever comes next sees the new price; where that means to ask many, for
    // many newcomers together.
    if (excess_of_sink_[j] > 0 && senders_[j].size() <= few_senders) {
      discharge_sink(j);
    } else if (excess_of_sink_[j] > 0) {
      activate_sink(j);
    }
  }
}

/// The sources to which it matters least leave, at the price that makes them.
void PushRelabel::discharge_sink(std::uint32_t j) {
  std::vector<Sender>& senders = senders_[j];
  work_ += 2 * senders.size();
  leaving_.clear();
  std::size_t kept = 0;
  for (Sender& sender : senders) {
    Arc& arc = arc_of(sender, j);
    arc.listed = arc.flow > 0;
    if (!arc.listed) continue;
    leaving_.emplace_back(value_[sender.source] - arc.cost, static_cast<std::uint32_t>(kept));
    senders[kept++] = sender;
  }
  senders.resize(kept);
  std::make_heap(leaving_.begin(), leaving_.end(), std::greater<>());
  double price = price_[j];
  gone_.clear();
  for (auto end = leaving_.end(); excess_of_sink_[j] > 0 && end != leaving_.begin();) {
    std::pop_heap(leaving_.begin(), end--, std::greater<>());
    const auto [limit, place] = *end;  // c + p - u > 0 where the price is above the limit
    if (limit >= price) price = limit + epsilon_;
    Arc& arc = arc_of(senders[place], j);
    const Mass back = std::min(arc.flow, excess_of_sink_[j]);
    arc.flow -= back;
    excess_of_sink_[j] -= back;
    excess_of_source_[senders[place].source] += back;
    activate_source(senders[place].source);
    arc.listed = arc.flow > 0;
    if (!arc.listed) gone_.push_back(place);
  }
  std::sort(gone_.begin(), gone_.end(), std::greater<>());
  for (const std::uint32_t place : gone_) {
    senders[place] = senders.back();
    senders.pop_back();
  }
  if (price > price_[j]) raise(j, price);
}

/// Nothing is queued after it.
void PushRelabel::start(double epsilon, const Deadline& deadline, double most_scans) {
  MCKEAN_EXPECT(epsilon > 0);
  deadline_ = deadline;
  most_work_ = static_cast<double>(work_) +
               most_scans * static_cast<double>(supply_.size() + demand_.size());
  stopped_ = deadline_.passed();
  if (stopped_) return;
  choose_grain(epsilon);
  queue_.clear();
  queue_begin_ = 0;
  std::fill(queued_source_.begin(), queued_source_.end(), false);
  std::fill(queued_sink_.begin(), queued_sink_.end(), false);
}

bool PushRelabel::refine(double epsilon, const Deadline& deadline, double most_scans) {
  start(epsilon, deadline, most_scans);
  if (stopped_) return false;
  restore_conditions();
  // An update costs about as much as this many looks at an arc.
  std::uint64_t next_update = work_ + update_interval_;
  while (queue_begin_ < queue_.size() && !stopped()) {
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
      update_globally();
      next_update = work_ + update_interval_;
    }
  }
  return !stopped_;
}

}  // namespace mckean
