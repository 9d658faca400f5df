// Ground costs plus potentials of a few sources against a tile of targets, in a buffer that stays
// in the first cache; the c-transform, the soft-min and the search for nearest targets read it.
#pragma once

#include <omp.h>

#include <algorithm>
#include <cstddef>
#include <new>
#include <type_traits>
#include <vector>

#include "mckean/formula/ground_cost.hpp"
#include "mckean/formula/soft_min.hpp"
#include "mckean/interruption.hpp"
#include "mckean/points.hpp"

#define MCKEAN_CPU_INLINE inline __attribute__((always_inline))

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
      if (j % targets_between_checks == 0 && omp_in_parallel() == 0) check_interruption();
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

/// `x` holds d rows of Count coordinates, and the first Count rows of the tile are filled.
template <int Bytes, GroundCost Cost, std::size_t Count = cost_sources,
          std::size_t Width = cost_targets>
MCKEAN_CPU_INLINE void fill_cost_tile(const double* x, std::size_t d, const double* coordinates,
                                      const double* potentials, CostTile& tile) {
  using Vector [[gnu::vector_size(Bytes), gnu::may_alias]] = double;
  constexpr std::size_t lanes_of = Bytes / sizeof(double);
  constexpr bool both = Cost == GroundCost::geodesic;
  constexpr std::size_t pack = both || Bytes < 64 ? 1 : 2;
  for (std::size_t j = 0; j < Width; j += pack * lanes_of) {
    Vector minus[Count][pack] = {};
    Vector plus[Count][pack] = {};
    for (std::size_t k = 0; k < d; ++k) {
      const double* const row = coordinates + k * Width + j;
#pragma GCC unroll 2
      for (std::size_t v = 0; v < pack; ++v) {
        const Vector y = *reinterpret_cast<const Vector*>(row + v * lanes_of);
#pragma GCC unroll 4
        for (std::size_t s = 0; s < Count; ++s) {
          const Vector difference = y - x[k * Count + s];
          minus[s][v] += difference * difference;
          if constexpr (both) {
            const Vector sum = y + x[k * Count + s];
            plus[s][v] += sum * sum;
          }
        }
      }
    }
#pragma GCC unroll 2
    for (std::size_t v = 0; v < pack; ++v) {
      const Vector p = *reinterpret_cast<const Vector*>(potentials + j + v * lanes_of);
#pragma GCC unroll 4
      for (std::size_t s = 0; s < Count; ++s) {
        Vector* const out = reinterpret_cast<Vector*>(tile.at[s] + j + v * lanes_of);
        if constexpr (both) {
          alignas(64) double m[lanes_of], q[lanes_of];
          *reinterpret_cast<Vector*>(m) = minus[s][v];
          *reinterpret_cast<Vector*>(q) = plus[s][v];
#pragma omp simd
          for (std::size_t l = 0; l < lanes_of; ++l) m[l] = ground_cost<Cost>(m[l], q[l]);
          *out = *reinterpret_cast<Vector*>(m) + p;
        } else {
          *out = minus[s][v] + p;
        }
      }
    }
  }
}

/// The least value of each lane class l, l + lanes, ... of a row of a tile.
template <int Bytes, std::size_t Width = cost_targets>
MCKEAN_CPU_INLINE void lane_minima(const double* row, double* least) {
  using Vector [[gnu::vector_size(Bytes), gnu::may_alias]] = double;
  constexpr std::size_t lanes_of = Bytes / sizeof(double);
  Vector low = *reinterpret_cast<const Vector*>(row);
  for (std::size_t j = lanes_of; j < Width; j += lanes_of) {
    const Vector v = *reinterpret_cast<const Vector*>(row + j);
    low = v < low ? v : low;
  }
  *reinterpret_cast<Vector*>(least) = low;
}

template <int Bytes, std::size_t Width = cost_targets>
MCKEAN_CPU_INLINE double least_of_row(const double* row) {
  alignas(64) double least[8];
  lane_minima<Bytes, Width>(row, least);
  double low = least[0];
  for (std::size_t l = 1; l < Bytes / sizeof(double); ++l) low = std::min(low, least[l]);
  return low;
}

/// use(the cost as a constant).
template <class Use>
void with_cost(GroundCost cost, const Use& use) {
  if (cost == GroundCost::geodesic) {
    use(std::integral_constant<GroundCost, GroundCost::geodesic>{});
  } else {
    use(std::integral_constant<GroundCost, GroundCost::euclidean>{});
  }
}

/// Coordinates of up to cost_sources points from `begin` on, in d rows; the last one is repeated.
inline void load_sources(const Points<Space::host>& points, std::size_t begin, double* x) {
  for (std::size_t k = 0; k < points.d; ++k) {
    for (std::size_t s = 0; s < cost_sources; ++s) {
      x[k * cost_sources + s] = points.planes[k * points.n + std::min(begin + s, points.n - 1)];
    }
  }
}

}  // namespace mckean::cpu
