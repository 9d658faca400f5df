// Bounds from moments, from projections and from a coupling.
#include "host/transport/bounds/bounds.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string>

#include "host/linear_algebra/dense.hpp"
#include "host/transport/bounds/projections.hpp"
#include "host/transport/certificate/certificate.hpp"
#include "host/transport/check_points.hpp"
#include "host/transport/line/quantiles.hpp"
#include "host/transport/pair_cost.hpp"
#include "kernels/cpu/tiles.hpp"

namespace mckean {
namespace {

constexpr const char* kName = "w2 bounds";
constexpr std::size_t points_between_readings = 1024;  // of the clock
constexpr double seconds_of_decomposition = 4e-9;      // of a matrix, for each of d^3

void check(const DiscreteMeasure& a, const DiscreteMeasure& b) {
  if (a.d != b.d) {
    throw InputError(std::string(kName) + ": the points have " + std::to_string(a.d) + " and " +
                     std::to_string(b.d) + " coordinates: give clouds of the same dimension");
  }
  check_points(kName, a.planes);
  check_points(kName, b.planes);
}

/// Mean and covariance R^T R of a cloud, relative to an origin.
struct Moments {
  Eigen::VectorXd mean;
  Eigen::MatrixXd factor;  // R, at most d rows
  double error = 0;        // of the mean, and of sqrt(weights) (points - mean), Frobenius
};

class MomentsOf {
 public:
  MomentsOf(const DiscreteMeasure& cloud, const std::vector<double>& origin, int threads,
            const Deadline& deadline)
      : cloud_(cloud),
        origin_(origin),
        threads_(threads),
        deadline_(deadline),
        block_(std::max<std::size_t>(1024, 4 * cloud.d)) {}

  Moments compute() {
    const auto d = static_cast<Eigen::Index>(cloud_.d);
    total_ = cpu::sum_long_elements(cloud_.n, threads_,
                                    [&](std::size_t i) { return cloud_.weights[i]; });
    mean_.resize(d);
    double spread = 0;  // mean square about the origin
    for (std::size_t k = 0; k < cloud_.d; ++k) {
      deadline_.expect_left();
      const double* const plane = cloud_.planes.data() + k * cloud_.n;
      mean_[static_cast<Eigen::Index>(k)] =
          cpu::sum_long_elements(
              cloud_.n, threads_,
              [&](std::size_t i) { return cloud_.weights[i] * (plane[i] - origin_[k]); }) /
          total_;
      spread += cpu::sum_long_elements(cloud_.n, threads_,
                                       [&](std::size_t i) {
                                         const double x = plane[i] - origin_[k];
                                         return cloud_.weights[i] * x * x;
                                       }) /
                total_;
    }
    std::vector<Eigen::MatrixXd> factors((cloud_.n + block_ - 1) / block_);
    cpu::for_each_tile(cloud_.n, block_, threads_, [&](std::size_t begin, std::size_t end) {
      if (!deadline_.over()) factors[begin / block_] = factor_of(rows(begin, end));
    });
    deadline_.expect_left();
    double depth = 1;
    for (; factors.size() > 1; depth += 1) {
      std::vector<Eigen::MatrixXd> joined;
      for (std::size_t k = 0; k + 1 < factors.size(); k += 2) {
        deadline_.expect_left();
        Eigen::MatrixXd both(factors[k].rows() + factors[k + 1].rows(), d);
        both << factors[k], factors[k + 1];
        joined.push_back(factor_of(both));
      }
      if (factors.size() % 2 == 1) joined.push_back(std::move(factors.back()));
      factors = std::move(joined);
    }
    // A reflection I - beta v v^T of r rows is off by r + 4 roundings of |beta| |v| |v|^T, whose
    // norm is 2, and v and beta by 2 (r + 10) more: 6 r + 50 < 8 r in all for a block, and d of
    // them make a factor (Higham, "Accuracy and stability of numerical algorithms", section 19.3),
    // at each level of the tree. Sums over tiles are off by fewer than 1024.
    const auto dim = static_cast<double>(cloud_.d);
    const double roundings =
        8 * (static_cast<double>(block_) + dim) * dim * depth + 4096 * std::sqrt(dim);
    return {mean_, std::move(factors[0]), unit_roundoff * roundings * 1.01 * std::sqrt(spread)};
  }

