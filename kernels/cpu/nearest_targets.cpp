// The search for nearest targets, over all tiles or over those that are near enough.
#include "kernels/cpu/nearest_targets.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels/cpu/cost_tile.hpp"
#include "kernels/cpu/loop_dispatch.hpp"
#include "kernels/cpu/tiles.hpp"

namespace mckean::cpu {
namespace {

using HostPoints = Points<Space::host>;
using SearchTiles = TargetTilesOf<search_targets>;

constexpr std::uint32_t targets_between_checks = 4096;

/// The k least values of one source, the largest of them on top of a heap.
struct Nearest {
  double* value;
  std::uint32_t* index;
  std::size_t k;
  std::size_t count = 0;
  double limit = TargetTiles::beyond;

  void insert(double v, std::uint32_t j) {
    std::size_t at = count < k ? count++ : 0;
    if (at > 0) {
      // A new leaf goes up.
      for (; at > 0 && value[(at - 1) / 2] < v; at = (at - 1) / 2) move((at - 1) / 2, at);
    } else {
      // The top is replaced, and what comes in goes down.
      for (std::size_t child = 1; child < count; child = 2 * at + 1) {
        if (child + 1 < count && value[child + 1] > value[child]) ++child;
        if (value[child] <= v) break;
        move(child, at);
        at = child;
      }
    }
    value[at] = v;
    index[at] = j;
    if (count == k) limit = value[0];
  }
  void move(std::size_t from, std::size_t to) {
    value[to] = value[from];
    index[to] = index[from];
  }
};

template <int Bytes, GroundCost Cost, std::size_t Count, std::size_t Width>
MCKEAN_CPU_INLINE void search_tile(const double* x, const TargetTilesOf<Width>& targets,
                                   std::size_t t, std::size_t sources, Nearest* nearest) {
  constexpr std::size_t lanes_of = Bytes / sizeof(double);
  CostTile tile;
  alignas(64) double least[8];
  fill_cost_tile<Bytes, Cost, Count, Width>(x, targets.d(), targets.coordinates(t),
                                            targets.potentials(t), tile);
  for (std::size_t s = 0; s < sources; ++s) {
    Nearest& own = nearest[s];
    lane_minima<Bytes, Width>(tile.at[s], least);
    for (std::size_t l = 0; l < lanes_of; ++l) {
      if (!(least[l] < own.limit)) continue;
      for (std::size_t j = l; j < Width; j += lanes_of) {
        if (tile.at[s][j] < own.limit)
          own.insert(tile.at[s][j], static_cast<std::uint32_t>(t * Width + j));
      }
    }
  }
}

/// The loops for one instruction set, `attribute` telling the compiler which.
#define MCKEAN_SEARCH_LOOPS(Name, bytes, attribute)                                                \
  struct Name {                                                                                    \
    template <GroundCost Cost>                                                                     \
    attribute static void search_sources(const double* x, const TargetTiles& targets,              \
                                         std::size_t sources, Nearest* nearest, EarlyEnd& early) { \
      for (std::size_t begin = 0; begin < targets.size() && !early.asked(); begin += 16) {         \
        const std::size_t end = std::min<std::size_t>(begin + 16, targets.size());                 \
        for (std::size_t t = begin; t < end; ++t)                                                  \
          search_tile<bytes, Cost, cost_sources>(x, targets, t, sources, nearest);                 \
      }                                                                                            \
    }                                                                                              \
    template <GroundCost Cost>                                                                     \
    attribute static void search_one(const double* x, const SearchTiles& targets,                  \
                                     std::span<const double> bound, double* floor,                 \
                                     Nearest& nearest) {                                           \
      for (std::size_t t = 0; t < targets.size(); ++t) {                                           \
        if (bound[t] > nearest.limit) continue;                                                    \
        search_tile<bytes, Cost, 1>(x, targets, t, 1, &nearest);                                   \
        floor[t] = least_of_row<bytes, search_targets>(targets.potentials(t));                     \
      }                                                                                            \
    }                                                                                              \
    attribute static void bound_tiles(const double* x, std::size_t d, std::size_t tiles,           \
                                      const double* low, const double* high, const double* floor,  \
                                      double* bound) {                                             \
      std::fill_n(bound, tiles, 0.);                                                               \
      for (std::size_t k = 0; k < d; ++k) {                                                        \
        for (std::size_t t = 0; t < tiles; ++t) {                                                  \
          const double below = low[k * tiles + t] - x[k];                                          \
          const double above = x[k] - high[k * tiles + t];                                         \
          double outside = below > above ? below : above;                                          \
          outside = outside > 0 ? outside : 0;                                                     \
          bound[t] += outside * outside;                                                           \
        }                                                                                          \
      }                                                                                            \
      for (std::size_t t = 0; t < tiles; ++t) bound[t] = bound[t] * (1 - 1e-13) + floor[t];        \
    }                                                                                              \
  };
MCKEAN_SEARCH_LOOPS(Baseline, 16, )
#ifdef MCKEAN_CPU_DISPATCH
MCKEAN_SEARCH_LOOPS(Avx2, 32, __attribute__((target("arch=x86-64-v3"))))
MCKEAN_SEARCH_LOOPS(Avx512, 64, __attribute__((target("arch=x86-64-v4,prefer-vector-width=512"))))
using Loops = LoopSets<Baseline, Avx2, Avx512>;
#else
using Loops = LoopSets<Baseline>;
#endif
#undef MCKEAN_SEARCH_LOOPS

/// use(the loops of the widest instruction set, the cost as a constant).
template <class Use>
void with_loops(GroundCost cost, const Use& use) {
  with_widest(Loops{}, [&](auto loops) { with_cost(cost, [&](auto kind) { use(loops, kind); }); });
}

/// Puts targets begin..end of `order` into whole tiles, neighbours together, by halving the widest
/// side.
void order_by_space(const HostPoints& points, std::uint32_t* begin, std::uint32_t* end) {
  const auto count = static_cast<std::size_t>(end - begin);
  if (count <= search_targets) return;
  std::size_t widest = 0;
  double width = -1;
  for (std::size_t k = 0; k < points.d; ++k) {
    check_interruption();
    const double* const plane = points.planes.data() + k * points.n;
    const auto [low, high] = std::minmax_element(
        begin, end, [&](std::uint32_t i, std::uint32_t j) { return plane[i] < plane[j]; });
    if (plane[*high] - plane[*low] > width) {
      width = plane[*high] - plane[*low];
      widest = k;
    }
  }
  const double* const plane = points.planes.data() + widest * points.n;
  const std::size_t tiles = (count + search_targets - 1) / search_targets;
  std::uint32_t* const middle = begin + (tiles / 2) * search_targets;
  std::size_t comparisons = 0;
  std::nth_element(begin, middle, end, [&](std::uint32_t i, std::uint32_t j) {
    if (++comparisons % targets_between_checks == 0) check_interruption();
    return plane[i] != plane[j] ? plane[i] < plane[j] : i < j;
  });
  order_by_space(points, begin, middle);
  order_by_space(points, middle, end);
}

}  // namespace

void nearest_targets(GroundCost cost, const HostPoints& sources, const HostPoints& targets,
                     HostView<const double> potential, std::size_t k, int threads,
                     HostView<double> value, HostView<std::uint32_t> index) {
  MCKEAN_EXPECT(sources.d == targets.d && potential.size() == targets.n);
  MCKEAN_EXPECT(k >= 1 && k <= targets.n && value.size() == sources.n * k &&
                index.size() == value.size());
  const TargetTiles tiles(targets, potential);
  with_loops(cost, [&](auto loops, auto kind) {
    for_each_long_tile(sources.n, source_tile, threads,
                       [&](std::size_t begin, std::size_t end, EarlyEnd& early) {
                         std::vector<double> x(sources.d * cost_sources);
                         for (; begin < end && !early.asked(); begin += cost_sources) {
                           const std::size_t count = std::min(cost_sources, end - begin);
                           Nearest nearest[cost_sources];
                           for (std::size_t s = 0; s < count; ++s) {
                             nearest[s].value = value.data() + (begin + s) * k;
                             nearest[s].index = index.data() + (begin + s) * k;
                             nearest[s].k = k;
                           }
                           load_sources(sources, begin, x.data());
                           decltype(loops)::template search_sources<kind.value>(
                               x.data(), tiles, count, nearest, early);
                         }
                       });
  });
}

NearestTargets::NearestTargets(GroundCost cost, const HostPoints& sources,
                               const HostPoints& targets)
    : cost_(cost), sources_(sources), order_(targets.n), slot_(targets.n), x_(sources.d) {
  std::iota(order_.begin(), order_.end(), 0u);
  order_by_space(targets, order_.data(), order_.data() + targets.n);
  std::vector<double> sorted(targets.n * targets.d);
  for (std::uint32_t s = 0; s < targets.n; ++s) {
    if (s % targets_between_checks == 0) check_interruption();
    slot_[order_[s]] = s;
    for (std::size_t k = 0; k < targets.d; ++k)
      sorted[k * targets.n + s] = targets.planes[k * targets.n + order_[s]];
  }
  const std::vector<double> zeros(targets.n);
  tiles_ = std::make_unique<SearchTiles>(
      HostPoints({sorted.data(), sorted.size()}, targets.n, targets.d),
      HostView<const double>(zeros.data(), targets.n));
  const std::size_t tiles = tiles_->size();
  floor_.assign(tiles, 0);
  bound_.resize(tiles);
  low_.resize(tiles * targets.d);
  high_.resize(tiles * targets.d);
  for (std::size_t k = 0; k < targets.d; ++k) {
    check_interruption();
    const double* const plane = sorted.data() + k * targets.n;
    for (std::size_t t = 0; t < tiles; ++t) {
      const auto [low, high] = std::minmax_element(
          plane + t * search_targets, plane + std::min((t + 1) * search_targets, targets.n));
      low_[k * tiles + t] = *low;
      high_[k * tiles + t] = *high;
    }
  }
}
NearestTargets::~NearestTargets() = default;

void NearestTargets::set_potential(std::size_t target, double potential) {
  const std::uint32_t slot = slot_[target];
  tiles_->set_potential(slot, potential);
  // Rising potentials leave a floor that is too low, until the tile is looked at.
  double& floor = floor_[slot / search_targets];
  floor = std::min(floor, potential);
}

// A tile is as far as its box, which the angle of unit vectors exceeds, and as its least potential.
std::size_t NearestTargets::find(std::size_t source, double limit, std::span<double> value,
                                 std::span<std::uint32_t> index) {
  Nearest nearest;
  nearest.value = value.data();
  nearest.index = index.data();
  nearest.k = value.size();
  nearest.limit = std::nextafter(limit, SearchTiles::beyond);
  for (std::size_t k = 0; k < sources_.d; ++k) x_[k] = sources_.planes[k * sources_.n + source];
  with_loops(cost_, [&](auto loops, auto kind) {
    using Loops = decltype(loops);
    Loops::bound_tiles(x_.data(), x_.size(), tiles_->size(), low_.data(), high_.data(),
                       floor_.data(), bound_.data());
    Loops::template search_one<kind.value>(x_.data(), *tiles_, bound_, floor_.data(), nearest);
  });
  for (std::size_t s = 0; s < nearest.count; ++s) index[s] = order_[index[s]];
  return nearest.count;
}

}  // namespace mckean::cpu
