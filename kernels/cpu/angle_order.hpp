// Sorting by angle or by any value: a stable radix sort of 32-bit places, then exact order among
// equal places. Places are cut evenly from the circle, or from the quantiles of a sample.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "kernels/cpu/tiles.hpp"
#include "mckean/formula/sortable.hpp"

namespace mckean::cpu {

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
  constexpr std::size_t digits = 2048, worth_a_thread = 16384, between_checks = 1 << 16;
  EarlyEnd early;
  const auto for_each_entry = [&](std::size_t begin, std::size_t end, const auto& use) {
    for (; begin < end && !early.asked(); begin += between_checks) {
      for (std::size_t i = begin; i < std::min(end, begin + between_checks); ++i) use(from[i]);
    }
  };
  const auto digit = [shift](std::uint64_t entry) { return entry >> shift & (digits - 1); };
  const std::size_t chunks =
      std::clamp<std::size_t>(count / worth_a_thread, 1, static_cast<std::size_t>(threads));
  std::vector<std::array<std::size_t, digits>> place(chunks);
  for_each_index(chunks, threads, [&](std::size_t c, std::size_t) {
    place[c].fill(0);
    for_each_entry(count * c / chunks, count * (c + 1) / chunks,
                   [&](std::uint64_t entry) { ++place[c][digit(entry)]; });
  });
  early.check();
  std::size_t sum = 0;
  for (std::size_t value = 0; value < digits; ++value) {
    for (auto& chunk : place) sum += std::exchange(chunk[value], sum);
  }
  for_each_index(chunks, threads, [&](std::size_t c, std::size_t) {
    for_each_entry(count * c / chunks, count * (c + 1) / chunks,
                   [&](std::uint64_t entry) { to[place[c][digit(entry)]++] = entry; });
  });
  early.check();
}

/// Places of values of any distribution, cut evenly from their range where a sample says that this
/// separates them, else from each of 256 bins between quantiles of the sample: neither a heavy tail
/// nor an outlier nor a cluster fills a few places with most of the values. A value that many share
/// is the end of a bin, and has a place to itself.
class SampledPlaces {
 public:
  SampledPlaces(std::span<const double> value, int threads) {
    if (value.empty()) return;
    const std::size_t count = value.size();
    std::vector<std::pair<double, double>> ends((count + element_tile - 1) / element_tile);
    for_each_tile(count, element_tile, threads, [&](std::size_t begin, std::size_t end) {
      const auto part = value.subspan(begin, end - begin);
      const auto [least, most] = std::minmax_element(part.begin(), part.end());
      ends[begin / element_tile] = {*least, *most};
    });
    double low = ends[0].first, high = ends[0].second;
    for (const auto& [least, most] : ends) {
      low = std::min(low, least);
      high = std::max(high, most);
    }
    const std::vector<double> sample = sorted_sample(value);
    if (!are_apart(sample, count, low, high)) {
      bins_ = most_bins;
      bits_ = 24;
    }
    knot_[0] = low;
    for (std::uint32_t k = 1; k < bins_; ++k) knot_[k] = sample[sample.size() * k / bins_];
    knot_[bins_] = high;
    largest_ = std::ldexp(1., bits_) - 2;
    for (std::uint32_t k = 0; k < bins_; ++k) {
      half_[k] = knot_[k] / 2;
      density_[k] = largest_ / (knot_[k + 1] / 2 - half_[k]);
    }
  }

  /// Ascends with x; equal values, 0 and -0 among them, have equal places.
  std::uint32_t operator()(double x) const {
    std::uint32_t bin = 0;
    for (std::uint32_t step = bins_ / 2; step > 0; step /= 2) {
      bin += step * static_cast<std::uint32_t>(knot_[bin + step] <= x);
    }
    // Halves do not overflow. Where those of a bin are equal this is no number, for all x alike.
    const double offset = (x / 2 - half_[bin]) * density_[bin];
    const double within = offset < largest_ ? offset : largest_;
    const auto above = static_cast<std::uint32_t>(within > 0 ? within : 0.) + 1;
    return static_cast<std::uint32_t>(std::uint64_t{bin} << bits_) + (x > knot_[bin] ? above : 0);
  }

 private:
  static constexpr std::uint32_t most_bins = 256;
  static constexpr std::size_t largest_sample = 4096, sampled = 64, stretch = 8;