 private:
  /// sqrt(weight) (point - mean), a row for each.
  Eigen::MatrixXd rows(std::size_t begin, std::size_t end) const {
    Eigen::MatrixXd result(end - begin, cloud_.d);
    for (std::size_t k = 0; k < cloud_.d; ++k) {
      const auto column = static_cast<Eigen::Index>(k);
      const double* const plane = cloud_.planes.data() + k * cloud_.n;
      for (std::size_t i = begin; i < end; ++i) {
        result(static_cast<Eigen::Index>(i - begin), column) =
            std::sqrt(cloud_.weights[i] / total_) * ((plane[i] - origin_[k]) - mean_[column]);
      }
    }
    return result;
  }

  static Eigen::MatrixXd factor_of(const Eigen::MatrixXd& matrix) {
    if (matrix.rows() <= matrix.cols()) return matrix;
    return triangular_factor(matrix);
  }

  const DiscreteMeasure& cloud_;
  const std::vector<double>& origin_;
  int threads_;
  Deadline deadline_;
  std::size_t block_;
  double total_ = 1;
  Eigen::VectorXd mean_;
};

/// Eigen's decompositions are not to be interrupted.
void expect_decomposition(Eigen::Index d, const Deadline& deadline) {
  const auto size = static_cast<double>(d);
  deadline.expect_left(seconds_of_decomposition * size * size * size);
}

std::vector<double> first_point(const DiscreteMeasure& cloud) {
  std::vector<double> point(cloud.d);
  for (std::size_t k = 0; k < cloud.d; ++k) point[k] = cloud.planes[k * cloud.n];
  return point;
}

/// A number that the sum of the singular values of r1 r2^T is not above, whatever the algorithm
/// that found them has lost: for P = U S V^T + E it is at most |U| |V| tr S + sqrt(d) |E|_F, where
/// |U|^2 <= 1 + |U^T U - 1|_F, and each product of matrices is computed to d w |A|_F |B|_F.
double nuclear_upper(const Eigen::MatrixXd& r1, const Eigen::MatrixXd& r2,
                     const Deadline& deadline) {
  expect_decomposition(std::max(r1.rows(), r2.rows()), deadline);
  const auto d = static_cast<double>(r1.cols());
  const Eigen::MatrixXd both = product(r1, r2.transpose());
  const SingularValueDecomposition svd = decompose_singular(both);
  const Eigen::VectorXd& values = svd.values;
  const Eigen::MatrixXd residual =
      both - product(svd.left * values.asDiagonal(), svd.right.transpose());
  const auto excess = [&](const Eigen::MatrixXd& u) {
    const auto k = u.cols();
    return (product(u.transpose(), u) - Eigen::MatrixXd::Identity(k, k)).norm() +
           unit_roundoff * (d + 4) * u.squaredNorm();
  };
  const double lost = unit_roundoff * (d + 4) *
                      (r1.norm() * r2.norm() + svd.left.norm() * values.norm() * svd.right.norm());
  return std::sqrt((1 + excess(svd.left)) * (1 + excess(svd.right))) * values.sum() *
             (1 + unit_roundoff * (d + 8)) +
         std::sqrt(d) * (residual.norm() * (1 + unit_roundoff * (d * d + 4)) + 2 * lost);
}

/// Gelbrich's potential at the points of a cloud with the moments `own`.
std::vector<double> normal_potential(const DiscreteMeasure& cloud,
                                     const std::vector<double>& origin, const Moments& own,
                                     const Moments& other, const Deadline& deadline) {
  expect_decomposition(own.factor.cols(), deadline);
  const Eigen::MatrixXd own_covariance = product(own.factor.transpose(), own.factor);
  const Eigen::MatrixXd other_covariance = product(other.factor.transpose(), other.factor);
  const SymmetricDecomposition axes = decompose_symmetric(own_covariance);
  // Directions without spread have no inverse, and none of the points has a part in them.
  const double least = 1e-13 * axes.values.cwiseAbs().maxCoeff();
  const Eigen::VectorXd roots = axes.values.cwiseMax(0).cwiseSqrt();
  const Eigen::VectorXd inverse_roots =
      (axes.values.array() > least).select(roots.cwiseInverse(), 0.);
  const auto along_axes = [&](const Eigen::VectorXd& values) -> Eigen::MatrixXd {
    return product(axes.vectors * values.asDiagonal(), axes.vectors.transpose());
  };
  const Eigen::MatrixXd root = along_axes(roots);
  const Eigen::MatrixXd inverse_root = along_axes(inverse_roots);
  expect_decomposition(own.factor.cols(), deadline);
  const SymmetricDecomposition middle =
      decompose_symmetric(product(product(root, other_covariance), root));
  const Eigen::MatrixXd outer = product(inverse_root, middle.vectors);
  const Eigen::MatrixXd map =
      product(outer * middle.values.cwiseMax(0).cwiseSqrt().asDiagonal(), outer.transpose());
  const Eigen::MatrixXd form = Eigen::MatrixXd::Identity(map.rows(), map.cols()) - map;
  const Eigen::VectorXd slope = 2 * (own.mean - other.mean);
  std::vector<double> potential = make_zeros(cloud.n);
  Eigen::VectorXd z(static_cast<Eigen::Index>(cloud.d));
  for (std::size_t i = 0; i < cloud.n; ++i) {
    if (i % points_between_readings == 0) deadline.expect_left();
    for (std::size_t k = 0; k < cloud.d; ++k) {
      const auto row = static_cast<Eigen::Index>(k);
      z[row] = (cloud.planes[k * cloud.n + i] - origin[k]) - own.mean[row];
    }
    potential[i] = z.dot(form * z) + slope.dot(z);
  }
  return potential;
}

/// Mean and mean square of a coordinate about `origin`, memory being read once. By one thread: it
/// must not wait for others where time is short.
std::array<double, 2> first_moments(const DiscreteMeasure& cloud, std::size_t k, double origin) {
  const double* const plane = cloud.planes.data() + k * cloud.n;
  const double* const weights = cloud.weights.data();
  const auto sums = cpu::sum_long_tiles<3>(
      cloud.n, cpu::element_tile, 1, [&](std::size_t begin, std::size_t end, cpu::EarlyEnd&) {
        const auto sum = [&](const auto& term) { return cpu::sum_terms(begin, end, term); };
        return std::array<double, 3>{
            sum([&](std::size_t i) { return weights[i]; }),
            sum([&](std::size_t i) { return weights[i] * (plane[i] - origin); }),
            sum([&](std::size_t i) {
              const double x = plane[i] - origin;
              return weights[i] * (x * x);
            })};
      });
  return {sums[1] / sums[0], sums[2] / sums[0]};
}

double frame_lower_squared(const Projections& projections, const Directions& frame) {
  return projections.lower_squared(frame, projections.squares(frame));
}

bool have_equal_weights(const DiscreteMeasure& a, const DiscreteMeasure& b) {
  if (a.uniform && b.uniform) return true;
  bool equal = true;
  for_each_range(a.n, [&](std::size_t begin, std::size_t end) {
    equal = equal &&
            std::equal(a.weights.data() + begin, a.weights.data() + end, b.weights.data() + begin);
  });
  return equal;
}

Directions directions_of(const Eigen::MatrixXd& columns) {
  return {static_cast<std::size_t>(columns.cols()),
          static_cast<std::size_t>(columns.rows()),
          {columns.data(), columns.data() + columns.size()}};
}

/// About the same origin, a point of a.
struct BothMoments {
  std::vector<double> origin;
  Moments of_a, of_b;
};

BothMoments moments_of_both(const DiscreteMeasure& a, const DiscreteMeasure& b, int threads,
                            const Deadline& deadline) {
  check(a, b);
  const int workers = cpu::thread_count(threads);
  const std::vector<double> origin = first_point(a);
  return {origin, MomentsOf(a, origin, workers, deadline).compute(),
          MomentsOf(b, origin, workers, deadline).compute()};
}

}  // namespace

// Of a mean each coordinate is off by the 1100 roundings of a sum over tiles, twice, of the root of
// its mean square; those of the squares and of the products of means follow.
MeanBounds mean_bounds(const DiscreteMeasure& a, const DiscreteMeasure& b, GroundCost cost) {
  check(a, b);
  const std::vector<double> origin = first_point(a);
  double squares = 0, roots = 0, means = 0, products = 0;
  for (std::size_t k = 0; k < a.d; ++k) {
    const auto [mean_a, square_a] = first_moments(a, k, origin[k]);
    const auto [mean_b, square_b] = first_moments(b, k, origin[k]);
    squares += square_a + square_b;
    roots += std::sqrt(square_a) + std::sqrt(square_b);
    means += (mean_a - mean_b) * (mean_a - mean_b);
    products += mean_a * mean_b;
  }
  const auto d = static_cast<double>(a.d);
  const double lower =
      std::sqrt(means) * (1 - unit_roundoff * (d + 8)) - unit_roundoff * 4096 * roots;
  const double upper = squares - 2 * products + unit_roundoff * (16384 + 8 * d) * squares;
  // An angle is at most pi/2 times its chord, and at most pi.
  const bool chord = cost == GroundCost::euclidean;
  const double widest = std::sqrt(upper) * (1 + 0x1p-50) * (chord ? 1 : std::numbers::pi / 2);
  return {std::max(0., lower), chord ? widest : std::min(widest, std::numbers::pi * (1 + 0x1p-50))};
}

double gelbrich_lower(const DiscreteMeasure& a, const DiscreteMeasure& b, int threads,
                      const Deadline& deadline) {
  const auto [origin, of_a, of_b] = moments_of_both(a, b, threads, deadline);
  // tr (S1^{1/2} S2 S1^{1/2})^{1/2} is the sum of the singular values of R1 R2^T.
  const double traces = of_a.factor.squaredNorm() + of_b.factor.squaredNorm();
  const double means = (of_a.mean - of_b.mean).squaredNorm();
  const double nuclear = nuclear_upper(of_a.factor, of_b.factor, deadline);
  const auto d = static_cast<double>(a.d);
  const double rounding = unit_roundoff * ((d * d + 16) * traces + (d + 16) * means + 8 * nuclear);
  const double squared = means + (traces - 2 * nuclear) - rounding;
  // The distance of normal laws moves by no more than their means and factors do.
  const double lower = std::sqrt(std::max(0., squared)) - 2 * (of_a.error + of_b.error);
  return std::max(0., lower * (1 - 0x1p-51));
}

SamplingVariance gelbrich_variance(const DiscreteMeasure& a, const DiscreteMeasure& b, int threads,
                                   const Deadline& deadline) {
  const auto [origin, of_a, of_b] = moments_of_both(a, b, threads, deadline);
  return {sampling_variance(a, normal_potential(a, origin, of_a, of_b, deadline)),
          sampling_variance(b, normal_potential(b, origin, of_b, of_a, deadline))};
}

double projection_lower(const DiscreteMeasure& a, const DiscreteMeasure& b, int threads,
                        const Deadline& deadline) {
  const Projections projections(a, b, threads, deadline);
  const int workers = cpu::thread_count(threads);
  const auto d = static_cast<Eigen::Index>(a.d);
  double squared = frame_lower_squared(projections, directions_of(Eigen::MatrixXd::Identity(d, d)));
  if (d > 1) {
    const std::vector<double> origin = first_point(a);
    const Eigen::MatrixXd of_a = MomentsOf(a, origin, workers, deadline).compute().factor;
    const Eigen::MatrixXd of_b = MomentsOf(b, origin, workers, deadline).compute().factor;
    const Eigen::MatrixXd sum = product(of_a.transpose(), of_a) + product(of_b.transpose(), of_b);
    expect_decomposition(d, deadline);
    const SymmetricDecomposition axes = decompose_symmetric(sum);
    squared = std::max(squared, frame_lower_squared(projections, directions_of(axes.vectors)));
  }
  return std::sqrt(squared) * (1 - 0x1p-51);
}

std::optional<double> synchronous_upper(const DiscreteMeasure& a, const DiscreteMeasure& b,
                                        GroundCost cost, int threads) {
  check(a, b);
  if (a.n != b.n || !have_equal_weights(a, b)) return std::nullopt;
  const int workers = cpu::thread_count(threads);
  const Points<Space::host> from = a.points();
  const Points<Space::host> to = b.points();
  const double sum = cpu::sum_long_elements(
      a.n, workers, [&](std::size_t i) { return a.weights[i] * pair_cost(cost, from, i, to, i); });
  const double total =
      cpu::sum_long_elements(a.n, workers, [&](std::size_t i) { return a.weights[i]; });
  // A product loses a rounding more, a sum over tiles fewer than 1024.
  const double roundings = cost_roundings(cost, a.d) + 4 + 2 * 1024;
  return std::sqrt(sum / total * (1 + 2 * unit_roundoff * roundings));
}

}  // namespace mckean
