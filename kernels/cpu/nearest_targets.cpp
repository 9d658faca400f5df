// The search for nearest targets, over all tiles or over those that are near enough.
#include "kernels/cpu/nearest_targets.hpp"

#include <algorithm>
#include <bit>
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

/// A bit for each value of a row that is below the limit.
template <int Bytes>
MCKEAN_CPU_INLINE std::uint64_t lanes_below(const double* row, double limit) {
  using Vector [[gnu::vector_size(Bytes), gnu::may_alias]] = double;
  constexpr std::size_t lanes_of = Bytes / sizeof(double);
  using Bits [[gnu::vector_size(Bytes), gnu::may_alias]] = std::int64_t;
  alignas(64) std::int64_t bit[lanes_of], found[lanes_of];
  for (std::size_t l = 0; l < lanes_of; ++l) bit[l] = std::int64_t{1} << l;
  const Bits bits = *reinterpret_cast<const Bits*>(bit);
  Bits any = {};
#pragma GCC unroll 16
  for (std::size_t j = 0; j < search_targets; j += lanes_of)
    any |= (*reinterpret_cast<const Vector*>(row + j) < limit) & (bits << static_cast<int>(j));
  *reinterpret_cast<Bits*>(found) = any;
  std::int64_t below = 0;
  for (std::size_t l = 0; l < lanes_of; ++l) below |= found[l];
  return static_cast<std::uint64_t>(below);
}

