// Finding the planes of all samples, and sums over the samples of a plane.
#include "host/flow/hinge_planes.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>

#include "mckean/interruption.hpp"

namespace mckean {
namespace {

using Eigen::Index;

/// Samples whose planes agree in this grid share one.
constexpr double plane_grid = 0x1p-36;
/// Particles are held below their planes by so many units of rounding, and up to twice as many.
constexpr double far_from_rounding = 512;
constexpr double golden = 0.6180339887498949;
/// Samples whose directions are a first guess of where a particle leaves the origin.
constexpr std::size_t directions_tried = 64;

}  // namespace

HingePlanes::HingePlanes(const Hinges& hinges, double rate, double unit)
    : hinges_(hinges),
      rate_(rate),
      least_depth_(far_from_rounding * unit),
      planes_(find_planes(hinges)) {}

std::vector<HingePlanes::Plane> HingePlanes::find_planes(const Hinges& hinges) {
  std::map<std::vector<std::int64_t>, Plane> planes;
  for (std::size_t i = 0; i < hinges.n; ++i) {
    if (i % 1024 == 0) check_interruption();
    const double* const x = hinges.x.data() + i * hinges.d;
    double norm = 0;
    for (std::size_t k = 0; k < hinges.d; ++k) norm = std::hypot(norm, x[k]);
    if (norm == 0) continue;
    // Through the origin a plane has two normals: the one whose first component that counts is
    // positive.
    double factor = norm;
    const auto first = std::find_if(
        x, x + hinges.d, [norm](double value) { return std::abs(value) > norm * plane_grid; });
    if (hinges.activation.offset == 0 && *first < 0) factor = -norm;
    Plane plane{std::vector<double>(x, x + hinges.d), -hinges.activation.offset / factor, {}};
    std::vector<std::int64_t> key;
    for (double& value : plane.normal) {
      value /= factor;
      key.push_back(std::llround(value / plane_grid));
    }
    if (hinges.activation.offset != 0) key.push_back(std::llround(std::log(norm) / plane_grid));
    planes.emplace(key, std::move(plane)).first->second.samples.emplace_back(i, factor);
  }
  std::vector<Plane> list;
  list.reserve(planes.size());
  // Frees the nodes on the way: at the end, all at once, they could not be interrupted.
  while (!planes.empty()) {
    if (list.size() % 1024 == 0) check_interruption();
    list.push_back(std::move(planes.extract(planes.begin()).mapped()));
  }
  return list;
}

Eigen::MatrixXd HingePlanes::normals(const PlaneIndices& indices) const {
  Eigen::MatrixXd rows(static_cast<Index>(indices.size()), static_cast<Index>(d()));
  for (std::size_t i = 0; i < indices.size(); ++i)
    rows.row(static_cast<Index>(i)) = normal(indices[i]);
  return rows;
}

RowSpan HingePlanes::span(const PlaneIndices& indices, const Eigen::VectorXd* taken) const {
  RowSpan span;
  if (taken != nullptr) span.add(taken->normalized());
  for (const std::size_t p : indices) span.add(normal(p));
  return span;
}

double HingePlanes::depth(std::size_t p) const {
  return least_depth_ * (1 + std::fmod(golden * static_cast<double>(p), 1));
}

std::vector<double> HingePlanes::unit_jumps(const std::vector<double>& residual) const {
  const double slopes = hinges_.activation.above - hinges_.activation.below;
  std::vector<double> jumps;
  for (const Plane& plane : planes_) {
    double sum = 0;
    for (const auto& [i, factor] : plane.samples) sum += residual[i] * std::abs(factor);
    jumps.push_back(-rate_ * slopes * sum / static_cast<double>(hinges_.n));
  }
  return jumps;
}

double HingePlanes::excess_over(std::size_t p, double a, const double* b,
                                const std::vector<double>& residual) const {
  const PiecewiseLinear& sigma = hinges_.activation;
  double sum = 0;
  for (const auto& [i, factor] : planes_[p].samples) {
    const double* const x = hinges_.x.data() + i * hinges_.d;
    const double z = std::inner_product(x, x + hinges_.d, b, 0.0);
    const double lower = factor > 0 ? sigma.below : sigma.above;
    sum += residual[i] * (sigma.derivative(z) - lower) * factor;
  }
  return rate_ * a * sum / static_cast<double>(hinges_.n);
}

std::vector<double> HingePlanes::drift_along(double a, const std::vector<double>& residual,
                                             const std::vector<double>& directions) const {
  const std::size_t d = hinges_.d;
  std::vector<double> drift(directions.size());
  const double factor = -rate_ * a / static_cast<double>(hinges_.n);
  for (std::size_t r = 0; r < directions.size(); r += d) {
    check_interruption();
    for (std::size_t i = 0; i < hinges_.n; ++i) {
      const double* const x = hinges_.x.data() + i * d;
      const double z = std::inner_product(x, x + d, &directions[r], 0.0);
      const double weight = factor * residual[i] * hinges_.activation.derivative(z);
      for (std::size_t k = 0; k < d; ++k) drift[r + k] += weight * x[k];
    }
  }
  return drift;
}

std::vector<double> HingePlanes::directions_of_samples() const {
  const std::size_t d = hinges_.d;
  const std::size_t stride = std::max<std::size_t>(1, 2 * hinges_.n / directions_tried);
  std::vector<double> directions;
  for (std::size_t i = 0; i < 2 * hinges_.n; i += stride) {
    for (std::size_t k = 0; k < d; ++k)
      directions.push_back((i % 2 == 0 ? 1 : -1) * hinges_.x.data()[i / 2 * d + k]);
  }
  return directions;
}

}  // namespace mckean
