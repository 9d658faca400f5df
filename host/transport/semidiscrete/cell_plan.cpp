// Primal repair: the transport of the points near the cells' boundaries by push and relabel.
#include "host/transport/semidiscrete/cell_plan.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "host/data/interruptible.hpp"
#include "host/transport/certificate/certificate.hpp"
#include "host/transport/exact/push_relabel.hpp"
#include "host/transport/pair_cost.hpp"
#include "kernels/cpu/tiles.hpp"

namespace mckean {
namespace {

constexpr std::uint32_t split = std::numeric_limits<std::uint32_t>::max();
constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr double epsilon_factor = 5;
constexpr std::size_t free_between_checks = 4096;  // points

/// The two best atoms of a point's list, and how much more the second one costs.
struct Best {
  std::uint32_t atom = 0;
  std::uint32_t second = 0;
  double value = infinite;
  double slack = infinite;
};

Best best_of(const NearAtoms& near, const std::vector<double>& potential, std::size_t i) {
  Best best;
  double second = infinite;
  for (std::size_t s = 0; s < near.k(); ++s) {
    const std::uint32_t j = near.atoms(i)[s];
    const double value = near.costs(i)[s] + potential[j];
    // Of equals the first atom, so that the order of a list does not matter.
    if (value < best.value || (value == best.value && j < best.atom)) {
      second = best.value;
      best = {j, best.atom, value, 0};
    } else if (value < second || (value == second && j < best.second)) {
      second = value;
      best.second = j;
    }
  }
  best.slack = second - best.value;
  return best;
}

/// 0..count-1 by rising key, equal ones by number.
template <class Key>
std::vector<std::uint32_t> order_by(std::size_t count, const Key& key) {
  auto keyed = make_filled(count, std::pair{0., std::uint32_t{0}});
  for_each_range(count, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const auto index = static_cast<std::uint32_t>(i);
      keyed[i] = {key(index), index};
    }
  });
  sort_in_parts(keyed.begin(), keyed.end());
  std::vector<std::uint32_t> order(count);
  for (std::size_t i = 0; i < count; ++i) order[i] = keyed[i].second;
  return order;
}

}  // namespace

double CellPlan::cost(std::size_t i, std::size_t j) const {
  return pair_cost(kind_, points_.points(), i, atoms_.points(), j);
}

CellPlan::CellPlan(const NearAtoms& near, const IntegerMasses& units,
                   const std::vector<double>& potential, int threads)
    : kind_(near.pairs().cost),
      points_(near.pairs().from),
      atoms_(near.pairs().to),
      units_(units),
      near_(near),
      threads_(threads),
      whole_(near.size(), split) {
  std::vector<double> slack(points_.n);
  std::vector<std::uint32_t> home(points_.n);
  cpu::for_each_long_tile(points_.n, cpu::element_tile, threads_,
                          [&](std::size_t begin, std::size_t end, cpu::EarlyEnd&) {
                            for (std::size_t i = begin; i < end; ++i) {
                              const Best best = best_of(near_, potential, i);
                              slack[i] = best.slack;
                              home[i] = best.atom;
                            }
                          });
  const std::vector<std::uint32_t> order =
      order_by(points_.n, [&](std::uint32_t i) { return -slack[i]; });
  std::vector<Mass> room = units.b;
  std::vector<std::uint32_t> homeless;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    if (rank % points_between_checks(1) == 0) check_interruption();
    const std::uint32_t i = order[rank];
    if (room[home[i]] >= units.a[i]) {
      room[home[i]] -= units.a[i];
      whole_[i] = home[i];
    } else {
      homeless.push_back(i);
    }
  }
  std::vector<std::pair<double, std::uint32_t>> ranked(near.k());
  std::uint32_t open = 0;
  for (const std::uint32_t i : homeless) {
    check_interruption();
    Mass left = units.a[i];
    for (std::size_t s = 0; s < near.k(); ++s)
      ranked[s] = {near.costs(i)[s] + potential[near.atoms(i)[s]], near.atoms(i)[s]};
    std::sort(ranked.begin(), ranked.end());
    const auto give = [&](std::uint32_t j) {
      const Mass given = std::min(left, room[j]);
      if (given == 0) return;
      room[j] -= given;
      left -= given;
      parts_.push_back({i, j, given});
    };
    for (const auto& [value, j] : ranked) give(j);
    while (left > 0) {
      while (room[open] == 0) ++open;
      give(open);
    }
  }
  std::stable_sort(parts_.begin(), parts_.end(),
                   [](const Part& x, const Part& y) { return x.from < y.from; });
}

