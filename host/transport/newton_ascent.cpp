// Steps by the Laplacian of the shares, halved until the dual rises as it should.
#include "host/transport/newton_ascent.hpp"

#include <algorithm>
#include <cmath>

#include "host/transport/laplacian.hpp"

namespace mckean {
namespace {

constexpr double longest_step = 20;       // in units of epsilon
constexpr double sufficient_rise = 1e-4;  // of what the slope promises
constexpr int most_halvings = 12;

double imbalance(const SmoothDual& dual) {
  double sum = 0;
  for (const double g : dual.gradient()) sum += std::abs(g);
  return sum;
}

}  // namespace

int ascend(SmoothDual& dual, std::vector<double>& prices, double epsilon, double tolerance,
           int most, const std::function<bool()>& stop) {
  const std::size_t count = prices.size();
  double damping = 1e-7;
  std::vector<double> step, shift(count), rhs(count), trial(count);
  dual.evaluate(prices, epsilon);
  int steps = 0;
  while (steps < most && imbalance(dual) > tolerance && !stop()) {
    const double value = dual.value();
    for (std::size_t j = 0; j < count; ++j) {
      shift[j] = damping * std::max(dual.mass()[j], dual.demand()[j]);
      rhs[j] = epsilon * dual.gradient()[j];
    }
    step = solve_laplacian(dual.laplacian(), shift, rhs, dual.threads());
    double mean = 0;
    for (std::size_t j = 0; j < count; ++j) mean += dual.demand()[j] * step[j];
    double slope = 0;
    for (std::size_t j = 0; j < count; ++j) {
      step[j] = std::clamp(step[j] - mean, -longest_step * epsilon, longest_step * epsilon);
      slope += rhs[j] / epsilon * step[j];
    }
    if (!(slope > 0)) break;
    double length = 1;
    int halvings = 0;
    for (;; ++halvings, length /= 2) {
      for (std::size_t j = 0; j < count; ++j) trial[j] = prices[j] + length * step[j];
      dual.evaluate(trial, epsilon);
      if (dual.value() >= value + sufficient_rise * length * slope || halvings == most_halvings)
        break;
    }
    if (dual.value() < value) break;  // all that is left is rounding
    prices = trial;
    ++steps;
    damping = std::clamp(halvings > 2 ? 100 * damping : damping / 10, 1e-9, 1e-2);
  }
  return steps;
}

}  // namespace mckean
