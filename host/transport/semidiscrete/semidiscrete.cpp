// Newton's method for the potential from coarse to fine samples, primal repair, dual certificate.
#include "host/transport/semidiscrete/semidiscrete.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "host/data/interruptible.hpp"
#include "host/transport/certificate/certificate.hpp"
#include "host/transport/exact/integer_masses.hpp"
#include "host/transport/pair_cost.hpp"
#include "host/transport/passes.hpp"
#include "host/transport/semidiscrete/cell_plan.hpp"
#include "host/transport/semidiscrete/coarse_potential.hpp"
#include "host/transport/semidiscrete/near_atoms.hpp"
#include "host/transport/semidiscrete/newton_ascent.hpp"
#include "kernels/cpu/cpu_backend.hpp"
#include "kernels/cpu/tiles.hpp"

namespace mckean {
namespace {

// Points of the samples for each atom.
constexpr std::size_t coarse_points = 4;
constexpr std::size_t sample_points[] = {coarse_points, 32, 200};
constexpr std::size_t kept_of_sample = 32;   // near atoms of a point of a sample, at least
constexpr std::size_t kept = 16;             // and of one of all points
constexpr std::size_t free_lists = 1 << 18;  // entries of all lists that cost next to nothing
constexpr double epsilon_factor = 3;
constexpr int most_newton_steps = 20;  // for one epsilon
constexpr double empty = .05;          // of its weight is what an empty cell has at most
constexpr int most_fillings = 3;
constexpr double large_imbalance = .1;  // of the masses, with which epsilon does not fall
constexpr double far_off = .1;          // with which it rises
constexpr double useless_start = .5;    // this much in wrong cells, and the potential is not kept
constexpr double most_outdated = .01;   // of the lists
constexpr int most_searches = 40;       // for one set of points
constexpr int most_retreats = 8;
constexpr std::size_t first_layer = 16;  // points freed on either side of a cell's boundary
constexpr std::size_t layer_factor = 4;
constexpr int patience = 4;  // repairs that gain nothing before the work ends
constexpr int most_repairs = 60;
constexpr double search_to_minimum = 2;   // of the times of passes, with a reserve
constexpr double seconds_of_plan = 1e-6;  // a point

/// The points with the atoms that are to get their mass.
class Solver {
 public:
  Solver(const DiscreteMeasure& points, const DiscreteMeasure& atoms,
         const SemidiscreteOptions& options)
      : points_(points),
        atoms_(atoms),
        options_(options),
        threads_(CpuBackend<double>(options.threads).threads()),
        units_(to_integer_masses(points, atoms)) {}

  TransportBracket solve(std::vector<double> potential) {
    potential_ = std::move(potential);
    const Pairs pairs{options_.cost, points_, atoms_};
    if (options_.deadline.given()) {
      // A search, a plan and its cost are what a bracket takes at the end.
      const double reserve = search_to_minimum * seconds_of_c_transform(*options_.passes, pairs) +
                             seconds_of_plan * static_cast<double>(points_.n);
      if (options_.deadline.left() < reserve && !is_one_part(pairs, options_.passes->part()))
        return {};
      work_ = options_.deadline.earlier_by(reserve);
    }
    NearAtoms near(pairs, std::max(kept, free_lists / points_.n), *options_.passes, threads_);
    try {
      find_potential(near);
    } catch (const OutOfTime&) {  // those that it got to
    }
    if (potential_.empty()) potential_.assign(atoms_.n, 0);
    center(atoms_, potential_);
    if (!near.has_lists() && !near.search(potential_, options_.deadline)) return {};
    repair(near);
    bracket_.set_squares(lower_squared_, upper_squared_);
    bracket_.psi = negated(std::move(best_potential_));
    if (options_.with_plan) bracket_.plan = best_plan_->entries();
    return std::move(bracket_);
  }

 private:
  /// From the potential at hand, or from samples where there is none or a bad one.
  void find_potential(NearAtoms& near) {
    double epsilon = 0;
    bool start = potential_.empty();
    if (!start) {
      center(atoms_, potential_);
      search(near);
      start = misplaced_mass(near) > useless_start;
    }
    if (start) {
      epsilon = start_on_samples();
      center(atoms_, potential_);
      search(near);
    }
    ascend_on(near, points_, epsilon, true);
  }

  void search(NearAtoms& near) const {
    if (!near.search(potential_, work_)) throw OutOfTime();
  }

  /// sum_j |mass of the points whose best atom is j - b_j|.
  double misplaced_mass(const NearAtoms& near) const {
    std::vector<double> mass(atoms_.n);
    for (std::size_t i = 0; i < points_.n; ++i) {
      if (i % points_between_checks(near.k()) == 0) check_interruption();
      std::size_t best = 0;
      for (std::size_t s = 1; s < near.k(); ++s) {
        if (near.costs(i)[s] + potential_[near.atoms(i)[s]] <
            near.costs(i)[best] + potential_[near.atoms(i)[best]])
          best = s;
      }
      mass[near.atoms(i)[best]] += points_.weights[i];
    }
    double sum = 0;
    for (std::size_t j = 0; j < atoms_.n; ++j) sum += std::abs(mass[j] - atoms_.weights[j]);
    return sum;
  }