/// What improve() solves anew: the points around the boundaries of the cells.
struct CellPlan::Layer {
  std::size_t near;
  std::vector<Best> best;           // of every point
  std::vector<double> width;        // on both sides of each atom's boundary
  std::vector<std::uint32_t> free;  // points, by number
};

CellPlan::Layer CellPlan::find_layer(const std::vector<double>& potential, std::size_t near) const {
  Layer layer{near, std::vector<Best>(points_.n), std::vector<double>(atoms_.n), {}};
  cpu::for_each_long_tile(points_.n, cpu::element_tile, threads_,
                          [&](std::size_t begin, std::size_t end, cpu::EarlyEnd&) {
                            for (std::size_t i = begin; i < end; ++i)
                              layer.best[i] = best_of(near_, potential, i);
                          });
  const std::vector<std::uint32_t> order =
      order_by(points_.n, [&](std::uint32_t i) { return layer.best[i].slack; });
  std::vector<std::size_t> inside(atoms_.n), outside(atoms_.n);
  std::vector<char> is_free(points_.n);
  const auto widen = [&](std::uint32_t j, double slack) {
    layer.width[j] = std::max(layer.width[j], slack);
  };
  for (const std::uint32_t i : order) {
    const Best& own = layer.best[i];
    const bool in_layer = inside[own.atom] < near || outside[own.second] < near;
    is_free[i] = whole_[i] != own.atom || (in_layer && own.slack < infinite);
    if (!in_layer || !is_free[i]) continue;
    if (inside[own.atom]++ < near) widen(own.atom, own.slack);
    if (outside[own.second]++ < near) widen(own.second, own.slack);
  }
  for (std::uint32_t i = 0; i < points_.n; ++i) {
    if (is_free[i]) layer.free.push_back(i);
  }
  return layer;
}

TransportArcs CellPlan::arcs_of(const Layer& layer, const std::vector<double>& potential) {
  TransportArcs arcs(layer.free.size());
  complete_ = layer.free.size() == points_.n;
  auto part = parts_.begin();
  for (std::size_t f = 0; f < layer.free.size(); ++f) {
    if (f % free_between_checks == 0) check_interruption();
    const std::uint32_t i = layer.free[f];
    arcs[f].reserve(near_.k() + 2);
    if (whole_[i] != split) {
      arcs[f].push_back({cost(i, whole_[i]), units_.a[i], whole_[i]});
    } else {
      for (; part != parts_.end() && part->from == i; ++part)
        arcs[f].push_back({cost(i, part->to), part->mass, part->to});
    }
    const auto carried = static_cast<std::ptrdiff_t>(arcs[f].size());
    const Best& own = layer.best[i];
    for (std::size_t s = 0; s < near_.k(); ++s) {
      const std::uint32_t j = near_.atoms(i)[s];
      const double more = near_.costs(i)[s] + potential[j] - own.value;
      const double width = 2 * std::max(layer.width[own.atom], layer.width[j]);
      if (layer.near < points_.n && more > std::max(width, own.slack)) {
        complete_ = false;
        continue;
      }
      const bool known = std::any_of(arcs[f].begin(), arcs[f].begin() + carried,
                                     [j](const TransportArc& arc) { return arc.sink == j; });
      if (!known) arcs[f].push_back({near_.costs(i)[s], 0, j});
    }
  }
  return arcs;
}