  /// One value of `sampled`, but no more than largest_sample: from equal parts of the indices,
  /// where a hash says, so that no period of the values shows.
  static std::vector<double> sorted_sample(std::span<const double> value) {
    std::vector<double> sample(std::clamp<std::size_t>(value.size() / sampled, 1, largest_sample));
    for (std::size_t k = 0; k < sample.size(); ++k) {
      const std::size_t begin = value.size() * k / sample.size();
      const std::size_t length = value.size() * (k + 1) / sample.size() - begin;
      std::uint64_t hash = (k + 1) * 0x9e3779b97f4a7c15;
      hash = (hash ^ hash >> 32) * 0xd6e8feb86659fd93;
      sample[k] = value[begin + (hash >> 32) % length];
    }
    std::sort(sample.begin(), sample.end(),
              [](double x, double y) { return sortable(x) < sortable(y); });
    return sample;
  }

  /// Whether every stretch of the sample has four of 2^32 even places for each value it stands for.
  static bool are_apart(const std::vector<double>& sample, std::size_t count, double low,
                        double high) {
    const double scale = 4294967296. / (high / 2 - low / 2);
    const double needed =
        4. * stretch * static_cast<double>(count) / static_cast<double>(sample.size());
    for (std::size_t i = stretch; i < sample.size(); i += stretch) {
      if (!((sample[i] / 2 - sample[i - stretch] / 2) * scale >= needed)) return false;
    }
    return true;
  }

  std::uint32_t bins_ = 1;
  int bits_ = 32;  // of places in a bin
  double largest_ = 0;
  std::array<double, most_bins + 1> knot_{};
  std::array<double, most_bins> half_{}, density_{};
};

/// The indices 0..count-1, below 2^32, in the order of key(i), equal keys in the order of their
/// indices, from place(i), a 32-bit number that never falls where the key rises (else the order is
/// some other one).
class PlaceOrder {
 public:
  template <class Place, class Key>
  PlaceOrder(std::size_t count, int threads, const Place& place, const Key& key)
      : entries_(std::make_unique_for_overwrite<std::uint64_t[]>(count)) {
    EarlyEnd early;
    for_each_long_tile(count, element_tile, threads,
                       [&](std::size_t begin, std::size_t end, EarlyEnd&) {
                         for (std::size_t i = begin; i < end; ++i)
                           entries_[i] = std::uint64_t{place(i)} << 32 | i;
                       });
    auto other = std::make_unique_for_overwrite<std::uint64_t[]>(count);
    for (const int shift : {32, 43, 54}) {
      radix_pass(entries_.get(), other.get(), count, shift, threads);
      std::swap(entries_, other);
    }
    const std::vector<Run> runs = equal_places(count, threads);
    const auto before = [&](std::uint64_t x, std::uint64_t y) {
      const auto i = static_cast<std::uint32_t>(x), j = static_cast<std::uint32_t>(y);
      const std::uint64_t left = key(i), right = key(j);
      return left != right ? left < right : i < j;
    };
    for_each_index(runs.size(), threads, [&](std::size_t r, std::size_t) {
      if (early.asked()) return;
      const auto first = entries_.get() + runs[r].first, last = entries_.get() + runs[r].second;
      if (!std::is_sorted(first, last, before)) std::sort(first, last, before);
    });
    early.check();
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
    for_each_long_tile(count, element_tile, threads,
                       [&](std::size_t begin, std::size_t end, EarlyEnd&) {
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

/// The order of angle(i) in [-pi, pi]; NaN at an end.
class AngleOrder : public PlaceOrder {
 public:
  template <class Angle>
  AngleOrder(std::size_t count, int threads, const Angle& angle)
      : PlaceOrder(
            count, threads, [&](std::size_t i) { return place_of_angle(angle(i)); },
            [&](std::size_t i) { return sortable(angle(i)); }) {}
};

/// The order of any values that are numbers; 0 and -0 are equal.
class ValueOrder : public PlaceOrder {
 public:
  ValueOrder(std::span<const double> value, int threads)
      : PlaceOrder(
            value.size(), threads,
            [&value, place = SampledPlaces(value, threads)](std::size_t i) {
              return place(value[i]);
            },
            [&value](std::size_t i) { return sortable(value[i] + 0.); }) {}
};

}  // namespace mckean::cpu
