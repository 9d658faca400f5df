// Projecting clouds on lines, and the rounding of it.
#include "host/transport/bounds/projections.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "host/transport/certificate/certificate.hpp"
#include "host/transport/check_points.hpp"
#include "host/transport/line/line.hpp"
#include "kernels/cpu/tiles.hpp"

namespace mckean {
namespace {

constexpr const char* kName = "w2 of projections";
constexpr std::size_t points_worth_threads = 4096;
constexpr std::size_t points_for_one_thread = std::size_t{1} << 18;
constexpr double seconds_of_point = 5e-8;  // of a large cloud along a direction

LineAtoms atoms(const DiscreteMeasure& cloud, const std::vector<double>& image) {
  if (cloud.uniform) return {image, {}};
  return {image, cloud.weights};
}

/// The largest norm, rounded up.
double radius(const DiscreteMeasure& cloud) {
  double largest = 0;
  for (std::size_t i = 0; i < cloud.n; ++i) {
    if (i % points_between_checks(cloud.d) == 0) check_interruption();
    largest = std::max(largest, cloud.squared_norm(i));
  }
  return std::sqrt(largest) * (1 + unit_roundoff * (static_cast<double>(cloud.d) + 4));
}

}  // namespace

Projections::Projections(const DiscreteMeasure& a, const DiscreteMeasure& b, int threads,
                         const Deadline& deadline)
    : a_(a), b_(b), threads_(cpu::thread_count(threads)), deadline_(deadline) {
  if (a.d != b.d) {
    throw InputError(std::string(kName) + ": the points have " + std::to_string(a.d) + " and " +
                     std::to_string(b.d) + " coordinates: give clouds of the same dimension");
  }
  check_points(kName, a.planes);
  check_points(kName, b.planes);
  radii_ = radius(a) + radius(b);
}

std::vector<double> Projections::image(const DiscreteMeasure& cloud,
                                       std::span<const double> direction, int threads) const {
  std::vector<double> result = make_zeros(cloud.n);
  cpu::for_each_long_tile(cloud.n, cpu::element_tile, threads,
                          [&](std::size_t begin, std::size_t end, cpu::EarlyEnd&) {
                            for (std::size_t k = 0; k < cloud.d; ++k) {
                              const double* const plane = cloud.planes.data() + k * cloud.n;
                              for (std::size_t i = begin; i < end; ++i)
                                result[i] += direction[k] * plane[i];
                            }
                          });
  return result;
}

double Projections::square(std::span<const double> direction, int threads) const {
  const std::vector<double> of_a = image(a_, direction, threads);
  const std::vector<double> of_b = image(b_, direction, threads);
  const std::int64_t total = common_total(atoms(a_, of_a), atoms(b_, of_b));
  const double distance = w2_of_steps(quantile_steps(atoms(a_, of_a), total, threads),
                                      quantile_steps(atoms(b_, of_b), total, threads), threads);
  return distance * distance;
}

std::vector<double> Projections::squares(const Directions& directions) const {
  // Small clouds: a direction for each thread; large ones: one direction at a time, to save memory.
  const bool small = a_.n + b_.n < points_for_one_thread;
  const int within = small ? 1 : threads_;
  std::vector<double> result(directions.count);
  if (!small) deadline_.expect_left(seconds_of_point * static_cast<double>(a_.n + b_.n));
  const bool parallel = small && directions.count * (a_.n + b_.n) > points_worth_threads;
  cpu::for_each_index(directions.count, parallel ? threads_ : 1, [&](std::size_t k, std::size_t) {
    if (deadline_.over()) return;
    try {
      result[k] = square(directions[k], within);
    } catch (const Interrupted&) {  // thrown again after the loop
    } catch (const OutOfTime&) {
    }
  });
  deadline_.expect_left();
  return result;
}

double Projections::lower_squared(const Directions& frame, std::span<const double> squares) const {
  const auto d = static_cast<double>(frame.d);
  const auto count = static_cast<double>(frame.count);
  // |G - 1| in the Frobenius norm for the matrix G of scalar products.
  double deviation = 0;
  for (std::size_t k = 0; k < frame.count; ++k) {
    for (std::size_t l = 0; l < frame.count; ++l) {
      double product = k == l ? -1. : 0.;
      for (std::size_t c = 0; c < frame.d; ++c) product += frame[k][c] * frame[l][c];
      deviation += product * product;
    }
  }
  const double excess = 1.01 * std::sqrt(deviation) + 2 * unit_roundoff * count * (d + 3);
  const double relative = 2.01 * rounding_of_steps(a_.n + b_.n);
  // A boundary between atoms that is off by a mass delta moves it by the gap between them, at a
  // distance of at most radii_; the gaps add up to twice the radius of their cloud.
  const std::int64_t total = common_total(atoms(a_, a_.weights), atoms(b_, b_.weights));
  const double off = std::max(rounding_of_ends(atoms(a_, a_.weights), total),
                              rounding_of_ends(atoms(b_, b_.weights), total));
  const double mass_rounding = 4 * radii_ * radii_ * (1 + excess) * off;
  // Images are off by (d + 1) roundings.
  const double of_image = unit_roundoff * (d + 2) * radii_ * (1 + excess);
  double sum = 0;
  for (const double square : squares) {
    const double length =
        std::sqrt(std::max(0., square * (1 - relative) - mass_rounding)) - of_image;
    if (length > 0) sum += length * length;
  }
  return sum / (1 + excess) * (1 - 2 * unit_roundoff * (count + 8));
}

Projections::Ascent Projections::ascent(std::span<const double> direction) const {
  const std::vector<double> of_a = image(a_, direction, threads_);
  const std::vector<double> of_b = image(b_, direction, threads_);
  const std::int64_t total = common_total(atoms(a_, of_a), atoms(b_, of_b));
  const QuantileSteps steps_a = quantile_steps(atoms(a_, of_a), total, threads_, deadline_);
  const QuantileSteps steps_b = quantile_steps(atoms(b_, of_b), total, threads_, deadline_);
  deadline_.expect_left();
  // What each atom moves, times how far.
  std::vector<double> moment_a = make_zeros(a_.n), moment_b = make_zeros(b_.n);
  Ascent result;
  for_each_piece({steps_a, steps_b, 0, 0, total}, [&](std::size_t i, std::size_t j,
                                                      std::int64_t begin, std::int64_t end) {
    const double mass = static_cast<double>(end - begin) / static_cast<double>(total);
    const double difference = steps_a.value[i] - steps_b.value[j];
    moment_a[steps_a.index[i]] += mass * difference;
    moment_b[steps_b.index[j]] += mass * difference;
    result.square += mass * difference * difference;
  });
  for (std::size_t k = 0; k < a_.d; ++k) {
    const double* const plane_a = a_.planes.data() + k * a_.n;
    const double* const plane_b = b_.planes.data() + k * b_.n;
    result.half_gradient.push_back(
        cpu::sum_long_elements(a_.n, threads_,
                               [&](std::size_t i) { return moment_a[i] * plane_a[i]; }) -
        cpu::sum_long_elements(b_.n, threads_,
                               [&](std::size_t j) { return moment_b[j] * plane_b[j]; }));
  }
  return result;
}

Directions select_directions(const Directions& directions, std::size_t first, std::size_t count) {
  const auto begin = directions.values.begin() + static_cast<std::ptrdiff_t>(first * directions.d);
  return {count, directions.d, {begin, begin + static_cast<std::ptrdiff_t>(count * directions.d)}};
}

}  // namespace mckean
