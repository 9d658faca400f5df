// Regularisers and radial functions: values by hand, gradients against central differences,
// subgradients at 0.
#include "mckean/formula/regularizer.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <vector>

#include "mckean/formula/radial.hpp"

namespace mckean {
namespace {

using Function = std::function<double(double, double)>;

double norm(const std::vector<double>& b) {
  double sum = 0;
  for (const double x : b) sum += x * x;
  return std::sqrt(sum);
}

// Central differences with h = 1e-5 of functions whose third derivatives are below 10 here: h^2/6 *
// 10 + eps/h < 1e-9.
void expect_gradient(const Function& value,
                     const std::function<RadialGradient(double, double)>& gradient) {
  constexpr double h = 1e-5;
  for (const double a : {-1.5, -.3, .7, 2.0}) {
    std::vector<double> b{.6, -1.1, .4};
    const RadialGradient g = gradient(a, norm(b));
    EXPECT_NEAR(g.a, (value(a + h, norm(b)) - value(a - h, norm(b))) / (2 * h), 1e-9);
    for (double& b_k : b) {
      const double at = b_k;
      b_k = at + h;
      const double above = value(a, norm(b));
      b_k = at - h;
      const double below = value(a, norm(b));
      b_k = at;
      EXPECT_NEAR(g.b_factor * at, (above - below) / (2 * h), 1e-9);
    }
  }
}

TEST(Regularizer, GradientsMatchFiniteDifferences) {
  for (const Regularizer kind : {Regularizer::none, Regularizer::path, Regularizer::l2}) {
    expect_gradient([kind](double a, double n) { return regularizer_value(kind, a, n); },
                    [kind](double a, double n) { return regularizer_gradient(kind, a, n); });
  }
}

TEST(Regularizer, ValuesByHand) {
  EXPECT_EQ(regularizer_value(Regularizer::none, -3, 2), 0);
  EXPECT_EQ(regularizer_value(Regularizer::path, -3, 2), 6);
  EXPECT_EQ(regularizer_value(Regularizer::l2, -3, 2), 6.5);
}

TEST(Regularizer, SubgradientsAtZeroAreZero) {
  EXPECT_EQ(regularizer_gradient(Regularizer::path, 0, 2).a, 0);
  EXPECT_EQ(regularizer_gradient(Regularizer::path, 0, 2).b_factor, 0);
  EXPECT_EQ(regularizer_gradient(Regularizer::path, -2, 0).a, 0);
  EXPECT_EQ(regularizer_gradient(Regularizer::path, -2, 0).b_factor, 0);
  EXPECT_EQ(regularizer_gradient(Regularizer::l2, 0, 0).a, 0);
}

TEST(Radial, GradientsMatchFiniteDifferences) {
  for (const int power : {1, 2}) {
    expect_gradient([power](double a, double n) { return radial_value(power, a, n); },
                    [power](double a, double n) { return radial_gradient(power, a, n); });
  }
}

TEST(Radial, ValuesByHandAndAtZero) {
  EXPECT_EQ(radial_value(1, -3, 2), -6);
  EXPECT_EQ(radial_value(2, -3, 2), -12);
  EXPECT_EQ(radial_gradient(1, -3, 0).b_factor, 0);
  EXPECT_EQ(radial_gradient(2, -3, 0).a, 0);
}

}  // namespace
}  // namespace mckean
