// Sinkhorn's iteration in the log domain, its dual certificate and its rounded plan.
#include "host/transport/entropic/sinkhorn.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>

#include "host/transport/certificate/certificate.hpp"
#include "host/transport/passes.hpp"
#include "mckean/formula/compensated_sum.hpp"

namespace mckean {
namespace {

constexpr double epsilon_factor = 2;          // from an epsilon to the next
constexpr int iterations_per_epsilon = 1000;  // at most
constexpr int last_iterations = 20000;        // at the epsilon that the tolerance asks for
constexpr double converged = 1e-7;            // of masses and of potentials over epsilon
constexpr double certificate = 5;             // passes, of a plan and of potentials, with a reserve
constexpr double soft_to_hard = 3;            // of the times of passes
constexpr double over_relaxation = 1.7;       // of psi, once the plan is nearly right

double largest(const std::vector<double>& values) {
  double size = 0;
  for (const double value : values) size = std::max(size, std::abs(value));
  return size;
}

DiscreteMeasure of_sum_one(DiscreteMeasure measure) {
  measure.weights = masses_of(measure);
  return measure;
}

/// The pair of clouds and its potentials: the plan is a_i b_j exp((phi_i + psi_j - c_ij)/epsilon).
class Sinkhorn {
 public:
  Sinkhorn(const DiscreteMeasure& a, const DiscreteMeasure& b, const SinkhornOptions& options)
      : a_(of_sum_one(a)),
        b_(of_sum_one(b)),
        options_(options),
        passes_(options.passes, options.threads),
        kept_{(*passes_).keep(a_), (*passes_).keep(b_)},
        phi_(a.n),
        psi_(options.psi.empty() ? std::vector<double>(b.n) : options.psi),
        next_psi_(b.n),
        value_a_(a.n),
        cost_a_(a.n),
        cost_b_(b.n),
        largest_cost_(bound_of_costs(a, b, options.cost)) {}

  SinkhornResult solve() {
    SinkhornResult result;
    if (largest_cost_ == 0) {
      result.set_squares(0, 0);
      result.psi.assign(b_.n, 0);
      result.phi = phi_;
      return result;
    }
    if (options_.deadline.given())
      seconds_ = soft_to_hard * seconds_of_c_transform(*passes_, {options_.cost, a_, b_});
    if (options_.deadline.left() < seconds_ &&
        !is_one_part({options_.cost, a_, b_}, (*passes_).part()))
      return result;
    double epsilon = largest_cost_ / (options_.psi.empty() ? 4 : 1000);
    double lower_squared = -std::numeric_limits<double>::infinity();
    double upper_squared = std::numeric_limits<double>::infinity();
    for (bool last = false;;) {
      // What rounding adds should not exceed what epsilon costs.
      const double tolerance = std::clamp(epsilon / largest_cost_, 1e-11, 1e-2);
      const std::uint64_t end =
          result.iterations + (last ? last_iterations : iterations_per_epsilon);
      double wrong = 1;
      // What is proved at the end takes its time too.
      const auto is_short = [&] { return options_.deadline.left() < certificate * seconds_; };
      try {
        while (result.iterations < end && !is_short()) {
          wrong = iterate(epsilon, wrong);
          ++result.iterations;
          if (wrong < tolerance) break;
        }
        result.epsilon = epsilon;
        if (!options_.deadline.passed() || result.phi.empty())
          lower_squared = std::max(lower_squared, hard_dual(result));
        if (!options_.deadline.passed()) {
          RoundedPlan plan = round_plan(epsilon);
          const double squared = rounded_cost(plan);
          if (squared < upper_squared) {
            upper_squared = squared;
            result.rounded = std::move(plan);
          }
        }
      } catch (const OutOfTime&) {  // what is proved by now stands
      }
      result.set_squares(lower_squared, upper_squared);
      if (last || result.gap() <= options_.rtol || is_short()) break;
      epsilon /= epsilon_factor;
      // The plan of epsilon costs about d/2 epsilon more than the best one, and the dual as much
      // less; smaller ones are not worth their iterations, or drown in rounding.
      const double enough = options_.rtol * upper_squared / (2 * static_cast<double>(a_.d));
      last = epsilon <= std::max(enough, 1e-11 * largest_cost_);
    }
    if (options_.divergence && result.iterations > 0) {
      try {
        result.divergence = divergence(result.epsilon);
      } catch (const OutOfTime&) {
      }
    }
    return result;
  }