/// The same for one source, to which most tiles have few values below the limit or none.
template <int Bytes, GroundCost Cost>
MCKEAN_CPU_INLINE void search_tile_of_one(const double* x, const SearchTiles& targets,
                                          std::size_t t, Nearest& nearest) {
  CostTile tile;
  fill_cost_tile<Bytes, Cost, 1, search_targets>(x, targets.d(), targets.coordinates(t),
                                                 targets.potentials(t), tile);
  for (std::uint64_t below = lanes_below<Bytes>(tile.at[0], nearest.limit); below != 0;
       below &= below - 1) {
    const auto j = static_cast<std::size_t>(std::countr_zero(below));
    if (tile.at[0][j] < nearest.limit)
      nearest.insert(tile.at[0][j], static_cast<std::uint32_t>(t * search_targets + j));
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
                                     std::span<const double> bound, Nearest& nearest) {            \
      const auto least = std::min_element(bound.begin(), bound.end());                             \
      std::size_t t = static_cast<std::size_t>(least - bound.begin());                             \
      const std::size_t first = t;                                                                 \
      std::size_t next = 0;                                                                        \
      while (t < targets.size()) {                                                                 \
        if (bound[t] <= nearest.limit) search_tile_of_one<bytes, Cost>(x, targets, t, nearest);    \
        while (next < targets.size() && (next == first || bound[next] > nearest.limit)) ++next;    \
        t = next++;                                                                                \
      }                                                                                            \
    }                                                                                              \
    attribute static void find_floors(const SearchTiles& targets, std::size_t t,                   \
                                      TileBounds& bounds) {                                        \
      const double* const potential = targets.potentials(t);                                       \
      const double* const square = bounds.square.data() + t * search_targets;                      \
      alignas(64) double sum[search_targets];                                                      \
      for (std::size_t j = 0; j < search_targets; ++j) sum[j] = square[j] + potential[j];          \
      bounds.floor[t] = least_of_row<bytes, search_targets>(potential);                            \
      bounds.shell_floor[t] = least_of_row<bytes, search_targets>(sum);                            \
    }                                                                                              \
    attribute static void bound_tiles(const double* x, const TileBounds& of, double* bound) {      \
      const std::size_t tiles = of.tiles;                                                          \
      double square = 0;                                                                           \
      std::fill_n(bound, tiles, 0.);                                                               \
      for (std::size_t k = 0; k < of.d; ++k) {                                                     \
        const double* const low = of.low.data() + k * tiles;                                       \
        const double* const high = of.high.data() + k * tiles;                                     \
        const double at = x[k];                                                                    \
        square += (at - of.centre[k]) * (at - of.centre[k]);                                       \
        for (std::size_t t = 0; t < tiles; ++t) {                                                  \
          const double below = low[t] - at;                                                        \
          const double above = at - high[t];                                                       \
          double outside = below > above ? below : above;                                          \
          outside = outside > 0 ? outside : 0;                                                     \
          bound[t] += outside * outside;                                                           \
        }                                                                                          \
      }                                                                                            \
      const double radius = std::sqrt(square);                                                     \
      const double rounding = 0x1p-50 * (static_cast<double>(of.d) + 8);                           \
      for (std::size_t t = 0; t < tiles; ++t) {                                                    \
        const double shell = of.shell_floor[t];                                                    \
        const double far = of.radius[t];                                                           \
        const double size = square + far * far + (shell < 0 ? -shell : shell);                     \
        const double by_shell = square + shell - 2 * radius * far - rounding * size;               \
        const double by_box = bound[t] * (1 - 1e-13) + of.floor[t];                                \
        bound[t] = by_box > by_shell ? by_box : by_shell;                                          \
      }                                                                                            \
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
  bound_.resize(tiles);
  bounds_.d = targets.d;
  bounds_.tiles = tiles;
  bounds_.floor.assign(tiles, 0);
  bounds_.shell_floor.assign(tiles, 0);
  bounds_.radius.assign(tiles, 0);
  bounds_.low.resize(tiles * targets.d);
  bounds_.high.resize(tiles * targets.d);
  bounds_.square.assign(tiles * search_targets, 0);
  bounds_.centre.assign(targets.d, 0);
  for (std::size_t k = 0; k < targets.d; ++k) {
    check_interruption();
    const double* const plane = sorted.data() + k * targets.n;
    const double* const from = sources.planes.data() + k * sources.n;
    const double centre =
        std::accumulate(from, from + sources.n, 0.) / static_cast<double>(sources.n);
    bounds_.centre[k] = centre;
    for (std::size_t s = 0; s < targets.n; ++s)
      bounds_.square[s] += (plane[s] - centre) * (plane[s] - centre);
    for (std::size_t t = 0; t < tiles; ++t) {
      const auto [low, high] = std::minmax_element(
          plane + t * search_targets, plane + std::min((t + 1) * search_targets, targets.n));
      bounds_.low[k * tiles + t] = *low;
      bounds_.high[k * tiles + t] = *high;
    }
  }
  with_loops(cost_, [&](auto loops, auto) {
    for (std::size_t t = 0; t < tiles; ++t) {
      const double* const square = bounds_.square.data() + t * search_targets;
      bounds_.radius[t] = std::sqrt(*std::max_element(square, square + search_targets));
      decltype(loops)::find_floors(*tiles_, t, bounds_);
    }
  });
}
NearestTargets::~NearestTargets() = default;

void NearestTargets::set_potential(std::size_t target, double potential) {
  const std::size_t slot = slot_[target];
  const std::size_t t = slot / search_targets;
  const double before = tiles_->potentials(t)[slot % search_targets];
  tiles_->set_potential(slot, potential);
  const double square = bounds_.square[slot];
  if (before > bounds_.floor[t] && square + before > bounds_.shell_floor[t]) {
    bounds_.floor[t] = std::min(bounds_.floor[t], potential);
    bounds_.shell_floor[t] = std::min(bounds_.shell_floor[t], square + potential);
  } else {
    with_loops(cost_, [&](auto loops, auto) { decltype(loops)::find_floors(*tiles_, t, bounds_); });
  }
}

// A tile is as far as its box, which the angle of unit vectors exceeds, and as its least potential,
// or as its shell: |x - y|^2 + p >= |x - c|^2 + (|y - c|^2 + p) - 2 |x - c| |y - c| for a centre c.
// The shell tells more where tiles are large and potentials fall with |y|, as in tails, and where
// sources are close together.
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
    Loops::bound_tiles(x_.data(), bounds_, bound_.data());
    Loops::template search_one<kind.value>(x_.data(), *tiles_, bound_, nearest);
  });
  for (std::size_t s = 0; s < nearest.count; ++s) index[s] = order_[index[s]];
  return nearest.count;
}

}  // namespace mckean::cpu
