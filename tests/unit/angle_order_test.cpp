// The order of angles against a stable sort: ties, clusters, the ends of the range, NaN, threads.
#include "kernels/cpu/angle_order.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <numbers>
#include <numeric>
#include <random>

namespace mckean::cpu {
namespace {

using std::numbers::pi;

void check(const std::vector<double>& angles) {
  std::vector<std::size_t> expected(angles.size());
  std::iota(expected.begin(), expected.end(), std::size_t{0});
  std::stable_sort(expected.begin(), expected.end(), [&](std::size_t i, std::size_t j) {
    return sortable(angles[i]) < sortable(angles[j]);
  });
  for (const int threads : {1, 2, 3}) {
    const AngleOrder order(angles.size(), threads, [&](std::size_t i) { return angles[i]; });
    for (std::size_t r = 0; r < angles.size(); ++r) ASSERT_EQ(order[r], expected[r]) << r;
  }
}

std::vector<double> random_angles(std::size_t count, double middle, double spread) {
  std::mt19937_64 engine(count);
  std::uniform_real_distribution<double> uniform(-spread, spread);
  std::vector<double> angles(count);
  for (double& angle : angles) angle = middle + uniform(engine);
  return angles;
}

// Spreads below 2 pi/2^32 = 1.5e-9 put all angles into one place or two.
TEST(AngleOrder, IsAStableSort) {
  for (const std::size_t count : {0, 1, 2, 31, 4096, 4097, 70001}) {
    check(random_angles(count, 0, pi));
    for (const double spread : {1e-6, 1e-9, 1e-12}) check(random_angles(count, 1, spread));
  }
}

TEST(AngleOrder, EqualAnglesKeepTheirOrder) {
  std::vector<double> angles(50000);
  for (std::size_t i = 0; i < angles.size(); ++i) angles[i] = static_cast<double>(i % 7) - 3;
  check(angles);
  check(std::vector<double>(10000, .5));
}

TEST(AngleOrder, EndsOfTheRangeAndWhatIsNoAngle) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> angles = random_angles(9000, 0, pi);
  const double special[] = {pi,    -pi, 0., -0., std::nextafter(pi, 0), std::nextafter(-pi, 0),
                            5e-324};
  for (std::size_t i = 0; i < 700; ++i) angles[12 * i] = special[i % 7];
  check(angles);
  angles[17] = nan;
  angles[8000] = nan;
  const AngleOrder order(angles.size(), 2, [&](std::size_t i) { return angles[i]; });
  std::vector<bool> seen(angles.size());
  for (std::size_t r = 0; r < angles.size(); ++r) seen[order[r]] = true;
  for (const bool there : seen) EXPECT_TRUE(there);
}

}  // namespace
}  // namespace mckean::cpu
