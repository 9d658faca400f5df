// Held directions at random: what project_out and place of a back end are tested on.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace mckean::reference {

struct HeldSet {
  std::vector<std::uint64_t> particle, begin{0};
  std::vector<double> rows, level;
  std::vector<std::vector<std::vector<double>>> directions;  // of each particle in the list
};

/// About every third of m particles, the last among them, in an order of its own, with 1 to min(d,
/// 3) orthonormal directions each; on curves at most d - 1 (d > 1), with levels below 1/2.
inline HeldSet random_held(std::size_t m, std::size_t d, std::uint64_t seed, bool curves = false) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> normal;
  HeldSet held;
  for (std::size_t i = 0; i < m; ++i) {
    const std::size_t j = m - 1 - i;
    if (i != 0 && engine() % 3 != 0) continue;
    const std::size_t count = 1 + engine() % std::min<std::size_t>(curves ? d - 1 : d, 3);
    std::vector<std::vector<double>> basis;
    while (basis.size() < count) {
      std::vector<double> q(d);
      for (double& value : q) value = normal(engine);
      double norm = 0;
      for (int pass = 0; pass < 2; ++pass) {
        for (const auto& other : basis) {
          double along = 0;
          for (std::size_t k = 0; k < d; ++k) along += other[k] * q[k];
          for (std::size_t k = 0; k < d; ++k) q[k] -= along * other[k];
        }
      }
      for (const double value : q) norm += value * value;
      if (norm < 1e-6) continue;
      for (double& value : q) value /= std::sqrt(norm);
      basis.push_back(q);
      held.rows.insert(held.rows.end(), q.begin(), q.end());
      if (curves) held.level.push_back(std::uniform_real_distribution<double>(-.5, .5)(engine));
    }
    held.particle.push_back(j);
    held.begin.push_back(held.begin.back() + count);
    held.directions.push_back(std::move(basis));
  }
  return held;
}

/// The levels of the i-th particle of the list.
inline std::vector<double> levels_of(const HeldSet& held, std::size_t i) {
  return {held.level.begin() + static_cast<std::ptrdiff_t>(held.begin[i]),
          held.level.begin() + static_cast<std::ptrdiff_t>(held.begin[i + 1])};
}

}  // namespace mckean::reference
