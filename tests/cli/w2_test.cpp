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

TEST_F(W2, EveryMethodBracketsTheSameDistance) {
  // The corners of a square and the same corners moved by (1, 2): a translation is optimal.
  write("a.npy", 4, 2, {0, 0, 1, 0, 0, 1, 1, 1});
  write("b.npy", 4, 2, {1, 2, 2, 2, 1, 3, 2, 3});
  const double truth = std::sqrt(5.);
  for (const char* method : {"auto", "exact", "semidiscrete", "sinkhorn", "sliced", "bounds"}) {
    const Finished run =
        mckean({"w2", "a.npy", "b.npy", "--method", method, "--rtol", "1e-3", "--json"});
    const auto json = run.json();
    EXPECT_LE(json["lower"], truth * (1 + 1e-15)) << method;
    EXPECT_GE(json["upper"], truth * (1 - 1e-15)) << method;
    EXPECT_EQ(run.code, json["converged"] ? 0 : 3) << method;
    for (const char* key :
         {"w2", "lower", "upper", "method", "converged", "iterations", "seconds", "sampling_error"})
      EXPECT_TRUE(json.contains(key)) << key;
    const auto zero = json_of({"w2", "a.npy", "a.npy", "--method", method});
    EXPECT_EQ(zero["w2"], 0) << method;
  }
}

TEST_F(W2, AWideBracketIsPrintedWithExitCode3) {
  write("a.npy", 3, 2, {0, 0, 1, 0, 0, 1});
  write("b.npy", 4, 2, {1, 5, 2, 2, 1, 3, -2, 3});
  const Finished run = mckean({"w2", "a.npy", "b.npy", "--method", "bounds"});
  EXPECT_EQ(run.code, 3);
  EXPECT_NE(run.out.find("converged             false"), std::string::npos) << run.out;
  EXPECT_EQ(run.err.rfind("mckean: not converged", 0), 0u) << run.err;
}

TEST_F(W2, WeightsAreMasses) {
  // Three quarters stay, a quarter moves by 4: W2^2 = 16/4.
  write("a.npy", 2, 3, {0, 0, 0, 4, 0, 0});
  write("half.csv", "0.5\n0.5\n");
  write("quarter.csv", "0.75\n0.25\n");
  const auto json = json_of({"w2", "a.npy", "a.npy", "--weights-a", "half.csv", "--weights-b",
                             "quarter.csv", "--rtol", "1e-9"});
  EXPECT_NEAR(json["w2"], 2, 2e-9);
}

TEST_F(W2, GeodesicCostIsTheAngle) {
  write("a.npy", 2, 3, {1, 0, 0, 0, 1, 0});
  write("b.npy", 2, 3, {0, 0, 1, 0, 0, 1});
  EXPECT_NEAR(json_of({"w2", "a.npy", "b.npy", "--cost", "geodesic"})["w2"], pi / 2, 1e-6);
}

TEST_F(W2, HomogeneousNetworksAreSignedMeasures) {
  // (a, b) and (a |b|, b/|b|) are the same function; a negative neuron is in the other part.
  write("a.npy", 2, 3, {1, 2, 0, -1, 0, 3});
  write("b.npy", 2, 3, {2, 1, 0, -3, 0, 1});
  const auto json = json_of({"w2", "a.npy", "b.npy", "--project", "homogeneous"});
  EXPECT_EQ(json["positive"]["mass_a"], 1);
  EXPECT_EQ(json["positive"]["mass_b"], 1);
  EXPECT_EQ(json["negative"]["mass_a"], 1.5);
  EXPECT_EQ(json["positive"]["w2"], 0);
  EXPECT_EQ(json["negative"]["w2"], 0);
}

TEST_F(W2, ALawIsKnownByItsSamples) {
  // From one atom at 0 to N(0, I): E |x|^2 = d, and the variance of |x|^2 is 2 d.
  write("atom.npy", 1, 3, {0, 0, 0});
  constexpr double n = 50000;
  for (const bool first : {false, true}) {
    std::vector<std::string> arguments{"w2", "atom.npy", "gaussian", "--samples", "50000"};
    if (first) std::swap(arguments[1], arguments[2]);
    const auto json = json_of(arguments);
    const double error = json["sampling_error"];
    EXPECT_NEAR(error, std::sqrt(6 / n) / (2 * std::sqrt(3.)), .05 * error);
    EXPECT_NEAR(json["w2"], std::sqrt(3.), 4 * error);
    EXPECT_LE(json["upper"].get<double>() - json["lower"].get<double>(), error / 100);
  }
  const std::vector<std::string> seed{"w2", "atom.npy", "cube", "--samples", "100", "--seed"};
  auto one = seed, two = seed;
  one.push_back("1");
  two.push_back("2");
  EXPECT_EQ(json_of(one)["w2"], json_of(one)["w2"]);
  EXPECT_NE(json_of(one)["w2"], json_of(two)["w2"]);
  write("pole.npy", 1, 3, {0, 0, 1});
  // The angle to a pole: E theta^2 = pi^2/2 - 2 under U(S^2).
  const auto sphere = json_of({"w2", "pole.npy", "sphere", "--cost", "geodesic"});
  EXPECT_NEAR(sphere["w2"], std::sqrt(pi * pi / 2 - 2), 4 * sphere["sampling_error"].get<double>());
}

