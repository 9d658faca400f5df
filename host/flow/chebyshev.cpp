// Chebyshev polynomials of the first kind and their derivatives at w_0 = 1 + damping/s^2.
#include "host/flow/chebyshev.hpp"

#include <algorithm>
#include <cmath>

#include "mckean/config.hpp"

namespace mckean {
namespace {

constexpr double damping = 2.0 / 13;
/// The boundary of real stability is (s^2 - 1)/1.54 with some room: 1998, (2.10) and section 3.
constexpr double boundary = 1.54;

}  // namespace

int ChebyshevScheme::stages_for(double size_times_radius, int least) {
  const double stages = 1 + std::floor(std::sqrt(1 + boundary * size_times_radius));
  return stages > 1e6 ? 1000000 : std::max(least, static_cast<int>(stages));
}

double ChebyshevScheme::stable_limit(int stages) {
  const double s = stages;
  return (s * s - 1) / boundary;
}

ChebyshevScheme::ChebyshevScheme(int count) : stages(count) {
  MCKEAN_EXPECT(count >= 3);
  const auto size = static_cast<std::size_t>(count) + 1;
  const double s = count;
  const double w0 = 1 + damping / (s * s);
  std::vector<double> value(size), slope(size), curve(size);
  value[0] = 1;
  value[1] = w0;
  slope[1] = 1;
  for (std::size_t j = 2; j < size; ++j) {
    value[j] = 2 * w0 * value[j - 1] - value[j - 2];
    slope[j] = 2 * value[j - 1] + 2 * w0 * slope[j - 1] - slope[j - 2];
    curve[j] = 4 * slope[j - 1] + 2 * w0 * curve[j - 1] - curve[j - 2];
  }
  const double w1 = slope.back() / curve.back();
  std::vector<double> b(size);
  for (std::size_t j = 2; j < size; ++j) b[j] = curve[j] / (slope[j] * slope[j]);
  b[0] = b[1] = b[2];
  mu.resize(size);
  nu.resize(size);
  drift.resize(size);
  start.resize(size);
  time.resize(size);
  first = b[1] * w1;
  for (std::size_t j = 2; j < size; ++j) {
    mu[j] = 2 * b[j] * w0 / b[j - 1];
    nu[j] = -b[j] / b[j - 2];
    drift[j] = 2 * b[j] * w1 / b[j - 1];
    start[j] = -(1 - b[j - 1] * value[j - 1]) * drift[j];
    time[j] = w1 * curve[j] / slope[j];
  }
  time[1] = time[2] / slope[2];
  middle = 2;
  for (int j = 3; j < count; ++j) {
    const auto at = [&](int stage) { return std::abs(time[static_cast<std::size_t>(stage)] - .5); };
    if (at(j) < at(middle)) middle = j;
  }
}

}  // namespace mckean
