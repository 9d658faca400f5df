// Targets in tiles, and the buffer for costs plus potentials of a few sources against one of them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

#include "kernels/cpu/thread_pool.hpp"
#include "mckean/formula/soft_min.hpp"
#include "mckean/interruption.hpp"
#include "mckean/points.hpp"

namespace mckean::cpu {

constexpr std::size_t cost_targets = 128;  // targets of a tile
constexpr std::size_t cost_sources = 4;    // sources whose sums stay in registers

/// costs[s][j] = c(x_s, y_j) + p_j.
struct alignas(64) CostTile {
  double at[cost_sources][cost_targets];
};

/// Targets in tiles of d rows of coordinates and one of potentials. Lanes beyond the last target
/// have an infinite potential.
template <std::size_t Width>
class TargetTilesOf {
 public:
  static constexpr double beyond = SoftMin::beyond;
  static constexpr std::size_t targets_between_checks = 4096;

  TargetTilesOf(const Points<Space::host>& points, View<const double, Space::host> potential)
      : d_(points.d), tiles_((points.n + Width - 1) / Width) {
    rows_.assign((1 + d_) * tiles_ * Width + 8, 0.);
    const auto address = reinterpret_cast<std::uintptr_t>(rows_.data());
    first_ = rows_.data() + (64 - address % 64) % 64 / sizeof(double);
    for (std::size_t j = 0; j < tiles_ * Width; ++j) {
      if (j % targets_between_checks == 0 && !in_parallel()) check_interruption();
      double* const column = tile(j / Width) + j % Width;
      for (std::size_t k = 0; k < d_ && j < points.n; ++k)
        column[k * Width] = points.planes[k * points.n + j];
      column[d_ * Width] = j < points.n ? potential[j] : beyond;
    }
  }
  TargetTilesOf(const TargetTilesOf&) = delete;
  TargetTilesOf& operator=(const TargetTilesOf&) = delete;

  std::size_t size() const { return tiles_; }
  std::size_t d() const { return d_; }
  const double* coordinates(std::size_t t) const { return first_ + t * (1 + d_) * Width; }
  const double* potentials(std::size_t t) const { return coordinates(t) + d_ * Width; }
  void set_potential(std::size_t j, double potential) {
    tile(j / Width)[d_ * Width + j % Width] = potential;
  }

 private:
  double* tile(std::size_t t) { return first_ + t * (1 + d_) * Width; }

  std::size_t d_;
  std::size_t tiles_;
  std::vector<double> rows_;
  double* first_;
};

using TargetTiles = TargetTilesOf<cost_targets>;

constexpr std::size_t source_tile = 64;  // sources that a thread takes at a time

/// Coordinates of up to cost_sources points from `begin` on, in d rows; the last one is repeated.
inline void load_sources(const Points<Space::host>& points, std::size_t begin, double* x) {
  for (std::size_t k = 0; k < points.d; ++k) {
    for (std::size_t s = 0; s < cost_sources; ++s) {
      x[k * cost_sources + s] = points.planes[k * points.n + std::min(begin + s, points.n - 1)];
    }
  }
}

}  // namespace mckean::cpu
