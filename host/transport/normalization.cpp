// Division by norms and multiplication by powers of two.
#include "host/transport/normalization.hpp"

#include <algorithm>
#include <cmath>

#include "host/data/interruptible.hpp"

namespace mckean {
namespace {

constexpr int comfortable = 200;  // exponents of sizes whose fourth powers are far from all limits

}  // namespace

DiscreteMeasure on_unit_sphere(DiscreteMeasure measure) {
  for (std::size_t i = 0; i < measure.n; ++i) {
    if (i % points_between_checks(measure.d) == 0) check_interruption();
    const double norm = std::sqrt(measure.squared_norm(i));
    for (std::size_t k = 0; k < measure.d; ++k) measure.planes[k * measure.n + i] /= norm;
  }
  return measure;
}

DiscreteMeasure scaled(DiscreteMeasure measure, double factor) {
  for_each_range(measure.planes.size(), [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) measure.planes[i] *= factor;
  });
  return measure;
}

double power_of_two_scale(const DiscreteMeasure& a, const DiscreteMeasure& b) {
  double width = 0;
  for (std::size_t k = 0; k < a.d; ++k) {
    const Extent of_a = extent(a, k);
    const Extent of_b = extent(b, k);
    width = std::max(width, std::max(of_a.high, of_b.high) - std::min(of_a.low, of_b.low));
  }
  if (!(width > 0)) return 1;
  const int exponent = std::ilogb(width);
  return std::abs(exponent) <= comfortable ? 1 : std::ldexp(1., std::clamp(-exponent, -1000, 1000));
}

}  // namespace mckean
