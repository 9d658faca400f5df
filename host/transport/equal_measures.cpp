// Points in lexicographic order, and the masses of equal ones without rounding.
#include "host/transport/equal_measures.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "host/data/interruptible.hpp"

namespace mckean {
namespace {

constexpr std::size_t between_readings = 1 << 14;  // of the clock

/// A sum of doubles without any rounding, as parts that do not overlap (Shewchuk, Discrete Comput.
/// Geom. 18, 1997, "grow expansion").
class ExactSum {
 public:
  void add(double x) {
    std::size_t kept = 0;
    for (const double part : parts_) {
      const double sum = x + part;
      const double of_part = sum - x;
      const double lost = (x - (sum - of_part)) + (part - of_part);
      if (lost != 0) parts_[kept++] = lost;
      x = sum;
    }
    parts_.resize(kept);
    if (x != 0) parts_.push_back(x);
  }
  bool is_zero() const { return parts_.empty(); }

 private:
  std::vector<double> parts_;
};

int compare(const DiscreteMeasure& a, std::size_t i, const DiscreteMeasure& b, std::size_t j) {
  for (std::size_t k = 0; k < a.d; ++k) {
    const double x = a.planes[k * a.n + i];
    const double y = b.planes[k * b.n + j];
    if (x != y) return x < y ? -1 : 1;
  }
  return 0;
}

/// The points in lexicographic order.
std::vector<std::uint32_t> order_of(const DiscreteMeasure& measure, const Deadline& deadline) {
  std::vector<std::uint32_t> order = make_indices<std::uint32_t>(measure.n);
  std::size_t comparisons = 0;
  std::sort(order.begin(), order.end(), [&](std::uint32_t i, std::uint32_t j) {
    if (++comparisons % between_readings == 0) deadline.expect_left();
    return compare(measure, i, measure, j) < 0;
  });
  return order;
}

/// Most clouds that differ do so in their extremes already.
bool boxes_differ(const DiscreteMeasure& a, const DiscreteMeasure& b) {
  for (std::size_t k = 0; k < a.d; ++k) {
    if (extent(a, k) != extent(b, k)) return true;
  }
  return false;
}

}  // namespace

bool equal_measures(const DiscreteMeasure& a, const DiscreteMeasure& b, const Deadline& deadline) {
  if (a.d != b.d || boxes_differ(a, b)) return false;
  const std::vector<std::uint32_t> of_a = order_of(a, deadline);
  const std::vector<std::uint32_t> of_b = order_of(b, deadline);
  const bool whole = a.uniform && b.uniform;  // masses are pieces/n
  std::size_t i = 0, j = 0, points = 0;
  const auto read_clock = [&] {
    if (++points % between_readings == 0) deadline.expect_left();
  };
  while (i < a.n && j < b.n) {
    const std::size_t at = of_a[i];
    if (compare(a, at, b, of_b[j]) != 0) return false;
    ExactSum difference;
    const std::size_t first_i = i, first_j = j;
    for (; i < a.n && compare(a, at, a, of_a[i]) == 0; ++i) {
      read_clock();
      if (!whole) difference.add(a.weights[of_a[i]]);
    }
    for (; j < b.n && compare(a, at, b, of_b[j]) == 0; ++j) {
      read_clock();
      if (!whole) difference.add(-b.weights[of_b[j]]);
    }
    if (whole ? (i - first_i) * b.n != (j - first_j) * a.n : !difference.is_zero()) return false;
  }
  return i == a.n && j == b.n;
}

}  // namespace mckean
