// Where a sample tells its own error and where it does not.
#include "host/transport/bounds/sampling_error.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "host/transport/distance.hpp"
#include "transport/measures.hpp"

namespace mckean {
namespace {

enum class Law { gaussian, lognormal, cauchy };

DiscreteMeasure sample(Law law, std::size_t n, std::size_t d, std::uint64_t seed) {
  DiscreteMeasure measure = test::random_measure(n, d, seed, false);
  const DiscreteMeasure other = test::random_measure(n, 1, seed + 1000, false);
  for (std::size_t k = 0; k < d; ++k) {
    for (std::size_t i = 0; i < n; ++i) {
      double& x = measure.planes[k * n + i];
      if (law == Law::lognormal) x = std::exp(3 * x);
      if (law == Law::cauchy) x /= std::abs(other.planes[i]);
    }
  }
  return measure;
}

bool is_told(Law law, W2Method method, std::size_t n, std::size_t d, std::uint64_t seed) {
  const DiscreteMeasure a = sample(law, n, d, 10 * seed);
  DiscreteMeasure b = sample(law, n, d, 10 * seed + 1);
  for (double& x : b.planes) x = 1.2 * x + .5;
  const Distance found = compute_w2(a, b, {.method = method, .rtol = .01});
  return found.sampling_error.has_value();
}

TEST(SamplingError, StaysForLightTailsAndGoesForHeavyOnes) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    for (const std::size_t n : {200, 1000}) {
      for (const W2Method method : {W2Method::exact, W2Method::sliced, W2Method::bounds}) {
        EXPECT_TRUE(is_told(Law::gaussian, method, n, 2, seed)) << name_of(method) << n;
        EXPECT_FALSE(is_told(Law::lognormal, method, n, 2, seed)) << name_of(method) << n;
        EXPECT_FALSE(is_told(Law::cauchy, method, n, 2, seed)) << name_of(method) << n;
      }
      EXPECT_TRUE(is_told(Law::gaussian, W2Method::line, n, 1, seed)) << n;
      EXPECT_FALSE(is_told(Law::lognormal, W2Method::line, n, 1, seed)) << n;
      EXPECT_FALSE(is_told(Law::cauchy, W2Method::line, n, 1, seed)) << n;
    }
  }
}

// Gaussians have the kurtosis 3, and a value that one in n points has that of about n.
TEST(SamplingError, KnowsTheNumberOfTermsThatCarryTheVariance) {
  EXPECT_TRUE(mean_variance(1, 3, 1. / 100).reliable);
  EXPECT_FALSE(mean_variance(1, 99, 1. / 100).reliable);
  EXPECT_TRUE(mean_variance(0, 0, 1).reliable);
  EXPECT_DOUBLE_EQ(mean_variance(2, 12, 1. / 100).value, .02);
  std::vector<double> potential(100, 1e300);
  const DiscreteMeasure measure = test::random_measure(100, 1, 1, false);
  for (std::size_t i = 0; i < 50; ++i) potential[i] = -1e300;
  EXPECT_TRUE(sampling_variance(measure, potential).reliable);
}

// The side that is no sample need not tell anything.
TEST(SamplingError, AsksOnlyTheSampledSide) {
  const SamplingVariance variance{{.value = 4}, {.value = 1e9, .reliable = false}};
  EXPECT_FALSE(sampling_error(3, variance, Sampled::both).has_value());
  EXPECT_FALSE(sampling_error(3, variance, Sampled::second).has_value());
  const auto error = sampling_error(3, variance, Sampled::first);
  ASSERT_TRUE(error.has_value());
  EXPECT_NEAR(*error, std::sqrt(9. + 2) - 3, 1e-14);
}

}  // namespace
}  // namespace mckean
