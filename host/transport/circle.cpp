// W2 on the circle: optimal shifts of lifted quantile functions.
#include "host/transport/circle.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <numeric>
#include <string>
#include <utility>

#include "host/data/error.hpp"
#include "host/transport/check_points.hpp"

namespace mckean {
namespace {

constexpr const char* kName = "w2 on the circle";
constexpr double kTurn = 2 * std::numbers::pi;

/// The angles in [-pi, pi], in ascending order.
std::vector<double> wrap_and_sort(std::vector<double> angles) {
  for (double& angle : angles) angle = std::remainder(angle, kTurn);
  std::sort(angles.begin(), angles.end());
  return angles;
}

std::int64_t divide_down(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

/// A quantile function of angles lifted to the line: step j, for any integer j, is
/// sorted[j mod n] + 2 pi floor(j/n), on the interval [j, j + 1) * width.
struct Lift {
  std::vector<double> sorted;
  std::int64_t width;

  double step(std::int64_t j) const {
    const auto n = static_cast<std::int64_t>(sorted.size());
    const std::int64_t turns = divide_down(j, n);
    return sorted[static_cast<std::size_t>(j - turns * n)] + kTurn * static_cast<double>(turns);
  }
};

/// C(s) = mean over u in (0, period) of (a(u) - b(u + s))^2 at integer shifts s; between two of
/// them it is linear.
class ShiftCost {
 public:
  ShiftCost(std::vector<double> a, std::vector<double> b) {
    const auto na = static_cast<std::int64_t>(a.size());
    const auto nb = static_cast<std::int64_t>(b.size());
    const std::int64_t common = std::gcd(na, nb);
    if (na / common > (std::int64_t{1} << 60) / nb) {
      throw InputError("w2 on the circle: sets of " + std::to_string(na) + " and " +
                       std::to_string(nb) + " points are too large; give sizes that divide");
    }
    period_ = na / common * nb;
    a_ = {wrap_and_sort(std::move(a)), period_ / na};
    b_ = {wrap_and_sort(std::move(b)), period_ / nb};
  }

  std::int64_t period() const { return period_; }

  /// The derivative to the right of C at shift s, times the period: moving b to the left replaces
  /// b_{j-1} by b_j in front of each of its steps.
  double right_slope(std::int64_t s) const {
    double sum = 0;
    const std::int64_t first = divide_down(s, b_.width) + 1;
    double before = b_.step(first - 1);
    for (std::int64_t j = first; j < first + static_cast<std::int64_t>(b_.sorted.size()); ++j) {
      const double here = b_.step(j);
      const double beside = a_.step(divide_down(j * b_.width - s - 1, a_.width));
      sum += (here - before) * ((here - beside) + (before - beside));
      before = here;
    }
    return sum;
  }

  double value(std::int64_t s) const {
    double sum = 0;
    std::int64_t i = 0;
    std::int64_t j = divide_down(s, b_.width);
    for (std::int64_t u = 0; u < period_;) {
      const std::int64_t end_a = (i + 1) * a_.width;
      const std::int64_t end_b = (j + 1) * b_.width - s;
      const std::int64_t end = std::min({end_a, end_b, period_});
      const double difference = a_.step(i) - b_.step(j);
      sum += static_cast<double>(end - u) * difference * difference;
      if (end == end_a) ++i;
      if (end == end_b) ++j;
      u = end;
    }
    return sum / static_cast<double>(period_);
  }

 private:
  std::int64_t period_ = 1;
  Lift a_;
  Lift b_;
};

}  // namespace

double w2_circle_uniform(std::vector<double> angles) {
  check_points(kName, angles);
  const std::vector<double> theta = wrap_and_sort(std::move(angles));
  const auto m = static_cast<double>(theta.size());
  const auto residual = [&](std::size_t j) {
    return theta[j] - kTurn * ((static_cast<double>(j) + 0.5) / m);
  };
  double mean = 0;
  for (std::size_t j = 0; j < theta.size(); ++j) mean += residual(j) / m;
  double sum = 0;
  double squares = 0;
  for (std::size_t j = 0; j < theta.size(); ++j) {
    const double difference = residual(j) - mean;
    sum += difference;
    squares += difference * difference;
  }
  const double variance = std::max(0.0, squares / m - (sum / m) * (sum / m));
  const double cell = kTurn / m;
  return std::sqrt(variance + cell * cell / 12);
}

double w2_circle_uniform_antipodal(std::vector<double> angles) {
  check_points(kName, angles);
  // theta -> 2 theta folds theta and theta + pi onto one point and doubles every distance.
  for (double& angle : angles) angle = 2 * std::remainder(angle, kTurn);
  return w2_circle_uniform(std::move(angles)) / 2;
}

double w2_circle(std::vector<double> a, std::vector<double> b) {
  check_points(kName, a);
  check_points(kName, b);
  const ShiftCost cost(std::move(a), std::move(b));
  // Lifted to [-5 pi, -pi] or to [pi, 3 pi], b is on one side of a: the slope is negative at low,
  // positive at high.
  std::int64_t low = -2 * cost.period();
  std::int64_t high = cost.period();
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    (cost.right_slope(middle) < 0 ? low : high) = middle;
  }
  return std::sqrt(cost.value(high));
}

}  // namespace mckean