 private:
  void soft_min(const DiscreteMeasure& from, const DiscreteMeasure& to,
                const std::vector<double>& potential, double epsilon, std::vector<double>& value,
                std::vector<double>& cost) {
    const double before = options_.deadline.given() ? options_.deadline.left() : 0;
    SoftMinima minima{std::move(value), std::move(cost)};
    const bool complete = soft_c_transform(*passes_, {options_.cost, from, to}, potential, epsilon,
                                           options_.deadline, minima);
    value = std::move(minima.value);
    cost = std::move(minima.mean_cost);
    if (!complete) throw OutOfTime();
    if (options_.deadline.given()) seconds_ = before - options_.deadline.left();
  }
  /// What a soft c-transform adds to the costs: -psi_j - epsilon log b_j.
  static std::vector<double> added_to_costs(const std::vector<double>& psi,
                                            const DiscreteMeasure& measure, double epsilon) {
    std::vector<double> out(psi.size());
    for (std::size_t j = 0; j < out.size(); ++j)
      out[j] = -psi[j] - epsilon * std::log(measure.weights[j]);
    return out;
  }
  /// phi_i = softmin_j c_ij - psi_j, and psi_j = softmin_i c_ij - phi_i.
  void transform(const std::vector<double>& psi, double epsilon, std::vector<double>& phi) {
    soft_min(a_, b_, added_to_costs(psi, b_, epsilon), epsilon, phi, cost_a_);
  }
  void transform_back(const std::vector<double>& phi, double epsilon, std::vector<double>& psi) {
    soft_min(b_, a_, added_to_costs(phi, a_, epsilon), epsilon, psi, cost_b_);
  }

  /// One iteration; returns the total variation by which the columns were wrong before it, `before`
  /// the iteration before. Over-relaxed (Lehmann et al., Optim. Lett. 16, 2022) while that helps.
  double iterate(double epsilon, double before) {
    transform(psi_, epsilon, phi_);
    transform_back(phi_, epsilon, next_psi_);
    double wrong = 0;
    for (std::size_t j = 0; j < b_.n; ++j)
      wrong += b_.weights[j] * std::abs(std::expm1((psi_[j] - next_psi_[j]) / epsilon));
    wrong /= 2;
    if (wrong < 0.1 && wrong < before) {
      for (std::size_t j = 0; j < b_.n; ++j) psi_[j] += over_relaxation * (next_psi_[j] - psi_[j]);
    } else {
      std::swap(psi_, next_psi_);
    }
    return wrong;
  }

  /// The lower bound by the potentials at hand; the best one and these stay in the result.
  double hard_dual(SinkhornResult& result) {
    std::vector<double> phi =
        c_transform(*passes_, {options_.cost, a_, b_}, negated(psi_), options_.deadline);
    if (phi.empty()) throw OutOfTime();
    const double lower_squared = dual_lower(options_.cost, a_, b_, phi, psi_);
    if (result.phi.empty() || lower_squared > best_dual_) {
      best_dual_ = lower_squared;
      result.phi = std::move(phi);
      result.psi = psi_;
    }
    return lower_squared;
  }

  /// The plan with marginals a and b that is made of the plan at hand: columns that are too heavy
  /// are scaled down, and what rows and columns then miss is added as a product. Leaves the mean
  /// costs of the rows of its first part in cost_a_.
  RoundedPlan round_plan(double epsilon) {
    // With this phi all rows are right.
    transform(psi_, epsilon, phi_);
    transform_back(phi_, epsilon, next_psi_);
    RoundedPlan plan{epsilon, phi_, psi_, std::vector<double>(a_.n), std::vector<double>(b_.n), 0};
    for (std::size_t j = 0; j < b_.n; ++j) {
      // The column's mass is b_j exp(excess/epsilon).
      const double excess = psi_[j] - next_psi_[j];
      if (excess > 0) plan.column[j] -= excess;
      plan.missing_b[j] = -b_.weights[j] * std::expm1(std::min(0., excess / epsilon));
    }
    transform(plan.column, epsilon, value_a_);
    for (std::size_t i = 0; i < a_.n; ++i) {
      const double excess = std::min(0., (phi_[i] - value_a_[i]) / epsilon);
      plan.missing_a[i] = -a_.weights[i] * std::expm1(excess);
    }
    plan.missing = std::max(compensated_sum(plan.missing_a), compensated_sum(plan.missing_b));
    return plan;
  }

  /// The cost of the plan that was just made, and what rounding may hide of it.
  double rounded_cost(const RoundedPlan& plan) const {
    CompensatedSum cost;
    for (std::size_t i = 0; i < a_.n; ++i)
      cost.add((a_.weights[i] - plan.missing_a[i]) * cost_a_[i]);
    return cost.value() + product_cost(plan) + rounding(plan);
  }

  /// A soft minimum is off by cost_roundings + 1 of its terms and by n + 60 (m + 60) eps epsilon
  /// (see c_transform), and the masses that are exponents of it over epsilon by this much of
  /// themselves: once in phi, in the columns' masses and in the rows' after these are scaled down.
  /// The mean costs are off by that and by the errors of their weights. With the products and
  /// sums, each of these at the largest cost, twice for what is not of first order. Weights of
  /// sum 1 are off by 4 w of themselves, which this hides.
  double rounding(const RoundedPlan& plan) const {
    const double size = largest_cost_ + largest(added_to_costs(plan.row, a_, plan.epsilon)) +
                        std::max(largest(added_to_costs(psi_, b_, plan.epsilon)),
                                 largest(added_to_costs(plan.column, b_, plan.epsilon)));
    const double terms = static_cast<double>(std::max(a_.n, b_.n)) + 60;
    const double of_masses =
        unit_roundoff *
        ((cost_roundings(options_.cost, a_.d) + 8) * size / plan.epsilon + 2 * terms);
    return 8 * of_masses * (largest_cost_ + plan.epsilon);
  }

