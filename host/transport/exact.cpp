// Column generation over scales of the clouds and of epsilon.
#include "host/transport/exact.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "host/transport/mass_units.hpp"
#include "host/transport/pair_cost.hpp"
#include "host/transport/sparse_transport.hpp"
#include "kernels/cpu/cpu_backend.hpp"
#include "kernels/cpu/nearest_targets.hpp"
#include "mckean/batch.hpp"

namespace mckean {
namespace {

constexpr std::size_t coarsest = 1200;  // points of the larger cloud that need no coarser start
constexpr std::size_t coarsening = 4;   // from a scale to the next
constexpr double epsilon_factor = 5;    // from an epsilon to the next
constexpr std::size_t nearest_kept = 12;

using Clock = std::chrono::steady_clock;

/// The measure's points in the order of their sum of coordinates.
std::vector<std::uint32_t> projected_order(const DiscreteMeasure& measure) {
  std::vector<double> along(measure.n);
  for (std::size_t k = 0; k < measure.d; ++k) {
    for (std::size_t i = 0; i < measure.n; ++i) along[i] += measure.planes[k * measure.n + i];
  }
  std::vector<std::uint32_t> order(measure.n);
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t i, std::uint32_t j) { return along[i] < along[j]; });
  return order;
}

/// One pair of clouds, the first not smaller than the second.
class Solver {
 public:
  Solver(const DiscreteMeasure& sources, const DiscreteMeasure& sinks, const ExactOptions& options,
         Clock::time_point start)
      : sources_(sources),
        sinks_(sinks),
        options_(options),
        backend_(options.threads),
        start_(start),
        units_(to_units(sources, sinks)),
        transport_(units_.a, units_.b),
        kept_(std::min(nearest_kept, sinks.n)),
        value_(sources.n * kept_),
        index_(sources.n * kept_),
        u_(sources.n) {}

  /// `first_epsilon` 0: prices are 0, and the scale of the costs is the first epsilon.
  TransportBracket solve(std::vector<double> prices, double first_epsilon) {
    transport_.prices() = std::move(prices);
    start_with_projection();
    double epsilon = first_epsilon > 0 ? first_epsilon : upper_squared_ / 4;
    search();
    std::uint64_t iterations = 0;
    for (;;) {
      rebuild_arcs();
      transport_.refine(arcs_, epsilon);
      const double sparse_lower = lower_over_arcs();
      search();
      measure_upper();
      ++iterations;
      TransportBracket bracket;
      bracket.set_squares(best_lower_, upper_squared_);
      const double smallest = 1e-16 * scale();
      if (bracket.gap() <= options_.rtol || epsilon < smallest || out_of_time()) {
        bracket.iterations = iterations;
        return bracket;
      }
      // What is missing of the lower bound is either arcs or precision.
      const double missing_arcs = sparse_lower - lower_squared_;
      const double missing_precision = upper_squared_ - sparse_lower;
      if (missing_arcs <= 2 * missing_precision || missing_arcs < 4 * epsilon)
        epsilon = std::min(epsilon / epsilon_factor, std::max(missing_precision / 2, smallest / 2));
    }
  }

  void give_plan(TransportBracket& bracket, bool swapped) const {
    for (std::size_t i = 0; i < sources_.n; ++i) {
      for (std::size_t k = arcs_.first[i]; k < arcs_.first[i + 1]; ++k) {
        if (arcs_.flow[k] == 0) continue;
        const double mass = static_cast<double>(arcs_.flow[k]) / static_cast<double>(units_.total);
        const auto from = static_cast<std::uint32_t>(i);
        bracket.plan.push_back(swapped ? PlanEntry{arcs_.sink[k], from, mass}
                                       : PlanEntry{from, arcs_.sink[k], mass});
      }
    }
  }
  const std::vector<double>& values() const { return best_u_; }
  const std::vector<double>& prices() const { return best_p_; }

 private:
  bool out_of_time() const {
    return std::chrono::duration<double>(Clock::now() - start_).count() > options_.time_limit;
  }

  double scale() const {
    double largest = upper_squared_;
    for (const double price : transport_.prices()) largest = std::max(largest, std::abs(price));
    return largest;
  }

