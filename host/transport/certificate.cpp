// Sums that lose no digits, less what their terms have lost.
#include "host/transport/certificate.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "mckean/compensated_sum.hpp"
#include "mckean/config.hpp"

namespace mckean {

// A computed cost has a relative error of (d + 12) w, w = 2^-53, and c <= |u| + |p|; a product with
// a weight that was scaled to sum 1 loses 3 w, and the compensated sum 2 w more.
double dual_lower(const DiscreteMeasure& a, const DiscreteMeasure& b, const std::vector<double>& u,
                  const std::vector<double>& p) {
  MCKEAN_EXPECT(u.size() == a.n && p.size() == b.n);
  CompensatedSum sum;
  double size = 0;
  double largest_price = 0;
  for (std::size_t i = 0; i < a.n; ++i) {
    sum.add(a.weights[i] * u[i]);
    size += a.weights[i] * std::abs(u[i]);
  }
  for (std::size_t j = 0; j < b.n; ++j) {
    sum.add(-b.weights[j] * p[j]);
    size += b.weights[j] * std::abs(p[j]);
    largest_price = std::max(largest_price, std::abs(p[j]));
  }
  return sum.value() - 0x1p-53 * (static_cast<double>(a.d) + 20) * (size + largest_price);
}

// The squared diagonal of the box around both clouds.
double bound_of_costs(const DiscreteMeasure& a, const DiscreteMeasure& b, GroundCost cost) {
  if (cost == GroundCost::geodesic) return std::numbers::pi * std::numbers::pi;
  double sum = 0;
  for (std::size_t k = 0; k < a.d; ++k) {
    double low = a.planes[k * a.n];
    double high = low;
    for (const DiscreteMeasure* cloud : {&a, &b}) {
      const auto plane = cloud->planes.begin() + static_cast<std::ptrdiff_t>(k * cloud->n);
      const auto [least, most] =
          std::minmax_element(plane, plane + static_cast<std::ptrdiff_t>(cloud->n));
      low = std::min(low, *least);
      high = std::max(high, *most);
    }
    sum += (high - low) * (high - low);
  }
  return sum;
}

}  // namespace mckean
