// exp of what is not positive, against that of the C library in long double.
#include "mckean/formula/exponential.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace mckean {
namespace {

constexpr double eps = std::numeric_limits<double>::epsilon();

void check(double x) {
  const long double exact = std::exp(static_cast<long double>(x));
  ASSERT_LE(std::abs(exponential_of_negative(x) - exact), 4 * eps * exact) << x;
}

TEST(Exponential, FourRoundings) {
  for (int i = 0; i <= 700 * 512; ++i) check(-i / 512. - 1e-4 * (i % 5));
  for (double x = 1; x > 1e-320; x *= .7) check(-x);
}

// Where the power of two changes: odd multiples of ln(2)/2.
TEST(Exponential, BothSidesOfEachRounding) {
  for (int n = 1; n < 2018; n += 2) {
    double x = -n * 0.34657359027997265471;
    for (int step = 0; step < 4; ++step) x = std::nextafter(x, 0.);
    for (int step = 0; step < 8; ++step, x = std::nextafter(x, -INFINITY)) check(x);
  }
}

TEST(Exponential, Ends) {
  EXPECT_EQ(exponential_of_negative(0.), 1);
  EXPECT_EQ(exponential_of_negative(-0.), 1);
  EXPECT_GT(exponential_of_negative(-700.), 0);
  const double below[] = {std::nextafter(-700., -INFINITY), -745., -1e9, -1e300, -INFINITY};
  for (const double x : below) {
    EXPECT_EQ(exponential_of_negative(x), 0) << x;
  }
}

}  // namespace
}  // namespace mckean
