// Sinkhorn's iteration in logarithms, by soft c-transforms in both directions.
#include "host/transport/semidiscrete/coarse_potential.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "host/transport/pair_cost.hpp"
#include "host/transport/passes.hpp"
#include "mckean/formula/philox.hpp"

namespace mckean {
namespace {

constexpr double first_epsilon = 0.1;  // of the mean cost
constexpr int epsilons = 4;
constexpr double epsilon_factor = 2;
constexpr int rounds = 8;
// A stream of its own would draw other samples: the numbers are those of mini-batches at seed 0.
constexpr std::uint64_t stratum_seed = 0;
constexpr Purpose stratum_purpose = Purpose::batch;

/// Over a pair for each point and each atom.
double mean_cost(GroundCost cost, const DiscreteMeasure& points, const DiscreteMeasure& atoms) {
  const std::size_t pairs = std::max(points.n, atoms.n);
  double sum = 0;
  for (std::size_t i = 0; i < pairs; ++i)
    sum += pair_cost(cost, points.points(), i % points.n, atoms.points(), i % atoms.n);
  return sum / static_cast<double>(pairs);
}

}  // namespace

DiscreteMeasure stratified_sample(const DiscreteMeasure& measure, std::size_t count) {
  const auto pieces = static_cast<double>(count);
  DiscreteMeasure sample{count, measure.d, std::vector<double>(count * measure.d),
                         std::vector<double>(count, 1 / pieces), true};
  std::size_t i = 0;
  double below = 0;  // the mass of the points before i
  for (std::size_t s = 0; s < count; ++s) {
    const PhiloxBlock block = philox(stratum_seed, stratum_purpose, 0, s, 0);
    const double within = static_cast<double>(random_bits(block, 0) >> 11) * 0x1p-53;
    const double place = (static_cast<double>(s) + within) / pieces;
    while (i + 1 < measure.n && below + measure.weights[i] < place) below += measure.weights[i++];
    for (std::size_t k = 0; k < measure.d; ++k)
      sample.planes[k * count + s] = measure.planes[k * measure.n + i];
  }
  return sample;
}

CoarsePotential coarse_potential(GroundCost cost, const DiscreteMeasure& points,
                                 const DiscreteMeasure& atoms, const PairPasses& passes,
                                 const Deadline& deadline) {
  CoarsePotential start{std::vector<double>(atoms.n),
                        first_epsilon * mean_cost(cost, points, atoms)};
  if (start.epsilon == 0) return start;
  std::vector<double>& p = start.potential;
  const Pairs pairs{cost, points, atoms};
  SoftMinima of_points, of_atoms;
  const auto kept = std::array{passes.keep(points), passes.keep(atoms)};
  for (int stage = 0; stage < epsilons; ++stage) {
    if (stage > 0) start.epsilon /= epsilon_factor;
    for (int round = 0; round < rounds && !deadline.passed(); ++round) {
      if (!soft_c_transform(passes, pairs, p, start.epsilon, deadline, of_points)) return start;
      std::vector<double>& u = of_points.value;
      for (std::size_t i = 0; i < points.n; ++i)
        u[i] = -u[i] - start.epsilon * std::log(points.weights[i]);
      if (!soft_c_transform(passes, pairs.reversed(), u, start.epsilon, deadline, of_atoms))
        return start;
      for (std::size_t j = 0; j < atoms.n; ++j)
        p[j] = -of_atoms.value[j] - start.epsilon * std::log(atoms.weights[j]);
    }
  }
  return start;
}

}  // namespace mckean