  /// The potential from samples; returns the epsilon that it is for.
  double start_on_samples() {
    potential_.assign(atoms_.n, 0);
    if (atoms_.n == 1) return 0;
    double epsilon = 0;
    for (const std::size_t each : sample_points) {
      const std::size_t count = std::max<std::size_t>(each * atoms_.n, 1024);
      const bool all = 2 * count > points_.n;
      if (all && each != coarse_points) break;
      const DiscreteMeasure sample = all ? points_ : stratified_sample(points_, count);
      if (each == coarse_points) {
        CoarsePotential coarse =
            coarse_potential(options_.cost, sample, atoms_, *options_.passes, work_);
        potential_ = std::move(coarse.potential);
        epsilon = coarse.epsilon;
      }
      if (all) break;
      NearAtoms near({options_.cost, sample, atoms_},
                     std::max(kept_of_sample, free_lists / sample.n), *options_.passes, threads_);
      center(atoms_, potential_);
      search(near);
      epsilon = ascend_on(near, sample, epsilon, false);
    }
    return epsilon;
  }

  /// The p_j at which atom j takes as many points as its weight asks for from the others at the
  /// potential of the last search.
  double potential_of_share(const NearAtoms& near, const DiscreteMeasure& points,
                            std::uint32_t j) const {
    std::vector<double> extra = make_zeros(points.n);
    cpu::for_each_long_tile(
        points.n, cpu::element_tile, threads_,
        [&](std::size_t begin, std::size_t end, cpu::EarlyEnd&) {
          for (std::size_t i = begin; i < end; ++i) {
            extra[i] =
                pair_cost(options_.cost, points.points(), i, atoms_.points(), j) - near.values()[i];
          }
        });
    const auto wanted = static_cast<std::size_t>(atoms_.weights[j] * static_cast<double>(points.n));
    const auto last = extra.begin() + static_cast<std::ptrdiff_t>(std::min(wanted, points.n - 1));
    std::nth_element(extra.begin(), last, extra.end());
    return -*last;
  }

  /// Steps that rose by lists which leave out what others would take may have gone too far: new
  /// lists, and half the way back to the potential of the last ones as long as the dual is below
  /// `value`.
  void search_or_retreat(NearAtoms& near, SmoothDual& dual, double epsilon, double value,
                         std::vector<double>& searched) {
    for (int retreats = 0;; ++retreats) {
      center(atoms_, potential_);
      search(near);
      dual.evaluate(potential_, epsilon);
      if (dual.value() >= value || retreats == most_retreats || work_.passed()) break;
      for (std::size_t j = 0; j < atoms_.n; ++j) potential_[j] = (potential_[j] + searched[j]) / 2;
    }
    searched = potential_;
  }

  /// Newton's method from `epsilon` on (0: from what the lists suggest) down to where a cell's
  /// boundary layer holds a few points or, on a sample, to where it knows no better. Returns the
  /// last epsilon.
  double ascend_on(NearAtoms& near, const DiscreteMeasure& points, double epsilon, bool to_end) {
    const double scale = near.typical_slack();
    if (near.k() < 2 || scale == 0) return epsilon;
    const double each = static_cast<double>(points.n) / static_cast<double>(atoms_.n);
    const double last = scale * (to_end ? std::min(.5, 4 / each) : 1 / std::sqrt(each));
    // A soft minimum over a list that is cut short must not reach its end.
    const double first =
        near.k() < atoms_.n ? near.typical_spread() / 12 : std::max(epsilon, scale);
    epsilon = std::max(last, epsilon > 0 ? std::min(epsilon, first) : scale / 4);
    const std::vector<double> supply = masses_of(points);
    const std::vector<double> demand = masses_of(atoms_);
    SmoothDual dual(near, supply, demand, threads_, work_);
    int searches = 0;
    std::vector<double> searched = potential_;
    // An atom without points has no slope to follow: its p_j is set by what it is to have.
    const auto fill_empty_cells = [&] {
      for (int round = 0; round < most_fillings && !work_.passed(); ++round) {
        dual.evaluate(potential_, epsilon);
        bool any = false;
        for (std::uint32_t j = 0; j < atoms_.n; ++j) {
          if (dual.mass()[j] > empty * atoms_.weights[j]) continue;
          any = true;
          potential_[j] = std::min(potential_[j], potential_of_share(near, points, j));
        }
        if (!any) return;
        center(atoms_, potential_);
        search(near);
        searched = potential_;
      }
    };
    fill_empty_cells();
    // That of another sample may be far off; where minima are smoother Newton's steps are longer.
    for (dual.evaluate(potential_, epsilon);
         epsilon < first && imbalance(dual) > far_off && !work_.passed();
         dual.evaluate(potential_, epsilon))
      epsilon = std::min(first, epsilon * epsilon_factor);
    while (!work_.passed()) {
      const double tolerance = std::min(
          .05, to_end && epsilon <= last ? .5 / each : (to_end ? .1 : .2) / std::sqrt(each));
      dual.evaluate(potential_, epsilon);
      const double value = dual.value();
      const int steps = ascend(dual, potential_, epsilon, tolerance, most_newton_steps, [&] {
        return work_.passed() || near.outdated_share(potential_) > most_outdated;
      });
      bracket_.iterations += static_cast<std::uint64_t>(steps);
      if (near.outdated_share(potential_) > most_outdated) {
        if (++searches > most_searches) break;
        search_or_retreat(near, dual, epsilon, value, searched);
        continue;  // with the same epsilon
      }
      if (epsilon <= last || imbalance(dual) > large_imbalance) break;
      epsilon = std::max(last, epsilon / epsilon_factor);
    }
    center(atoms_, potential_);
    return epsilon;
  }

