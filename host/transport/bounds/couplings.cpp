// Couplings in order, with masses in whole units so that marginals are exact.
#include "host/transport/bounds/couplings.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <vector>

#include "host/data/interruptible.hpp"
#include "host/transport/certificate/certificate.hpp"
#include "host/transport/exact/integer_masses.hpp"
#include "host/transport/pair_cost.hpp"
#include "host/transport/passes.hpp"
#include "mckean/formula/compensated_sum.hpp"

namespace mckean {
namespace {

constexpr int power_iterations = 8;
constexpr std::uint64_t sends_between_readings = 1024;  // of the clock
constexpr std::uint64_t comparisons_between_readings = 1 << 14;

/// Nearly the first principal axis, by power iteration from the coordinate that varies most.
Eigen::VectorXd principal_axis(const DiscreteMeasure& cloud, const Deadline& deadline) {
  const auto n = static_cast<Eigen::Index>(cloud.n);
  const auto d = static_cast<Eigen::Index>(cloud.d);
  const Eigen::Map<const Eigen::MatrixXd> points(cloud.planes.data(), n, d);
  const Eigen::Map<const Eigen::ArrayXd> weights(cloud.weights.data(), n);
  const auto for_each_block = [&](const auto& use) {
    const auto step = static_cast<Eigen::Index>(points_between_checks(cloud.d));
    for (Eigen::Index begin = 0; begin < n; begin += step) {
      deadline.expect_left();
      const Eigen::Index count = std::min(step, n - begin);
      use(points.middleRows(begin, count), weights.segment(begin, count));
    }
  };
  Eigen::RowVectorXd mean = Eigen::RowVectorXd::Zero(d);
  for_each_block([&](const auto& x, const auto& w) { mean += w.matrix().transpose() * x; });
  Eigen::VectorXd variance = Eigen::VectorXd::Zero(d);
  for_each_block([&](const auto& x, const auto& w) {
    for (Eigen::Index k = 0; k < d; ++k)
      variance[k] += (w * (x.col(k).array() - mean[k]).square()).sum();
  });
  Eigen::Index widest = 0;
  variance.maxCoeff(&widest);
  Eigen::VectorXd axis = Eigen::VectorXd::Unit(d, widest);
  for (int i = 0; i < power_iterations; ++i) {
    Eigen::VectorXd next = Eigen::VectorXd::Zero(d);
    for_each_block([&](const auto& x, const auto& w) {
      const Eigen::ArrayXd along = w * ((x * axis).array() - mean.dot(axis));
      next += x.transpose() * along.matrix() - mean.transpose() * along.sum();
    });
    if (!(next.norm() > 0)) break;
    axis = next.normalized();
  }
  return axis;
}

/// The indices of the values in their order, equal ones in that of the indices.
std::vector<std::uint32_t> order_of(const std::vector<double>& values, const Deadline& deadline) {
  std::vector<std::uint32_t> order = make_indices<std::uint32_t>(values.size());
  std::uint64_t comparisons = 0;
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t i, std::uint32_t j) {
    if (++comparisons % comparisons_between_readings == 0) deadline.expect_left();
    return values[i] < values[j];
  });
  return order;
}

std::vector<std::uint32_t> order_along(const DiscreteMeasure& cloud, const Eigen::VectorXd& axis,
                                       const Deadline& deadline) {
  std::vector<double> along = make_zeros(cloud.n);
  for (std::size_t k = 0; k < cloud.d; ++k) {
    const double* const plane = cloud.planes.data() + k * cloud.n;
    for_each_range(cloud.n, [&](std::size_t begin, std::size_t end) {
      deadline.expect_left();
      for (std::size_t i = begin; i < end; ++i)
        along[i] += axis[static_cast<Eigen::Index>(k)] * plane[i];
    });
  }
  return order_of(along, deadline);
}

/// Masses yet to be coupled, and the cost of those that are. OutOfTime where the deadline comes
/// first.
class Coupling {
 public:
  Coupling(const DiscreteMeasure& a, const DiscreteMeasure& b, GroundCost cost,
           const Deadline& deadline)
      : a_(a), b_(b), cost_(cost), deadline_(deadline), units_(to_integer_masses(a, b)) {}

  void send(std::uint32_t i, std::uint32_t j) {
    if (++sent_ % sends_between_readings == 0) deadline_.expect_left();
    const Mass mass = std::min(units_.a[i], units_.b[j]);
    if (mass == 0) return;
    units_.a[i] -= mass;
    units_.b[j] -= mass;
    sum_.add(static_cast<double>(mass) * pair_cost(cost_, a_.points(), i, b_.points(), j));
  }
  void send_rest_in_order() {
    const Eigen::VectorXd axis = principal_axis(b_, deadline_);
    const std::vector<std::uint32_t> from = order_along(a_, axis, deadline_);
    deadline_.expect_left();
    const std::vector<std::uint32_t> to = order_along(b_, axis, deadline_);
    for (std::size_t i = 0, j = 0; i < from.size() && j < to.size();) {
      send(from[i], to[j]);
      if (units_.a[from[i]] == 0) {
        ++i;
      } else {
        ++j;
      }
    }
  }
  /// The root of the cost with its rounding, and of what units cannot represent.
  double upper() const {
    const double cost = sum_.value() / static_cast<double>(units_.total);
    return std::sqrt(plan_upper(cost_, a_, b_, units_, cost, 6)) * (1 + 0x1p-52);
  }

 private:
  const DiscreteMeasure& a_;
  const DiscreteMeasure& b_;
  GroundCost cost_;
  const Deadline& deadline_;
  IntegerMasses units_;
  std::uint64_t sent_ = 0;
  CompensatedSum sum_;
};

/// The root of sum a_i min_j c_ij, less its rounding.
double lower_of(GroundCost cost, const DiscreteMeasure& a, const DiscreteMeasure& b,
                const std::vector<double>& least) {
  return std::sqrt(std::max(0., dual_lower(cost, a, b, least, std::vector<double>(b.n)))) *
         (1 - 0x1p-52);
}

}  // namespace

double ordered_upper(const DiscreteMeasure& a, const DiscreteMeasure& b, GroundCost cost,
                     const Deadline& deadline) {
  deadline.expect_left();
  Coupling coupling(a, b, cost, deadline);
  coupling.send_rest_in_order();
  return coupling.upper();
}

NearestBounds nearest_bounds(const DiscreteMeasure& a, const DiscreteMeasure& b, GroundCost cost,
                             const PairPasses& passes, const Deadline& deadline) {
  const std::vector<double> zero = make_zeros(b.n);
  std::vector<double> distance = make_zeros(a.n);
  std::vector<std::uint32_t> nearest = make_filled(a.n, 0u);
  if (!nearest_targets(passes, {cost, a, b}, zero, 1, deadline, {distance, nearest}))
    throw OutOfTime();
  NearestBounds bounds{lower_of(cost, a, b, distance)};
  const std::vector<double> back = c_transform(passes, {cost, b, a}, make_zeros(a.n), deadline);
  if (!back.empty()) bounds.lower = std::max(bounds.lower, lower_of(cost, b, a, back));
  if (deadline.passed()) return bounds;
  try {
    const std::vector<std::uint32_t> order = order_of(distance, deadline);
    Coupling coupling(a, b, cost, deadline);
    for (const std::uint32_t i : order) coupling.send(i, nearest[i]);
    coupling.send_rest_in_order();
    bounds.upper = coupling.upper();
  } catch (const OutOfTime&) {  // the lower end stands
  }
  return bounds;
}

}  // namespace mckean