  /// The cost of missing_a x missing_b/missing, with its rounding.
  double product_cost(const RoundedPlan& plan) const {
    const double mass_a = compensated_sum(plan.missing_a);
    const double mass_b = compensated_sum(plan.missing_b);
    if (mass_a == 0 || mass_b == 0 || options_.cost == GroundCost::geodesic)
      return plan.missing * largest_cost_;
    // By coordinates about a point of b: E |x - y|^2 = Var x + Var y + |E x - E y|^2.
    double cost = 0;
    for (std::size_t k = 0; k < a_.d; ++k) {
      const double origin = b_.planes[k * b_.n];
      const auto moments = [&](const DiscreteMeasure& measure, const std::vector<double>& missing,
                               double total) {
        const double* const plane = measure.planes.data() + k * measure.n;
        CompensatedSum mean;
        CompensatedSum variance;
        for (std::size_t i = 0; i < measure.n; ++i)
          mean.add(missing[i] / total * (plane[i] - origin));
        for (std::size_t i = 0; i < measure.n; ++i) {
          const double difference = plane[i] - origin - mean.value();
          variance.add(missing[i] / total * difference * difference);
        }
        return std::pair{mean.value(), variance.value()};
      };
      const auto [mean_a, variance_a] = moments(a_, plan.missing_a, mass_a);
      const auto [mean_b, variance_b] = moments(b_, plan.missing_b, mass_b);
      cost += variance_a + variance_b + (mean_a - mean_b) * (mean_a - mean_b);
    }
    // Means are off by 16 w of the clouds' width, which is at most the root of the largest cost.
    const double lost = unit_roundoff * (64 + static_cast<double>(a_.d));
    return plan.missing * (cost + lost * largest_cost_) + std::abs(mass_a - mass_b) * largest_cost_;
  }

  /// Empty where one of its three parts has not converged.
  std::optional<double> divergence(double epsilon) {
    const auto of_a = self_value(a_, epsilon);
    const auto of_b = self_value(b_, epsilon);
    if (!of_a || !of_b) return {};
    double wrong = 1;
    for (int i = 0; i < last_iterations && !options_.deadline.passed(); ++i) {
      wrong = iterate(epsilon, wrong);
      if (wrong < converged) break;
    }
    if (!(wrong < converged)) return {};
    iterate(epsilon, 0);  // as the last one left off, without over-relaxation
    CompensatedSum value;
    for (std::size_t i = 0; i < a_.n; ++i) value.add(a_.weights[i] * phi_[i]);
    for (std::size_t j = 0; j < b_.n; ++j) value.add(b_.weights[j] * psi_[j]);
    return value.value() - *of_a / 2 - *of_b / 2;
  }

  /// OT_eps(m, m), whose two potentials are one: f = (f + soft min of c - f)/2. Empty where it has
  /// not converged.
  std::optional<double> self_value(const DiscreteMeasure& m, double epsilon) {
    std::vector<double> f(m.n), next(m.n), ignored(m.n);
    for (int i = 0; i < iterations_per_epsilon && !options_.deadline.passed(); ++i) {
      soft_min(m, m, added_to_costs(f, m, epsilon), epsilon, next, ignored);
      double change = 0;
      for (std::size_t k = 0; k < m.n; ++k) {
        change = std::max(change, std::abs(next[k] - f[k]));
        f[k] = (f[k] + next[k]) / 2;
      }
      if (change > converged * epsilon) continue;
      CompensatedSum value;
      for (std::size_t k = 0; k < m.n; ++k) value.add(2 * m.weights[k] * f[k]);
      return value.value();
    }
    return {};
  }

  const DiscreteMeasure a_, b_;  // of sum 1
  const SinkhornOptions& options_;
  GivenPasses passes_;
  std::array<std::shared_ptr<const void>, 2> kept_;
  std::vector<double> phi_, psi_, next_psi_, value_a_, cost_a_, cost_b_;
  double largest_cost_;
  double best_dual_ = 0;
  double seconds_ = 0;  // of the last pass, where there is a deadline
};

}  // namespace

SinkhornResult solve_sinkhorn(const DiscreteMeasure& a, const DiscreteMeasure& b,
                              const SinkhornOptions& options) {
  MCKEAN_EXPECT(a.d == b.d && (options.psi.empty() || options.psi.size() == b.n));
  return Sinkhorn(a, b, options).solve();
}

}  // namespace mckean
