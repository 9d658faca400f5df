// Damped Newton steps with a line search.
#include "host/transport/semidiscrete/newton_ascent.hpp"

#include <algorithm>
#include <cmath>

#include "host/transport/semidiscrete/laplacian.hpp"

namespace mckean {
namespace {

constexpr double careful_step = 4;        // of a p_j, in units of epsilon
constexpr double isolated = 1e-4;         // less than this share of the mass is shared
constexpr double sufficient_rise = 1e-4;  // of what the slope promises
constexpr int most_halvings = 4;
constexpr double most_damping = 1;  // of the mass
constexpr int patience = 4;         // steps that leave the imbalance as it is

}  // namespace

double imbalance(const SmoothDual& dual) {
  double sum = 0;
  for (const double g : dual.gradient()) sum += std::abs(g);
  return sum;
}

int ascend(SmoothDual& dual, std::vector<double>& potential, double epsilon, double tolerance,
           int most, const std::function<bool()>& stop) {
  const std::size_t count = potential.size();
  double damping = 1e-7;
  bool careful = false;  // no p_j moves by more than a few epsilon
  std::vector<double> step, shift(count), rhs(count), trial(count);
  dual.evaluate(potential, epsilon);
  int steps = 0;
  double least = imbalance(dual);
  int idle = 0;
  while (idle < patience && steps < most && imbalance(dual) > tolerance && !stop()) {
    const double value = dual.value();
    // An atom that shares next to nothing with others has no curvature to go by.
    const Laplacian laplacian = dual.laplacian(potential, epsilon);
    const std::vector<double> shared = laplacian_diagonal(laplacian, std::vector<double>(count));
    for (std::size_t j = 0; j < count; ++j) {
      const double gradient = dual.gradient()[j];
      const double mass = std::max(dual.mass()[j], dual.demand()[j]);
      shift[j] = damping * mass;
      if (careful || shared[j] < isolated * mass) shift[j] += std::abs(gradient) / careful_step;
      rhs[j] = epsilon * gradient;
    }
    step = solve_laplacian(laplacian, shift, rhs, dual.threads(), dual.deadline());
    double mean = 0;
    for (std::size_t j = 0; j < count; ++j) mean += dual.demand()[j] * step[j];
    double slope = 0;
    for (std::size_t j = 0; j < count; ++j) {
      step[j] -= mean;
      slope += rhs[j] / epsilon * step[j];
    }
    if (!(slope > 0)) break;
    double length = 1;
    int halvings = 0;
    for (;; ++halvings, length /= 2) {
      for (std::size_t j = 0; j < count; ++j) trial[j] = potential[j] + length * step[j];
      dual.evaluate(trial, epsilon);
      if (dual.value() >= value + sufficient_rise * length * slope || halvings == most_halvings)
        break;
    }
    if (halvings == most_halvings) {
      // A direction that is too long in some part of the graph to be of use in the rest.
      dual.evaluate(potential, epsilon);
      if (!careful) {
        careful = true;
        continue;
      }
      if (damping >= most_damping) break;
      damping = std::max(100 * damping, 1e-5);
      continue;
    }
    potential = trial;
    ++steps;
    const double now = imbalance(dual);
    idle = now < .8 * least ? 0 : idle + 1;
    least = std::min(least, now);
    damping = std::max(damping / 10, 1e-9);
  }
  return steps;
}

}  // namespace mckean
