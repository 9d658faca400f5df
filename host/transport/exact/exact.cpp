// Push and relabel over scales of the clouds and of epsilon.
#include "host/transport/exact/exact.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "host/data/interruptible.hpp"
#include "host/transport/certificate/certificate.hpp"
#include "host/transport/exact/integer_masses.hpp"
#include "host/transport/exact/push_relabel.hpp"
#include "host/transport/pair_cost.hpp"
#include "host/transport/passes.hpp"
#include "mckean/formula/batch.hpp"
#include "mckean/formula/compensated_sum.hpp"

namespace mckean {
namespace {

constexpr std::size_t coarsest = 1200;  // points of the larger cloud that need no coarser start
constexpr std::size_t coarsening = 4;   // from a scale to the next
constexpr double epsilon_factor = 5;    // from an epsilon to the next
constexpr double epsilon_rise = 5;      // where the first one was too small
constexpr double scans_of_start = 250;  // at arcs for each node: several times what is usual
constexpr double scans_of_prices = 8;   // a small part of what a refinement takes
constexpr double unlimited = 1e18;

/// One pair of clouds, the first not smaller than the second.
class Solver {
 public:
  Solver(const DiscreteMeasure& sources, const DiscreteMeasure& sinks, const ExactOptions& options)
      : sources_(sources),
        sinks_(sinks),
        options_(options),
        kept_{options.passes->keep(sources), options.passes->keep(sinks)},
        units_(to_integer_masses(sources, sinks)),
        transport_(sources, sinks, units_, options.cost),
        largest_cost_(bound_of_costs(sources, sinks, options.cost)) {}

  /// From prices, and from an epsilon that suits them; 0: as large as the costs.
  TransportBracket solve(const std::vector<double>& prices, double first_epsilon) {
    TransportBracket bracket;
    keep_trivial_bound(prices);
    try {
      narrow(prices, first_epsilon, bracket);
    } catch (const OutOfTime&) {  // what is proved by now stands
    }
    bracket.set_squares(lower_squared_, upper_squared_);
    bracket.phi = std::move(phi_);
    bracket.psi = std::move(psi_);
    if (options_.with_plan) bracket.plan = std::move(plan_);
    return bracket;
  }

 private:
  void narrow(const std::vector<double>& prices, double first_epsilon, TransportBracket& bracket) {
    transport_.set_prices(prices);
    // A deadline that leaves a pass over all pairs its time leaves a lower bound.
    const double reserve = seconds_of_pass();
    const bool affordable = reserve < options_.deadline.left();
    const Deadline refinement = options_.deadline.earlier_by(affordable ? reserve : 0);
    const double smallest = std::max(2e-15 * largest_cost_, std::numeric_limits<double>::min());
    double epsilon = std::max(first_epsilon > 0 ? first_epsilon : largest_cost_ / 16, smallest);
    for (;;) {
      // Prices may be worse, for some points, than the epsilon that came with them: they are far
      // behind then, and a larger one gets them there sooner.
      const bool may_rise = bracket.iterations == 0 && epsilon < largest_cost_ / 16;
      if (!transport_.refine(epsilon, refinement, may_rise ? scans_of_start : unlimited)) {
        if (!may_rise || refinement.passed()) break;
        epsilon = std::min(epsilon * epsilon_rise, largest_cost_ / 16);
        continue;
      }
      ++bracket.iterations;
      measure_upper();
      // The gap of the squares is at most 2 epsilon, and most often half of it.
      if (epsilon <= 4 * options_.rtol * upper_squared_ || epsilon == smallest) certify();
      bracket.set_squares(lower_squared_, upper_squared_);
      if (bracket.gap() <= options_.rtol || epsilon == smallest || refinement.passed()) break;
      // Most often the plan is the best one before its prices show it.
      do {
        epsilon = std::max(epsilon / epsilon_factor, smallest);
      } while (epsilon > std::max(smallest, 4 * options_.rtol * upper_squared_) &&
               transport_.refine_prices(epsilon, refinement, scans_of_prices));
    }
    if (bracket.gap() > options_.rtol) certify();
  }

  /// No cost is below 0: phi_i = -max_j psi_j, with which nothing is proved, needs no pass.
  void keep_trivial_bound(const std::vector<double>& prices) {
    psi_ = negated(prices);
    center(sinks_, psi_);
    phi_ = make_filled(sources_.n, -*std::max_element(psi_.begin(), psi_.end()));
  }

  /// The lower bound that the prices prove, if there is time for it.
  void certify() {
    std::vector<double> price = transport_.prices();
    center(sinks_, price);
    std::vector<double> phi =
        c_transform(*options_.passes, {options_.cost, sources_, sinks_}, price, options_.deadline);
    if (phi.empty()) return;
    std::vector<double> psi = negated(std::move(price));
    const double lower_squared = dual_lower(options_.cost, sources_, sinks_, phi, psi);
    if (lower_squared > lower_squared_) {
      lower_squared_ = lower_squared;
      phi_ = std::move(phi);
      psi_ = std::move(psi);
    }
  }

