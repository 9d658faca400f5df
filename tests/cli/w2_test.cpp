// mckean w2 on the line and on the circle.
#include <numbers>

#include "program.hpp"

namespace mckean::test {
namespace {

using W2 = Program;
constexpr double pi = std::numbers::pi;

TEST_F(W2, OnALine) {
  write("a.npy", 3, 1, {0, 5, 2});
  write("b.csv", "7\n2\n4\n");  // the same set moved by 2
  EXPECT_NEAR(json_of({"w2", "a.npy", "b.csv"})["w2"], 2, 1e-15);
  EXPECT_EQ(json_of({"w2", "a.npy", "a.npy"})["w2"], 0);
  EXPECT_EQ(json_of({"w2", "a.npy", "b.csv"})["method"], "line");
  const Finished text = mckean({"w2", "a.npy", "b.csv"});
  EXPECT_EQ(text.out.rfind("w2                    2\n", 0), 0u) << text.out;
}

TEST_F(W2, OnTheCircleTheShortWayRound) {
  write("a.npy", 2, 1, {0.1, 1});
  write("b.npy", 2, 1, {2 * pi - 0.1, 1});
  EXPECT_NEAR(json_of({"w2", "a.npy", "b.npy", "--method", "circle"})["w2"], 0.2 / std::sqrt(2.),
              1e-14);
}

TEST_F(W2, ToTheUniformLaw) {
  // m evenly spaced points: each serves an arc of 2 pi/m, at mean square distance (2 pi/m)^2/12.
  std::vector<double> angles, points;
  for (int j = 0; j < 7; ++j) {
    angles.push_back(0.3 + 2 * pi * j / 7);
    points.push_back(5 * std::cos(angles.back()));
    points.push_back(5 * std::sin(angles.back()));
  }
  write("angles.npy", 7, 1, angles);
  write("points.npy", 7, 2, points);
  for (const char* file : {"angles.npy", "points.npy"}) {
    EXPECT_NEAR(json_of({"w2", file, "uniform"})["w2"], 2 * pi / 7 / std::sqrt(12.), 1e-14);
    EXPECT_NEAR(json_of({"w2", "uniform", file})["w2"], 2 * pi / 7 / std::sqrt(12.), 1e-14);
  }
}

}  // namespace
}  // namespace mckean::test