  /// A transport in the order of a projection: the one that all others start from.
  void start_with_projection() {
    const std::vector<std::uint32_t> from = projected_order(sources_);
    const std::vector<std::uint32_t> to = projected_order(sinks_);
    std::vector<std::vector<std::pair<std::uint32_t, Mass>>> rows(sources_.n);
    std::size_t j = 0;
    Mass room = units_.b[to[0]];
    for (const std::uint32_t i : from) {
      for (Mass left = units_.a[i]; left > 0;) {
        const Mass moved = std::min(left, room);
        if (moved > 0) rows[i].emplace_back(to[j], moved);
        left -= moved;
        room -= moved;
        if (room == 0 && j + 1 < sinks_.n) room = units_.b[to[++j]];
      }
    }
    arcs_ = {};
    arcs_.first.push_back(0);
    for (std::size_t i = 0; i < sources_.n; ++i) {
      for (const auto& [sink, flow] : rows[i]) add_arc(i, sink, flow);
      arcs_.first.push_back(arcs_.size());
    }
    measure_upper();
  }

  void add_arc(std::size_t i, std::uint32_t sink, Mass flow) {
    arcs_.sink.push_back(sink);
    arcs_.cost.push_back(pair_cost(options_.cost, sources_.points(), i, sinks_.points(), sink));
    arcs_.flow.push_back(flow);
  }

  /// The nearest sinks at the prices, and the lower bound that they prove.
  void search() {
    std::vector<double>& price = transport_.prices();
    // The mean price is 0: any constant may be added, and this one loses no digits.
    double mean = 0;
    for (std::size_t j = 0; j < sinks_.n; ++j) mean += sinks_.weights[j] * price[j];
    for (double& p : price) p -= mean;
    cpu::nearest_targets(options_.cost, sources_.points(), sinks_.points(),
                         {price.data(), price.size()}, kept_, backend_.threads(),
                         {value_.data(), value_.size()}, {index_.data(), index_.size()});
    double sum = 0;
    double size = 0;
    for (std::size_t i = 0; i < sources_.n; ++i) {
      const double* const row = value_.data() + i * kept_;
      u_[i] = *std::min_element(row, row + kept_);
      sum += sources_.weights[i] * u_[i];
      size += sources_.weights[i] * std::abs(u_[i]);
    }
    double largest = 0;
    for (std::size_t j = 0; j < sinks_.n; ++j) {
      sum -= sinks_.weights[j] * price[j];
      size += sinks_.weights[j] * std::abs(price[j]);
      largest = std::max(largest, std::abs(price[j]));
    }
    lower_squared_ = sum - lower_rounding(size, largest);
    if (best_u_.empty() || lower_squared_ > best_lower_) {
      best_lower_ = lower_squared_;
      best_u_ = u_;
      best_p_ = price;
    }
  }

  /// Bound of the rounding of sum a u - sum b p. A computed cost has a relative error of (d + 12)
  /// w, w = 2^-53, and c <= |u| + |p|; sums of n terms add in order lose n w of their size at most,
  /// and the units move `moved` of the mass over |u| + |p|.
  double lower_rounding(double size, double largest_price) const {
    const double w = 0x1p-53;
    const auto terms = static_cast<double>(sources_.n + sinks_.n);
    const double per_term = static_cast<double>(sources_.d) + 16;
    return w * (per_term * (size + largest_price) + terms * size) +
           2 * units_.moved * (size + largest_price);
  }

  /// sum a u - sum b p with u over the arcs at hand alone.
  double lower_over_arcs() const {
    double sum = 0;
    for (std::size_t i = 0; i < sources_.n; ++i) {
      double least = std::numeric_limits<double>::infinity();
      for (std::size_t k = arcs_.first[i]; k < arcs_.first[i + 1]; ++k)
        least = std::min(least, arcs_.cost[k] + transport_.prices()[arcs_.sink[k]]);
      sum += sources_.weights[i] * least;
    }
    for (std::size_t j = 0; j < sinks_.n; ++j) sum -= sinks_.weights[j] * transport_.prices()[j];
    return sum;
  }

  void measure_upper() {
    double sum = 0;
    for (std::size_t k = 0; k < arcs_.size(); ++k)
      sum += static_cast<double>(arcs_.flow[k]) * arcs_.cost[k];
    sum /= static_cast<double>(units_.total);
    const double w = 0x1p-53;
    upper_squared_ = sum * (1 + w * (static_cast<double>(sources_.d + arcs_.size()) + 16));
  }

