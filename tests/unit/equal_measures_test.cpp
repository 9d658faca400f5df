// Which clouds are the same measure, and which only nearly are.
#include "host/transport/equal_measures.hpp"

#include <gtest/gtest.h>

#include "transport/measures.hpp"

namespace mckean {
namespace {

DiscreteMeasure on_line(const std::vector<double>& values, const std::vector<double>& weights) {
  Matrix rows(values.size(), 1);
  rows.values = values;
  return make_measure(rows, weights, "cloud");
}

TEST(EqualMeasures, EndAtTheDeadline) {
  const DiscreteMeasure a = test::random_measure(100000, 2, 1, true);
  EXPECT_THROW(equal_measures(a, a, Deadline(0)), OutOfTime);
  EXPECT_TRUE(equal_measures(a, a, Deadline(1000)));
}

TEST(EqualMeasures, DoNotMindTheOrder) {
  const DiscreteMeasure a = test::random_measure(50, 3, 1, true);
  std::vector<std::size_t> turned(50);
  for (std::size_t i = 0; i < 50; ++i) turned[i] = (7 * i + 3) % 50;
  DiscreteMeasure b = a;
  for (std::size_t i = 0; i < 50; ++i) {
    b.weights[i] = a.weights[turned[i]];
    for (std::size_t k = 0; k < 3; ++k) b.planes[k * 50 + i] = a.planes[k * 50 + turned[i]];
  }
  EXPECT_TRUE(equal_measures(a, b));
  std::swap(b.weights[0], b.weights[1]);
  EXPECT_FALSE(equal_measures(a, b));
}

TEST(EqualMeasures, DoNotMindThePieces) {
  EXPECT_TRUE(equal_measures(on_line({1, 2}, {}), on_line({2, 1, 1, 2, 2, 1}, {})));
  EXPECT_FALSE(equal_measures(on_line({1, 2}, {}), on_line({2, 1, 1, 2, 2}, {})));
  EXPECT_TRUE(equal_measures(on_line({1, 2}, {.75, .25}), on_line({1, 2, 1}, {.5, .25, .25})));
  EXPECT_TRUE(equal_measures(on_line({1, 2}, {.75, .25}), on_line({1, 1, 2, 1}, {})));
  EXPECT_TRUE(equal_measures(on_line({0., 2}, {}), on_line({2, -0.}, {})));
}

TEST(EqualMeasures, ASmallestMassMoreIsAnotherMeasure) {
  const double more = .5 + 0x1p-53, less = .5 - 0x1p-53;
  EXPECT_FALSE(equal_measures(on_line({0, 1}, {}), on_line({0, 1}, {more, less})));
  EXPECT_FALSE(equal_measures(on_line({0, 1}, {less, more}), on_line({0, 1}, {more, less})));
  std::vector<double> points(100000), weights(100000, 1e-5);
  for (std::size_t i = 0; i < points.size(); ++i) points[i] = static_cast<double>(i % 2);
  std::vector<double> moved = weights;
  moved[0] += 1e-16;
  moved[1] -= 1e-16;
  EXPECT_FALSE(equal_measures(on_line(points, weights), on_line(points, moved)));
}

TEST(EqualMeasures, NoDigitOfAMassIsLost) {
  EXPECT_FALSE(equal_measures(on_line({0, 0, 1}, {.5, 0x1p-70, .5}), on_line({0, 1}, {.5, .5})));
  EXPECT_TRUE(
      equal_measures(on_line({0, 0, 1}, {.5, 0x1p-70, .5}), on_line({0, 1, 0}, {0x1p-70, .5, .5})));
}

TEST(EqualMeasures, APointElsewhereIsAnotherMeasure) {
  EXPECT_FALSE(equal_measures(on_line({0, 1, 2}, {}), on_line({0, 1.5, 2}, {})));
  EXPECT_FALSE(equal_measures(on_line({0, 2}, {}), on_line({0, 1, 2}, {})));
}

}  // namespace
}  // namespace mckean
