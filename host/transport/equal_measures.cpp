// Points in lexicographic order, equal ones merged.
#include "host/transport/equal_measures.hpp"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "mckean/compensated_sum.hpp"

namespace mckean {
namespace {

/// All pieces of a measure at one place.
struct Place {
  std::size_t point;  // one of them
  std::size_t pieces;
  long double mass;
};

std::vector<Place> places_of(const DiscreteMeasure& measure) {
  const auto compare = [&](std::size_t i, std::size_t j) {
    for (std::size_t k = 0; k < measure.d; ++k) {
      const double x = measure.planes[k * measure.n + i];
      const double y = measure.planes[k * measure.n + j];
      if (x != y) return x < y ? -1 : 1;
    }
    return 0;
  };
  std::vector<std::size_t> order(measure.n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  // The pieces of a place by their masses, so that these add up to the same.
  std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) {
    const int order_of_points = compare(i, j);
    return order_of_points != 0 ? order_of_points < 0 : measure.weights[i] < measure.weights[j];
  });
  std::vector<Place> places;
  for (std::size_t first = 0; first < order.size();) {
    CompensatedSum mass;
    std::size_t last = first;
    for (; last < order.size() && compare(order[first], order[last]) == 0; ++last)
      mass.add(measure.weights[order[last]]);
    places.push_back({order[first], last - first, mass.precise()});
    first = last;
  }
  return places;
}

/// Most clouds that differ do so in their extremes already.
bool boxes_differ(const DiscreteMeasure& a, const DiscreteMeasure& b) {
  for (std::size_t k = 0; k < a.d; ++k) {
    if (extent(a, k) != extent(b, k)) return true;
  }
  return false;
}

}  // namespace

bool equal_measures(const DiscreteMeasure& a, const DiscreteMeasure& b) {
  if (a.d != b.d || boxes_differ(a, b)) return false;
  const std::vector<Place> of_a = places_of(a);
  const std::vector<Place> of_b = places_of(b);
  const bool whole = a.uniform && b.uniform;  // masses are pieces/n
  return std::equal(of_a.begin(), of_a.end(), of_b.begin(), of_b.end(),
                    [&](const Place& x, const Place& y) {
                      for (std::size_t k = 0; k < a.d; ++k) {
                        if (a.planes[k * a.n + x.point] != b.planes[k * b.n + y.point])
                          return false;
                      }
                      return whole ? x.pieces * b.n == y.pieces * a.n : x.mass == y.mass;
                    });
}

}  // namespace mckean
