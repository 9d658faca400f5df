// Sorting by angle: a stable radix sort of 32-bit places on the circle, then exact order among
// equal places.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "kernels/cpu/tiles.hpp"

namespace mckean::cpu {

/// Orders doubles as integers, NaN included, so that sorting is safe whatever the state.
inline std::uint64_t sortable(double x) {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  return bits >> 63 ? ~bits : bits | std::uint64_t{1} << 63;
}

/// [-pi, pi] cut into 2^32 places, in the order of the angles; NaN takes the last one.
inline std::uint32_t place_of_angle(double angle) {
  const double x = (angle + 3.14159265358979323846) * 683565275.57643158;
  if (!(x < 4294967295.)) return 4294967295u;
  return x > 0 ? static_cast<std::uint32_t>(x) : 0;
}

/// One pass of a radix sort over the eleven bits from `shift` on (fewer at the top): stable, so
/// that the chunks, one for each thread, do not show.
inline void radix_pass(const std::uint64_t* from, std::uint64_t* to, std::size_t count, int shift,
                       int threads) {
  constexpr std::size_t digits = 2048, worth_a_thread = 16384;
  const auto digit = [shift](std::uint64_t entry) { return entry >> shift & (digits - 1); };
  const std::size_t chunks =
      std::clamp<std::size_t>(count / worth_a_thread, 1, static_cast<std::size_t>(threads));
  std::vector<std::array<std::size_t, digits>> place(chunks);
#pragma omp parallel for schedule(static, 1) num_threads(threads) if (chunks > 1)
  for (std::size_t c = 0; c < chunks; ++c) {
    place[c].fill(0);
    for (std::size_t i = count * c / chunks; i < count * (c + 1) / chunks; ++i) {
      ++place[c][digit(from[i])];
    }
  }
  std::size_t sum = 0;
  for (std::size_t value = 0; value < digits; ++value) {
    for (auto& chunk : place) sum += std::exchange(chunk[value], sum);
  }
#pragma omp parallel for schedule(static, 1) num_threads(threads) if (chunks > 1)
  for (std::size_t c = 0; c < chunks; ++c) {
    for (std::size_t i = count * c / chunks; i < count * (c + 1) / chunks; ++i) {
      to[place[c][digit(from[i])]++] = from[i];
    }
  }
}

/// The indices 0..count-1, below 2^32, in the order of angle(i) in [-pi, pi], equal angles in the
/// order of their indices; NaN at an end.
class AngleOrder {
 public:
  template <class Angle>
  AngleOrder(std::size_t count, int threads, const Angle& angle)
      : entries_(std::make_unique_for_overwrite<std::uint64_t[]>(count)) {
    for_each_tile(count, element_tile, threads, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        entries_[i] = std::uint64_t{place_of_angle(angle(i))} << 32 | i;
      }
    });
    auto other = std::make_unique_for_overwrite<std::uint64_t[]>(count);
    for (const int shift : {32, 43, 54}) {
      radix_pass(entries_.get(), other.get(), count, shift, threads);
      std::swap(entries_, other);
    }
    const std::vector<Run> runs = equal_places(count, threads);
    const auto before = [&](std::uint64_t x, std::uint64_t y) {
      const auto i = static_cast<std::uint32_t>(x), j = static_cast<std::uint32_t>(y);
      const std::uint64_t left = sortable(angle(i)), right = sortable(angle(j));
      return left != right ? left < right : i < j;
    };
#pragma omp parallel for schedule(dynamic) num_threads(threads) if (runs.size() > 1)
    for (const Run& run : runs) {
      std::sort(entries_.get() + run.first, entries_.get() + run.second, before);
    }
  }

  std::size_t operator[](std::size_t rank) const {
    return static_cast<std::uint32_t>(entries_[rank]);
  }

 private:
  using Run = std::pair<std::size_t, std::size_t>;

  /// The ranges of two or more entries of the same place.
  std::vector<Run> equal_places(std::size_t count, int threads) const {
    const auto place = [this](std::size_t i) { return entries_[i] >> 32; };
    std::vector<std::vector<Run>> found((count + element_tile - 1) / element_tile);
    for_each_tile(count, element_tile, threads, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        if (i > 0 && place(i - 1) == place(i)) continue;
        std::size_t last = i + 1;
        while (last < count && place(last) == place(i)) ++last;
        if (last > i + 1) found[begin / element_tile].emplace_back(i, last);
      }
    });
    std::vector<Run> runs;
    for (const auto& tile : found) runs.insert(runs.end(), tile.begin(), tile.end());
    return runs;
  }

  std::unique_ptr<std::uint64_t[]> entries_;  // place, index
};

}  // namespace mckean::cpu
