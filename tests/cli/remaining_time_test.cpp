// The time left of flows whose steps stay or grow.
#include "host/cli/remaining_time.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace mckean::cli {
namespace {

/// What is left according to the estimate after `elapsed` of `total` seconds, over what is.
template <class Reached>
double ratio(const Reached& t_at, double total, double elapsed) {
  RemainingTime remaining;
  for (double seconds = 0.01; seconds < elapsed; seconds += 0.01)
    remaining.add(seconds, t_at(seconds));
  return remaining.until(t_at(total)).value_or(NAN) / (total - elapsed);
}

TEST(RemainingTime, IsRightForEveryPowerAndForGrowingSteps) {
  const auto fixed = [](double s) { return 3 * s; };
  const auto square = [](double s) { return s * s; };
  const auto tenth = [](double s) { return std::pow(s, 10.); };
  const auto doubling = [](double s) { return 1e-3 * std::exp(s / 7); };
  for (const double elapsed : {5., 20., 50., 90.}) {
    EXPECT_NEAR(ratio(fixed, 100, elapsed), 1, 0.01) << elapsed;
    EXPECT_NEAR(ratio(square, 100, elapsed), 1, 0.01) << elapsed;
    EXPECT_NEAR(ratio(tenth, 100, elapsed), 1, 0.01) << elapsed;
    EXPECT_NEAR(ratio(doubling, 100, elapsed), 1, 0.01) << elapsed;
  }
}

TEST(RemainingTime, ForgetsAFastStart) {
  // Tiny steps for 10 s, then steps that take t along at a constant rate.
  const auto late = [](double s) { return s < 10 ? 1e-6 * s : 1e-5 + (s - 10); };
  EXPECT_NEAR(ratio(late, 100, 40), 1, 0.05);
}

TEST(RemainingTime, SaysNothingUntilItCan) {
  RemainingTime remaining;
  EXPECT_FALSE(remaining.until(1));
  for (double seconds = 0.01; seconds < 0.5; seconds += 0.01) {
    remaining.add(seconds, seconds);
    EXPECT_FALSE(remaining.until(100)) << seconds;
  }
  RemainingTime standing;
  for (double seconds = 1; seconds < 100; ++seconds) standing.add(seconds, 1);
  EXPECT_FALSE(standing.until(100));
}

}  // namespace
}  // namespace mckean::cli
