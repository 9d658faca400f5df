// What a run prints and leaves in its folder.
#include <algorithm>

#include "program.hpp"

namespace mckean::test {
namespace {

using Results = Program;

const std::vector<std::string> columns{
    "t",  "step",     "objective", "risk",      "test_risk", "dissipation", "energy_residual",
    "w2", "w2_lower", "w2_upper",  "path_norm", "n_eff",     "rejected",    "evaluations"};

TEST_F(Results, ThreeFilesThatAgree) {
  const Finished run = mckean({"run", "--width", "50", "--t-end", "2", "--record-at", "0,1,2",
                               "--seed", "9", "--out", "result"});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_EQ(run.err, "") << "no progress line into a file";
  EXPECT_NE(run.out.find("seed 9"), std::string::npos) << run.out;

  const std::vector<std::string> metrics = split(read("result/metrics.csv"), '\n');
  ASSERT_EQ(metrics.size(), 4u);
  EXPECT_EQ(split(metrics[0], ','), columns);
  const auto summary = nlohmann::json::parse(read("result/summary.json"));
  EXPECT_EQ(summary["seed"], 9);
  EXPECT_EQ(summary["config"]["width"], 50);
  EXPECT_EQ(summary["outcome"], "finished");
  EXPECT_TRUE(summary["version"].is_string());
  EXPECT_TRUE(summary["device"].is_string());
  EXPECT_GT(summary["seconds"]["total"], 0);
  for (std::size_t row = 0; row < 3; ++row) {
    const std::vector<std::string> cells = split(metrics[row + 1], ',');
    ASSERT_EQ(cells.size(), columns.size());
    const auto& record = summary["records"][row];
    for (std::size_t i = 0; i < columns.size(); ++i) {
      EXPECT_EQ(std::stod(cells[i]), record[columns[i]].get<double>()) << columns[i];
    }
  }

  const std::string particles = read("result/particles.npy");
  ASSERT_EQ(particles.size(), 128 + 50 * 3 * sizeof(double));
  const Matrix rows = read_matrix(folder_ / "result/particles.npy");
  EXPECT_EQ(rows.rows, 50u);
  for (std::size_t j = 0; j < rows.rows; ++j) {
    EXPECT_EQ(rows(j, 0), 1);
    EXPECT_NEAR(std::hypot(rows(j, 1), rows(j, 2)), 1, 1e-15);
  }
}

TEST_F(Results, JsonHasTheColumnsAsKeys) {
  const auto run = json_of({"run", "--width", "20", "--t-end", "1"});
  for (const auto& record : run["records"]) {
    std::vector<std::string> keys;
    for (const auto& [key, value] : record.items()) keys.push_back(key);
    std::vector<std::string> expected = columns;
    std::sort(expected.begin(), expected.end());
    std::sort(keys.begin(), keys.end());
    EXPECT_EQ(keys, expected);
  }
}

TEST_F(Results, LogSpacedRecords) {
  const auto run = json_of({"run", "--width", "20", "--t-end", "100", "--records", "5"});
  ASSERT_EQ(run["records"].size(), 5u);
  const double times[] = {0, 0.1, 1, 10, 100};
  for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(run["records"][i]["t"], times[i], 1e-12);
}

TEST_F(Results, TheSameBitsForAnyNumberOfThreads) {
  const std::vector<std::vector<std::string>> jobs{
      {"--width", "5000", "--t-end", "5"},
      {"--law", "sphere", "--dim", "7", "--width", "400", "--t-end", "1"},
      {"--law", "gaussian", "--activation", "tanh", "--samples", "300", "--width", "400", "--t-end",
       "1", "--precision", "float"},
      {"--law", "gaussian", "--activation", "gelu", "--online", "50", "--width", "400", "--t-end",
       "1", "--temperature", "0.01"}};
  for (const auto& job : jobs) {
    std::string first_metrics, first_particles;
    for (const char* threads : {"1", "2", "3"}) {
      std::vector<std::string> arguments{"run", "--threads", threads, "--out", threads, "--force"};
      arguments.insert(arguments.end(), job.begin(), job.end());
      ASSERT_EQ(mckean(arguments).code, 0);
      const std::string folder = threads;
      if (first_metrics.empty()) {
        first_metrics = read(folder + "/metrics.csv");
        first_particles = read(folder + "/particles.npy");
      }
      EXPECT_EQ(read(folder + "/metrics.csv"), first_metrics) << job[1] << " threads " << threads;
      EXPECT_EQ(read(folder + "/particles.npy"), first_particles);
    }
  }
}

TEST_F(Results, TheEnergyIdentityIsAuditedWhereItHolds) {
  const std::vector<std::string> job{"run",  "--law",     "gaussian", "--activation",
                                     "tanh", "--samples", "100",      "--width",
                                     "50",   "--t-end",   "1"};
  const auto residual = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments = job;
    arguments.insert(arguments.end(), more.begin(), more.end());
    return json_of(arguments)["records"].back()["energy_residual"];
  };
  // What the guard of a smooth flow allows at rtol = 1e-4.
  EXPECT_LT(std::abs(residual({}).get<double>()), 6e-5);
  EXPECT_TRUE(residual({"--batch", "10"}).is_null());
  EXPECT_TRUE(residual({"--temperature", "0.1"}).is_null());
}

TEST_F(Results, ADistanceWhereItHasAMeaning) {
  const auto w2 = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments{"run", "--width", "20", "--t-end", "0.1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return json_of(arguments)["records"].back()["w2"];
  };
  EXPECT_TRUE(w2({}).is_number());
  EXPECT_TRUE(w2({"--scaling", "ntk"}).is_null());
  EXPECT_TRUE(w2({"--train", "both"}).is_null());
  EXPECT_TRUE(w2({"--law", "sphere", "--dim", "4"}).is_number());
}

TEST_F(Results, TestRiskBesideLinearRegression) {
  std::vector<double> x, y;
  for (int i = 0; i < 60; ++i) {
    x.push_back(std::sin(7 * i));
    x.push_back(std::cos(5 * i));
    y.push_back(3 + 2 * x[2 * i] - x[2 * i + 1]);
  }
  write("x.npy", 60, 2, x);
  write("y.csv", [&] {
    std::string text;
    for (const double value : y) text += std::to_string(value) + "\n";
    return text;
  }());
  const auto run = json_of({"run", "--x", "x.npy", "--y", "y.csv", "--test-fraction", "0.25",
                            "--standardize", "--bias", "--t-end", "1"});
  EXPECT_EQ(run["config"]["samples"], 45);
  EXPECT_EQ(run["config"]["dim"], 3);
  EXPECT_LT(run["linear_regression_test_risk"], 1e-10) << "the values are linear";
  EXPECT_TRUE(run["records"].back()["test_risk"].is_number());
}

TEST_F(Results, ALaterRunReplacesAnEarlierOneWhereItIsForcedTo) {
  const std::vector<std::string> job{"run",   "--width", "20",     "--force",
                                     "--out", "result",  "--t-end"};
  for (const char* end : {"1", "2"}) {
    std::vector<std::string> arguments = job;
    arguments.push_back(end);
    EXPECT_EQ(mckean(arguments).code, 0);
  }
  const std::vector<std::string> metrics = split(read("result/metrics.csv"), '\n');
  EXPECT_EQ(split(metrics.back(), ',')[0], "2");
  EXPECT_EQ(nlohmann::json::parse(read("result/summary.json"))["t"], 2);
}

}  // namespace
}  // namespace mckean::test