TEST_F(W2, TheSamplingErrorIsOfWhatIsSampled) {
  write("a.npy", 4, 2, {0, 0, 1, 0, 0, 1, 3, 1});
  write("b.npy", 3, 2, {5, 2, 2, 7, 1, 3});
  const auto error = [&](const char* sampled) {
    return json_of({"w2", "a.npy", "b.npy", "--sampled", sampled})["sampling_error"].get<double>();
  };
  EXPECT_GT(error("a"), 0);
  EXPECT_GT(error("both"), error("a"));
  EXPECT_GT(error("both"), error("b"));
}

TEST_F(W2, EveryAnswerHasItsKeys) {
  write("angles.npy", 3, 1, {0, 1, 2.5});
  write("others.npy", 2, 1, {1, 3});
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"w2", "angles.npy", "uniform"},
        {"w2", "angles.npy", "others.npy"},
        {"w2", "angles.npy", "others.npy", "--method", "circle"}}) {
    const auto json = json_of(arguments);
    EXPECT_TRUE(json["sampling_error"].is_number()) << arguments.back();
    EXPECT_LT(json["lower"], json["w2"]);
    EXPECT_GT(json["upper"], json["w2"]);
  }
  write("p.npy", 2, 3, {1, 2, 0, 2, 0, 3});
  write("q.npy", 2, 3, {2, 1, 0, 3, 0, 1});
  const auto parts = json_of({"w2", "p.npy", "q.npy", "--project", "homogeneous"});
  for (const char* part : {"positive", "negative"}) {
    for (const char* key :
         {"w2", "lower", "upper", "method", "converged", "iterations", "seconds", "sampling_error"})
      EXPECT_TRUE(parts[part].contains(key)) << part << ", " << key;
  }
  EXPECT_TRUE(parts["negative"]["w2"].is_null());
}

TEST_F(W2, AnglesAtGeodesicCostByEveryMethod) {
  write("a.npy", 3, 1, {0, 1, 2.5});
  write("b.npy", 3, 1, {.2, -1, 3});
  const double circle = json_of({"w2", "a.npy", "b.npy", "--method", "circle"})["w2"];
  for (const char* method : {"auto", "circle", "exact", "semidiscrete"}) {
    const auto json = json_of({"w2", "a.npy", "b.npy", "--cost", "geodesic", "--method", method});
    EXPECT_NEAR(json["w2"], circle, 1e-6) << method;
  }
}

TEST_F(W2, ANetworkInAnotherOrderIsTheSame) {
  std::vector<double> rows, turned, twice;
  for (int j = 0; j < 40; ++j) {
    const std::vector<double> row{std::sin(3. * j), std::cos(5. * j), std::sin(7. * j) / 3};
    rows.insert(rows.end(), row.begin(), row.end());
    turned.insert(turned.begin(), row.begin(), row.end());
  }
  twice = rows;
  twice.insert(twice.end(), rows.begin(), rows.end());
  write("p.npy", 40, 3, rows);
  write("turned.npy", 40, 3, turned);
  write("twice.npy", 80, 3, twice);
  for (const char* other : {"turned.npy", "twice.npy"}) {
    const auto json = json_of({"w2", "p.npy", other, "--project", "homogeneous"});
    EXPECT_EQ(json["positive"]["upper"], 0) << other;
    EXPECT_EQ(json["negative"]["upper"], 0) << other;
  }
}

TEST_F(W2, TheCircleMeasuresByAngleWhereverItIsAskedFor) {
  write("p.npy", 2, 3, {1, 2, 0, 2, 0, 3});
  write("q.npy", 2, 3, {2, 1, 1, 3, 0, 1});
  const auto circle =
      json_of({"w2", "p.npy", "q.npy", "--project", "homogeneous", "--method", "circle"});
  const auto exact = json_of({"w2", "p.npy", "q.npy", "--project", "homogeneous", "--method",
                              "exact", "--cost", "geodesic"});
  EXPECT_NEAR(circle["positive"]["w2"], exact["positive"]["w2"], 1e-9);
  write("angles.npy", 2, 1, {0, 1});
  const auto law = json_of({"w2", "angles.npy", "sphere", "--cost", "geodesic"});
  const auto uniform = json_of({"w2", "angles.npy", "uniform"});
  EXPECT_NEAR(law["w2"], uniform["w2"], 5 * law["sampling_error"].get<double>());
}

TEST_F(W2, ATimeLimitIsNamedWhereItEndsTheWork) {
  write("a.npy", 3, 2, {0, 0, 1, 0, 0, 1});
  write("b.npy", 4, 2, {1, 5, 2, 2, 1, 3, -2, 3});
  const Finished run =
      mckean({"w2", "a.npy", "b.npy", "--method", "exact", "--time-limit", "1e-9"});
  EXPECT_EQ(run.code, 3);
  EXPECT_NE(run.err.find("--time-limit"), std::string::npos) << run.err;
}

}  // namespace
}  // namespace mckean::test
