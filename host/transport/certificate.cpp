// Sums that lose no digits, less what their terms have lost.
#include "host/transport/certificate.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "kernels/cpu/cpu_backend.hpp"
#include "mckean/compensated_sum.hpp"
#include "mckean/config.hpp"

namespace mckean {

namespace {

/// The mean of values under the weights, divided by what these really add up to.
double mean_of(const DiscreteMeasure& measure, const std::vector<double>& values) {
  CompensatedSum sum;
  CompensatedSum mass;
  for (std::size_t i = 0; i < measure.n; ++i) {
    sum.add(measure.weights[i] * values[i]);
    mass.add(measure.weights[i]);
  }
  return sum.value() / mass.value();
}

}  // namespace

// A computed cost has a relative error of (d + 12) w, w = 2^-53, and c <= |u| + |p|; the products
// lose w, the compensated sums 2 w each and their quotient w.
double dual_lower(const DiscreteMeasure& a, const DiscreteMeasure& b, const std::vector<double>& u,
                  const std::vector<double>& p) {
  MCKEAN_EXPECT(u.size() == a.n && p.size() == b.n);
  double size = 0;
  double largest_price = 0;
  for (std::size_t i = 0; i < a.n; ++i) size += a.weights[i] * std::abs(u[i]);
  for (std::size_t j = 0; j < b.n; ++j) {
    size += b.weights[j] * std::abs(p[j]);
    largest_price = std::max(largest_price, std::abs(p[j]));
  }
  return mean_of(a, u) - mean_of(b, p) -
         0x1p-53 * (static_cast<double>(a.d) + 20) * (size + largest_price);
}

std::vector<double> hard_minimum(GroundCost cost, const DiscreteMeasure& from,
                                 const DiscreteMeasure& to, const std::vector<double>& p,
                                 int threads) {
  std::vector<double> u(from.n), costs(from.n);
  CpuBackend<double>(threads).c_transform(cost, from.points(), to.points(), {p.data(), p.size()}, 0,
                                          {u.data(), u.size()}, {costs.data(), costs.size()});
  return u;
}

std::vector<double> opposite_prices(GroundCost cost, const DiscreteMeasure& a,
                                    const DiscreteMeasure& b, const std::vector<double>& p,
                                    int threads) {
  std::vector<double> prices = hard_minimum(cost, a, b, p, threads);
  for (double& price : prices) price = -price;
  return prices;
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