  /// Improves a plan and the potential with more and more free points until the gap is closed.
  void repair(NearAtoms& near) {
    CellPlan plan(near, units_, potential_, threads_);
    measure_upper(plan);
    std::vector<double> before_repair = potential_;
    int idle = 0;
    std::size_t layer = first_layer;
    for (int round = 0; round < most_repairs && idle < patience; ++round) {
      const double before = gap();
      if (round > 0 && (before <= options_.rtol || work_.passed())) break;
      const double target = .1 * options_.rtol * upper_squared_;
      if (!work_.passed()) plan.improve(potential_, layer, target, work_);
      ++bracket_.iterations;
      measure_upper(plan);
      certify(near);
      if (round == 0 && gap() > options_.rtol && !work_.passed()) {
        std::swap(potential_, before_repair);
        certify(near);
      }
      if (near.has_lists() && potential_ != best_potential_ && !plan.complete()) {
        // Too few points were free for a potential that holds for all: back to the one that does.
        potential_ = best_potential_;
        near.search(potential_, work_);
      }
      if (!near.has_lists()) break;
      idle = gap() < .9 * before || !plan.complete() ? 0 : idle + 1;
      layer = std::min(points_.n, layer * layer_factor);
    }
  }

  double gap() const {
    TransportBracket bracket;
    bracket.set_squares(lower_squared_, upper_squared_);
    return bracket.gap();
  }

  void measure_upper(const CellPlan& plan) {
    const double squared = plan.upper_squared();
    if (best_plan_ && squared >= upper_squared_) return;
    upper_squared_ = squared;
    best_plan_.emplace(plan);
  }

  /// A pass over all pairs, and the lower bound that it proves, if there is time for it.
  void certify(NearAtoms& near) {
    center(atoms_, potential_);
    if (near.search(potential_, options_.deadline)) take_dual(near.values());  // a c-transform
  }

  void take_dual(const std::vector<double>& u) {
    const double squared = dual_lower(options_.cost, points_, atoms_, u, negated(potential_));
    if (!bracket_.phi.empty() && squared <= lower_squared_) return;
    lower_squared_ = squared;
    bracket_.phi = u;
    best_potential_ = potential_;
  }

  const DiscreteMeasure& points_;
  const DiscreteMeasure& atoms_;
  const SemidiscreteOptions& options_;  // with passes
  Deadline work_;                       // earlier than that of the options by what the proofs take
  int threads_;
  IntegerMasses units_;
  std::vector<double> potential_;
  std::optional<CellPlan> best_plan_;
  TransportBracket bracket_;
  std::vector<double> best_potential_;  // those of the lower end
  double lower_squared_ = 0;            // of the best potential so far; 0 before the first pass
  double upper_squared_ = 0;
};

}  // namespace

TransportBracket solve_semidiscrete(const DiscreteMeasure& a, const DiscreteMeasure& b,
                                    const SemidiscreteOptions& given) {
  MCKEAN_EXPECT(a.d == b.d);
  const GivenPasses passes(given.passes, given.threads);
  SemidiscreteOptions options = given;
  options.passes = passes.get();
  const bool swapped = a.n < b.n;
  const DiscreteMeasure& points = swapped ? b : a;
  const DiscreteMeasure& atoms = swapped ? a : b;
  MCKEAN_EXPECT(options.psi.empty() || options.psi.size() == b.n);
  std::vector<double> potential = negated(options.psi);
  if (swapped && !potential.empty())
    potential =
        conjugate_potential(*options.passes, {options.cost, a, b}, potential, options.deadline);
  TransportBracket bracket = Solver(points, atoms, options).solve(std::move(potential));
  if (swapped) bracket.swap_sides();
  return bracket;
}

}  // namespace mckean
