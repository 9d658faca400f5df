// The search for nearest targets: over all tiles for all sources, and for one source over those
// that are near enough.
#include "kernels/cpu/nearest_targets.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels/cpu/cost_tile.hpp"
#include "kernels/cpu/cpu_backend.hpp"
#include "kernels/cpu/tiles.hpp"

namespace mckean::cpu {
namespace {

using HostPoints = Points<Space::host>;

constexpr std::uint32_t targets_between_checks = 4096;

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

NearestTargets::NearestTargets(GroundCost cost, const HostPoints& sources,
                               const HostPoints& targets)
    : loops_(search_loops(cost)),
      sources_(sources),
      order_(targets.n),
      slot_(targets.n),
      x_(sources.d) {
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
  for (std::size_t t = 0; t < tiles; ++t) {
    const double* const square = bounds_.square.data() + t * search_targets;
    bounds_.radius[t] = std::sqrt(*std::max_element(square, square + search_targets));
    loops_.find_floors(*tiles_, t, bounds_);
  }
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
    loops_.find_floors(*tiles_, t, bounds_);
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
  loops_.bound_tiles(x_.data(), bounds_, bound_.data());
  loops_.search_one(x_.data(), *tiles_, bound_, nearest);
  for (std::size_t s = 0; s < nearest.count; ++s) index[s] = order_[index[s]];
  return nearest.count;
}

}  // namespace mckean::cpu

namespace mckean {

using cpu::cost_sources;

template <class Real>
void CpuBackend<Real>::nearest_targets(const PointPairs<space>& pairs, std::size_t k, Vector value,
                                       Indices index) const {
  const Points<space>& sources = pairs.sources;
  MCKEAN_EXPECT(k >= 1 && k <= pairs.targets.n);
  MCKEAN_EXPECT(value.size() == sources.n * k && index.size() == value.size());
  const cpu::TargetTiles tiles(pairs.targets, pairs.potential);
  const cpu::SearchLoops loops = cpu::search_loops(pairs.cost);
  cpu::for_each_long_tile(sources.n, cpu::source_tile, threads_,
                          [&](std::size_t begin, std::size_t end, cpu::EarlyEnd& early) {
                            std::vector<double> x(sources.d * cost_sources);
                            for (; begin < end && !early.asked(); begin += cost_sources) {
                              const std::size_t count = std::min(cost_sources, end - begin);
                              cpu::Nearest nearest[cost_sources];
                              for (std::size_t s = 0; s < count; ++s) {
                                nearest[s].value = value.data() + (begin + s) * k;
                                nearest[s].index = index.data() + (begin + s) * k;
                                nearest[s].k = k;
                              }
                              cpu::load_sources(sources, begin, x.data());
                              loops.search_sources(x.data(), tiles, count, nearest, early);
                            }
                          });
}

template void CpuBackend<float>::nearest_targets(const PointPairs<space>&, std::size_t, Vector,
                                                 Indices) const;
template void CpuBackend<double>::nearest_targets(const PointPairs<space>&, std::size_t, Vector,
                                                  Indices) const;

}  // namespace mckean