  /// The nearest sinks of the last search, and every arc that carries something.
  void rebuild_arcs() {
    TransportArcs old = std::move(arcs_);
    arcs_ = {};
    arcs_.first.reserve(sources_.n + 1);
    arcs_.sink.reserve(sources_.n * kept_ + old.size());
    arcs_.cost.reserve(arcs_.sink.capacity());
    arcs_.flow.reserve(arcs_.sink.capacity());
    arcs_.first.push_back(0);
    for (std::size_t i = 0; i < sources_.n; ++i) {
      const std::uint32_t* const row = index_.data() + i * kept_;
      for (std::size_t k = old.first[i]; k < old.first[i + 1]; ++k) {
        if (old.flow[k] == 0) continue;
        arcs_.sink.push_back(old.sink[k]);
        arcs_.cost.push_back(old.cost[k]);
        arcs_.flow.push_back(old.flow[k]);
      }
      const std::size_t carried = arcs_.size();
      for (std::size_t s = 0; s < kept_; ++s) {
        const auto begin = arcs_.sink.begin() + static_cast<std::ptrdiff_t>(arcs_.first[i]);
        const auto end = arcs_.sink.begin() + static_cast<std::ptrdiff_t>(carried);
        if (std::find(begin, end, row[s]) == end) add_arc(i, row[s], 0);
      }
      arcs_.first.push_back(arcs_.size());
    }
  }

  const DiscreteMeasure& sources_;
  const DiscreteMeasure& sinks_;
  const ExactOptions& options_;
  CpuBackend<double> backend_;
  Clock::time_point start_;
  MassUnits units_;
  SparseTransport transport_;
  std::size_t kept_;
  std::vector<double> value_;
  std::vector<std::uint32_t> index_;
  std::vector<double> u_, best_u_, best_p_;
  TransportArcs arcs_;
  double lower_squared_ = 0;
  double best_lower_ = 0;
  double upper_squared_ = 0;
};

/// A part of a cloud, drawn without replacement; the same one at each call.
DiscreteMeasure draw_part(const DiscreteMeasure& measure, std::size_t count, std::uint64_t stream) {
  std::vector<std::size_t> index(count);
  for (std::size_t i = 0; i < count; ++i)
    index[i] = static_cast<std::size_t>(permute(i, measure.n, 1, stream));
  return select_points(measure, index);
}

struct Start {
  std::vector<double> prices;
  double epsilon = 0;
};

/// Prices for the sinks from those of a coarser pair of clouds: p_j = -min_i c_ij - u_i.
Start coarse_start(const DiscreteMeasure& sources, const DiscreteMeasure& sinks,
                   const ExactOptions& options, Clock::time_point start_time) {
  if (sources.n <= coarsest) return {std::vector<double>(sinks.n), 0};
  const DiscreteMeasure part = draw_part(sources, sources.n / coarsening, 1);
  const std::size_t sink_count = std::min(sinks.n, std::max(sinks.n / coarsening, coarsest / 2));
  const DiscreteMeasure sink_part = draw_part(sinks, sink_count, 2);
  ExactOptions coarse = options;
  coarse.rtol = std::max(options.rtol, 0.01);
  const Start start = coarse_start(part, sink_part, coarse, start_time);
  Solver solver(part, sink_part, coarse, start_time);
  const TransportBracket bracket = solver.solve(start.prices, start.epsilon);

  std::vector<double> potential = solver.values();
  for (double& u : potential) u = -u;
  Start finer{std::vector<double>(sinks.n), 0.1 * bracket.upper * bracket.upper};
  std::vector<double> ignored(sinks.n);
  CpuBackend<double>(options.threads)
      .c_transform(options.cost, sinks.points(), part.points(),
                   {potential.data(), potential.size()}, 0,
                   {finer.prices.data(), finer.prices.size()}, {ignored.data(), ignored.size()});
  for (double& price : finer.prices) price = -price;
  return finer;
}

}  // namespace

TransportBracket solve_exact(const DiscreteMeasure& a, const DiscreteMeasure& b,
                             const ExactOptions& options) {
  MCKEAN_EXPECT(a.d == b.d);
  const Clock::time_point start_time = Clock::now();
  const bool swapped = a.n < b.n;
  const DiscreteMeasure& sources = swapped ? b : a;
  const DiscreteMeasure& sinks = swapped ? a : b;
  const Start start = coarse_start(sources, sinks, options, start_time);
  Solver solver(sources, sinks, options, start_time);
  TransportBracket bracket = solver.solve(start.prices, start.epsilon);
  bracket.u = solver.values();
  bracket.p = solver.prices();
  if (swapped) {
    // u_i <= c_ij + p_j reads -p_j <= c_ij - u_i from the other side.
    std::swap(bracket.u, bracket.p);
    for (double& value : bracket.u) value = -value;
    for (double& value : bracket.p) value = -value;
  }
  if (options.with_plan) solver.give_plan(bracket, swapped);
  return bracket;
}

}  // namespace mckean