  /// Twice what a pass over all pairs takes; 0 where that does not matter.
  double seconds_of_pass() const {
    const Deadline& deadline = options_.deadline;
    if (!deadline.given() || deadline.passed()) return 0;
    return 2 * seconds_of_c_transform(*options_.passes, {options_.cost, sources_, sinks_});
  }

  /// The cost of the flow, its rounding, and what the mass may cost that units cannot represent.
  void measure_upper() {
    CompensatedSum sum;
    plan_.clear();
    const auto total = static_cast<double>(units_.total);
    for (std::uint32_t i = 0; i < sources_.n; ++i) {
      if (i % points_between_checks(16 * sources_.d) == 0) check_interruption();
      for (const TransportArc& arc : transport_.arcs()[i]) {
        if (arc.flow == 0) continue;
        const double part = static_cast<double>(arc.flow) / total;
        sum.add(part * pair_cost(options_.cost, sources_.points(), i, sinks_.points(), arc.sink));
        plan_.push_back({i, arc.sink, part});
      }
    }
    // Of a mass the share and its product lose a rounding each, and the compensated sum two.
    upper_squared_ = plan_upper(options_.cost, sources_, sinks_, units_, sum.value(), 4);
  }

  const DiscreteMeasure& sources_;
  const DiscreteMeasure& sinks_;
  const ExactOptions& options_;  // with passes
  std::array<std::shared_ptr<const void>, 2> kept_;
  IntegerMasses units_;
  PushRelabel transport_;
  double largest_cost_;
  std::vector<double> phi_, psi_;  // of the best lower bound
  double lower_squared_ = 0;
  double upper_squared_ = std::numeric_limits<double>::infinity();
  std::vector<PlanEntry> plan_;
};

/// A part of a cloud, drawn without replacement; the same one at each call.
DiscreteMeasure draw_part(const DiscreteMeasure& measure, std::size_t count, std::uint64_t stream) {
  std::vector<std::size_t> index = make_filled(count, std::size_t{0});
  for (std::size_t i = 0; i < count; ++i) {
    if (i % points_between_checks(16) == 0) check_interruption();
    index[i] = static_cast<std::size_t>(permute(i, measure.n, 1, stream));
  }
  return select_points(measure, index);
}

struct Start {
  std::vector<double> prices;
  double epsilon = 0;
};

/// Prices for the sinks from those of a coarser pair of clouds.
Start coarse_start(const DiscreteMeasure& sources, const DiscreteMeasure& sinks,
                   const ExactOptions& options) {
  if (sources.n <= coarsest || options.deadline.passed()) return {make_zeros(sinks.n), 0};
  const DiscreteMeasure part = draw_part(sources, sources.n / coarsening, 1);
  const std::size_t sink_count = std::min(sinks.n, std::max(sinks.n / coarsening, coarsest / 2));
  const DiscreteMeasure sink_part = draw_part(sinks, sink_count, 2);
  ExactOptions coarse = options;
  coarse.rtol = std::max(options.rtol, 0.01);
  const Start start = coarse_start(part, sink_part, coarse);
  Solver solver(part, sink_part, coarse);
  TransportBracket bracket = solver.solve(start.prices, start.epsilon);

  Start finer{conjugate_potential(*options.passes, {options.cost, sinks, part},
                                  negated(bracket.phi), options.deadline)};
  if (std::isfinite(bracket.upper)) finer.epsilon = 0.5 * bracket.upper * bracket.upper;
  return finer;
}

/// Prices from those of a nearby problem; with the clouds swapped they are those of the sources.
Start nearby_start(const DiscreteMeasure& sources, const DiscreteMeasure& sinks,
                   const ExactOptions& options, bool swapped) {
  MCKEAN_EXPECT(options.psi.size() == (swapped ? sources.n : sinks.n));
  const std::vector<double> prices = negated(options.psi);
  return {swapped ? conjugate_potential(*options.passes, {options.cost, sinks, sources}, prices,
                                        options.deadline)
                  : prices,
          1e-3 * bound_of_costs(sources, sinks, options.cost)};
}

}  // namespace

TransportBracket solve_exact(const DiscreteMeasure& a, const DiscreteMeasure& b,
                             const ExactOptions& given) {
  MCKEAN_EXPECT(a.d == b.d);
  const GivenPasses passes(given.passes, given.threads);
  ExactOptions options = given;
  options.passes = passes.get();
  const bool swapped = a.n < b.n;
  const DiscreteMeasure& sources = swapped ? b : a;
  const DiscreteMeasure& sinks = swapped ? a : b;
  const Start start = options.psi.empty() ? coarse_start(sources, sinks, options)
                                          : nearby_start(sources, sinks, options, swapped);
  Solver solver(sources, sinks, options);
  TransportBracket bracket = solver.solve(start.prices, start.epsilon);
  if (swapped) bracket.swap_sides();
  return bracket;
}

}  // namespace mckean
