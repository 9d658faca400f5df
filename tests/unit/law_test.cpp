// Samples of the laws of x: their moments, their purity, and the kernels that have a closed form.
#include "mckean/law.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "mckean/error.hpp"

namespace mckean {
namespace {

struct Case {
  DataLaw law;
  std::size_t d;
};

std::vector<Case> all_cases() {
  return {{DataLaw::circle, 2},   {DataLaw::sphere, 1},         {DataLaw::sphere, 2},
          {DataLaw::sphere, 5},   {DataLaw::gaussian, 1},       {DataLaw::gaussian, 4},
          {DataLaw::gaussian, 3}, {DataLaw::cube, 1},           {DataLaw::cube, 3},
          {DataLaw::cube, 4},     {DataLaw::gaussian_scaled, 6}};
}

/// Those whose kernels may have a closed form.
bool is_rotation_invariant(DataLaw law) { return law != DataLaw::cube; }

struct Estimate {
  double mean;
  double error;  // of the mean, one standard deviation
};

template <class F>
Estimate estimate(const std::vector<double>& x, std::size_t d, F f) {
  const std::size_t n = x.size() / d;
  double sum = 0;
  double squares = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double value = f(&x[i * d]);
    sum += value;
    squares += value * value;
  }
  const auto count = static_cast<double>(n);
  const double mean = sum / count;
  return {mean, std::sqrt(std::max(0.0, squares / count - mean * mean) / count)};
}

double square_norm(const double* x, std::size_t d) {
  double sum = 0;
  for (std::size_t k = 0; k < d; ++k) sum += x[k] * x[k];
  return sum;
}

// The seeds are fixed: 5 standard deviations, plus the rounding of a sum for laws whose norm does
// not vary.
void expect_mean(const Estimate& found, double expected) {
  EXPECT_NEAR(found.mean, expected, 5 * found.error + 40000 * 2.3e-16 * std::abs(expected));
}

TEST(DrawSamples, HasTheMomentsOfTheLaw) {
  for (const auto& [law, d] : all_cases()) {
    SCOPED_TRACE(testing::Message() << "law " << static_cast<int>(law) << ", d = " << d);
    const std::size_t dim = d;
    const std::vector<double> x = draw_samples(law, 40000, d, 5, 0);
    ASSERT_EQ(x.size(), 40000 * d);
    expect_mean(estimate(x, d, [&](const double* v) { return square_norm(v, dim); }),
                norm_moment(law, d, 2));
    expect_mean(estimate(x, d, [&](const double* v) { return std::pow(square_norm(v, dim), 2); }),
                norm_moment(law, d, 4));
    for (std::size_t k = 0; k < d; ++k) {
      expect_mean(estimate(x, d, [&](const double* v) { return v[k]; }), 0);
      expect_mean(estimate(x, d, [&](const double* v) { return v[k] * v[k]; }),
                  norm_moment(law, d, 2) / static_cast<double>(d));
      for (std::size_t l = 0; l < k; ++l) {
        expect_mean(estimate(x, d, [&](const double* v) { return v[k] * v[l]; }), 0);
      }
    }
  }
}

TEST(DrawSamples, StaysOnTheSphereAndInTheCube) {
  for (const std::size_t d : {1, 2, 3, 7, 100}) {
    const std::vector<double> x = draw_samples(DataLaw::sphere, 100, d, 1, 0);
    for (std::size_t i = 0; i < 100; ++i) {
      // The sum, the root and the quotients round d + 3 times.
      EXPECT_NEAR(square_norm(&x[i * d], d), 1, (static_cast<double>(d) + 3) * 2.3e-16);
    }
  }
  for (const double value : draw_samples(DataLaw::cube, 1000, 3, 1, 0)) {
    EXPECT_LT(std::abs(value), 1);
  }
}

TEST(DrawSamples, IsAPureFunctionWithIndependentStreams) {
  for (const auto& [law, d] : all_cases()) {
    const std::vector<double> x = draw_samples(law, 50, d, 3, 1);
    EXPECT_EQ(draw_samples(law, 50, d, 3, 1), x);
    std::vector<double> longer = draw_samples(law, 80, d, 3, 1);
    longer.resize(x.size());
    EXPECT_EQ(longer, x) << "sample i depends on their number";
    EXPECT_NE(draw_samples(law, 50, d, 3, 2), x);
    EXPECT_NE(draw_samples(law, 50, d, 4, 1), x);
  }
  EXPECT_TRUE(draw_samples(DataLaw::cube, 0, 3, 1, 0).empty());
}

TEST(DrawSamples, RejectsDimensionsThatDoNotFit) {
  EXPECT_THROW(draw_samples(DataLaw::circle, 1, 3, 1, 0), InputError);
  EXPECT_THROW(draw_samples(DataLaw::circle, 1, 1, 1, 0), InputError);
  EXPECT_THROW(draw_samples(DataLaw::cube, 1, 0, 1, 0), InputError);
  EXPECT_THROW(pair_kernel({}, DataLaw::circle, 3), InputError);
}

AnyActivation of_kind(ActivationKind kind) { return {kind, {}}; }
AnyActivation piecewise(double below, double above, double offset) {
  return {ActivationKind::piecewise_linear, {below, above, offset}};
}

TEST(PairKernel, ExistsWhereTheDesignSays) {
  const AnyActivation relu;
  const AnyActivation erf = of_kind(ActivationKind::erf);
  const AnyActivation square = of_kind(ActivationKind::square);
  for (const auto& [law, d] : all_cases()) {
    const bool rotation_invariant = is_rotation_invariant(law);
    const bool gaussian = law == DataLaw::gaussian || law == DataLaw::gaussian_scaled;
    EXPECT_EQ(pair_kernel(relu, law, d).has_value(), rotation_invariant);
    EXPECT_EQ(pair_kernel(square, law, d).has_value(), rotation_invariant);
    EXPECT_EQ(pair_kernel(erf, law, d).has_value(), gaussian);
    for (const auto kind : {ActivationKind::tanh, ActivationKind::sigmoid, ActivationKind::silu,
                            ActivationKind::softplus, ActivationKind::gelu}) {
      EXPECT_FALSE(pair_kernel(of_kind(kind), law, d).has_value());
    }
    EXPECT_FALSE(pair_kernel(piecewise(0, 1, 0.5), law, d).has_value());
    EXPECT_FALSE(pair_kernel(piecewise(0.01, 1, 0), law, d).has_value());
    EXPECT_FALSE(pair_kernel(piecewise(-1, 1, 0), law, d).has_value());
  }
  EXPECT_EQ(pair_kernel(relu, DataLaw::circle, 2)->kind, PairKernelKind::arc_cosine);
  EXPECT_EQ(pair_kernel(erf, DataLaw::gaussian, 2)->kind, PairKernelKind::arcsine);
  EXPECT_EQ(pair_kernel(square, DataLaw::sphere, 2)->kind, PairKernelKind::square);
}

TEST(PairKernel, CarriesTheMomentOfTheSamples) {
  for (const auto& [law, d] : all_cases()) {
    if (!is_rotation_invariant(law)) continue;
    SCOPED_TRACE(testing::Message() << "law " << static_cast<int>(law) << ", d = " << d);
    const std::vector<double> x = draw_samples(law, 40000, d, 6, 0);
    expect_mean(estimate(x, d, [](const double* v) { return v[0] * v[0]; }),
                pair_kernel({}, law, d)->moment);
    if (d == 1) continue;  // has no second coordinate
    expect_mean(estimate(x, d, [](const double* v) { return v[0] * v[0] * v[1] * v[1]; }),
                pair_kernel(of_kind(ActivationKind::square), law, d)->moment);
  }
  // d = 1: E x^4 = 3 moment.
  EXPECT_NEAR(pair_kernel(of_kind(ActivationKind::square), DataLaw::sphere, 1)->moment, 1.0 / 3,
              1e-16);
}

}  // namespace
}  // namespace mckean