double CellPlan::adopt(const TransportArcs& arcs, const std::vector<std::uint32_t>& free,
                       const std::vector<double>& potential) {
  parts_.clear();  // split points are always free: all parts are new
  double lost = 0;
  for (std::size_t f = 0; f < free.size(); ++f) {
    const std::uint32_t i = free[f];
    double least = infinite;
    for (const TransportArc& arc : arcs[f]) least = std::min(least, arc.cost + potential[arc.sink]);
    whole_[i] = split;
    for (const TransportArc& arc : arcs[f]) {
      if (arc.flow == 0) continue;
      lost += static_cast<double>(arc.flow) * (arc.cost + potential[arc.sink] - least);
      if (arc.flow == units_.a[i]) {
        whole_[i] = arc.sink;
      } else {
        parts_.push_back({i, arc.sink, arc.flow});
      }
    }
  }
  return lost / static_cast<double>(units_.total);
}

void CellPlan::improve(std::vector<double>& potential, std::size_t near, double target,
                       const Deadline& deadline) {
  Layer layer = find_layer(potential, near);
  if (deadline.passed()) return;
  complete_ = true;
  if (layer.free.empty()) return;

  // What is free, and what the others leave of the demands.
  std::vector<Mass> supply, demand = units_.b;
  for (const std::uint32_t i : layer.free) supply.push_back(units_.a[i]);
  for (std::uint32_t i = 0, f = 0; i < points_.n; ++i) {
    if (f < layer.free.size() && layer.free[f] == i) {
      ++f;
    } else {
      demand[whole_[i]] -= units_.a[i];
    }
  }
  TransportArcs arcs = arcs_of(layer, potential);
  double largest = 0;
  for (const auto& of_point : arcs) {
    for (const TransportArc& arc : of_point) largest = std::max(largest, arc.cost);
  }
  for (const double p : potential) largest = std::max(largest, std::abs(p));

  PushRelabel transport(std::move(supply), std::move(demand), std::move(arcs));
  transport.set_prices(potential);
  const auto middle = layer.width.begin() + static_cast<std::ptrdiff_t>(layer.width.size() / 2);
  std::nth_element(layer.width.begin(), middle, layer.width.end());
  double epsilon = *middle / epsilon_factor;
  if (!(epsilon > 0)) epsilon = largest > 0 ? largest / 4 : 1;
  while (transport.refine(epsilon, deadline)) {
    potential = transport.prices();
    const double lost = adopt(transport.arcs(), layer.free, potential);
    if (lost <= target || epsilon < 1e-15 * largest || deadline.passed()) break;
    epsilon /= epsilon_factor;
  }
}

double CellPlan::upper_squared() const {
  const auto total = static_cast<double>(units_.total);
  double sum = cpu::sum_long_elements(points_.n, threads_, [&](std::size_t i) {
    return whole_[i] == split ? 0. : static_cast<double>(units_.a[i]) / total * cost(i, whole_[i]);
  });
  for (const Part& part : parts_)
    sum += static_cast<double>(part.mass) / total * cost(part.from, part.to);
  // A share, its product, and the sums for each of their levels.
  const auto levels = static_cast<double>(cpu::element_tile / 8 + 64 + 16 + parts_.size());
  return plan_upper(kind_, points_, atoms_, units_, sum, 3 + levels);
}

std::vector<PlanEntry> CellPlan::entries() const {
  const auto total = static_cast<double>(units_.total);
  std::vector<PlanEntry> plan;
  plan.reserve(points_.n + parts_.size());
  auto part = parts_.begin();
  const auto add = [&](std::uint32_t from, std::uint32_t to, Mass units) {
    plan.push_back({from, to, static_cast<double>(units) / total});
  };
  for (std::uint32_t i = 0; i < points_.n; ++i) {
    if (whole_[i] != split) add(i, whole_[i], units_.a[i]);
    for (; part != parts_.end() && part->from == i; ++part) add(i, part->to, part->mass);
  }
  return plan;
}

}  // namespace mckean
