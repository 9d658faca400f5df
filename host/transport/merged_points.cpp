// Equal points found by a hash table of coordinates.
#include "host/transport/merged_points.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "host/data/interruptible.hpp"
#include "mckean/config.hpp"
#include "mckean/formula/compensated_sum.hpp"

namespace mckean {
namespace {

constexpr std::uint32_t unseen = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t places_between_checks = 1 << 16;

/// The finaliser of splitmix64 (Steele, Lea and Flood, OOPSLA 2014): every bit depends on every
/// one.
std::uint64_t scrambled(std::uint64_t x) {
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return x ^ x >> 31;
}

/// Of the first `planes` coordinates; 0 and -0 are the same number.
std::vector<std::uint64_t> hashes_of(const DiscreteMeasure& measure, std::size_t planes) {
  std::vector<std::uint64_t> hashes = make_filled(measure.n, std::uint64_t{0});
  for (std::size_t k = 0; k < planes; ++k) {
    const double* const plane = measure.planes.data() + k * measure.n;
    for_each_range(measure.n, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        hashes[i] = scrambled(hashes[i] + 0x9e3779b97f4a7c15u +
                              std::bit_cast<std::uint64_t>(plane[i] + 0.));
      }
    });
  }
  return hashes;
}

bool are_equal(const DiscreteMeasure& measure, std::size_t i, std::size_t j) {
  for (std::size_t k = 0; k < measure.d; ++k) {
    if (measure.planes[k * measure.n + i] != measure.planes[k * measure.n + j]) return false;
  }
  return true;
}

/// The first points at their places.
struct Places {
  std::vector<std::uint32_t> first;
  std::vector<std::uint32_t> place;  // of every point
};

/// Whether the first coordinates differ already, as those of most clouds do.
bool differ_at_once(const DiscreteMeasure& measure) {
  const std::vector<std::uint64_t> hashes = hashes_of(measure, 1);
  const std::size_t mask = std::bit_ceil(2 * measure.n) - 1;
  std::vector<std::uint32_t> table = make_filled(mask + 1, unseen);
  for (std::size_t i = 0; i < measure.n; ++i) {
    if (i % places_between_checks == 0) check_interruption();
    std::size_t slot = hashes[i] & mask;
    for (; table[slot] != unseen; slot = (slot + 1) & mask) {
      if (hashes[table[slot]] == hashes[i]) return false;
    }
    table[slot] = static_cast<std::uint32_t>(i);
  }
  return true;
}

Places find_places(const DiscreteMeasure& measure) {
  const std::vector<std::uint64_t> hashes = hashes_of(measure, measure.d);
  const std::size_t mask = std::bit_ceil(2 * measure.n) - 1;
  std::vector<std::uint32_t> table = make_filled(mask + 1, unseen);
  Places places;
  places.place = make_filled(measure.n, unseen);
  for (std::size_t i = 0; i < measure.n; ++i) {
    if (i % places_between_checks == 0) check_interruption();
    std::size_t slot = hashes[i] & mask;
    while (table[slot] != unseen) {
      const std::uint32_t first = places.first[table[slot]];
      if (hashes[first] == hashes[i] && are_equal(measure, first, i)) break;
      slot = (slot + 1) & mask;
    }
    if (table[slot] == unseen) {
      table[slot] = static_cast<std::uint32_t>(places.first.size());
      places.first.push_back(static_cast<std::uint32_t>(i));
    }
    places.place[i] = table[slot];
  }
  return places;
}

/// The masses of the places. Whole multiples of a weight that all points have are counted; other
/// sums lose two roundings, and those of n terms n^2 w^2.
void add_masses(const DiscreteMeasure& points, const std::vector<std::uint32_t>& place,
                DiscreteMeasure& merged) {
  merged.pieces = points.whole_pieces();
  if (merged.pieces > 0) {
    const auto pieces = static_cast<double>(merged.pieces);
    for_each_range(points.n, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i)
        merged.weights[place[i]] += points.uniform ? 1 : std::nearbyint(points.weights[i] * pieces);
    });
    for (double& weight : merged.weights) weight /= pieces;
    merged.off = unit_roundoff;
    return;
  }
  std::vector<CompensatedSum> sums(merged.n);
  for (std::size_t i = 0; i < points.n; ++i) sums[place[i]].add(points.weights[i]);
  for (std::size_t j = 0; j < merged.n; ++j) merged.weights[j] = sums[j].value();
  const auto n = static_cast<double>(points.n);
  merged.off = points.off + unit_roundoff * (2 + n * n * unit_roundoff);
}

}  // namespace

std::vector<double> MergedPoints::expanded(const std::vector<double>& values) const {
  MCKEAN_EXPECT(values.size() == measure.n);
  std::vector<double> all(place.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = values[place[i]];
  return all;
}

std::vector<double> MergedPoints::largest_potentials(const std::vector<double>& psi) const {
  MCKEAN_EXPECT(psi.size() == place.size());
  std::vector<double> largest(measure.n, -std::numeric_limits<double>::infinity());
  for (std::size_t i = 0; i < psi.size(); ++i)
    largest[place[i]] = std::max(largest[place[i]], psi[i]);
  return largest;
}

std::optional<MergedPoints> merge_equal_points(const DiscreteMeasure& measure) {
  if (differ_at_once(measure)) return {};
  Places places = find_places(measure);
  const std::size_t count = places.first.size();
  if (count == measure.n) return {};
  DiscreteMeasure merged{count, measure.d, make_zeros(count * measure.d), make_zeros(count), false};
  for (std::size_t k = 0; k < measure.d; ++k) {
    for_each_range(count, [&](std::size_t begin, std::size_t end) {
      for (std::size_t j = begin; j < end; ++j)
        merged.planes[k * count + j] = measure.planes[k * measure.n + places.first[j]];
    });
  }
  add_masses(measure, places.place, merged);
  return MergedPoints{std::move(merged), std::move(places.place)};
}

}  // namespace mckean
