// `mckean run` alone: Theorem 4 on the circle, against the values of the infinitely wide network.
#include "program.hpp"

namespace mckean::test {
namespace {

using MainJob = Program;

TEST_F(MainJob, AgreesWithTheMeanFieldLimit) {
  const auto run = json_of({"run"});
  ASSERT_GE(run["config"]["width"], 100000);
  // m = infinity, by a spectral solution of the flow of the density.
  const double times[] = {0, 1, 10, 100, 1000};
  const double w2[] = {.282843, .270354, .179217, .0281961, .00391874};
  const double risk[] = {3.60253e-3, 3.29052e-3, 1.4087e-3, 4.45462e-6, 1.5261e-8};
  ASSERT_EQ(run["records"].size(), 5u);
  // W2 between m quantiles and their law is at least that of m even points, 2 pi/(m sqrt 12).
  const double floor = 1e-4;
  for (std::size_t i = 0; i < 5; ++i) {
    const auto& record = run["records"][i];
    EXPECT_EQ(record["t"], times[i]);
    EXPECT_NEAR(record["w2"], w2[i], 0.01 * w2[i] + floor) << times[i];
    EXPECT_NEAR(record["risk"], risk[i], 0.01 * risk[i]) << times[i];
    // What the guard of a smooth flow allows at rtol = 1e-4.
    EXPECT_LT(std::abs(record["energy_residual"].get<double>()), 6e-5);
  }
}

TEST_F(MainJob, AGenericStartKeepsItsOddModes) {
  // (1 + .8 cos theta)/(2 pi): R falls by orders of magnitude, W2 of the antipodal symmetrisation
  // with it, and W2 itself stays.
  const auto run = json_of({"run", std::string(MCKEAN_EXAMPLES_DIR) + "/theorem4-generic.toml",
                            "--width", "2000", "--t-end", "1000", "--record-at", "0,1000"});
  const auto first = run["records"].front();
  const auto last = run["records"].back();
  EXPECT_LT(last["risk"].get<double>(), 1e-3 * first["risk"].get<double>());
  EXPECT_LT(last["w2_antipodal"], 0.02);
  EXPECT_GT(last["w2"], 0.02);
}

TEST_F(MainJob, AStudentFindsItsTeacher) {
  const auto run = json_of({"run", std::string(MCKEAN_EXAMPLES_DIR) + "/teacher-student.toml"});
  const auto& records = run["records"];
  EXPECT_EQ(run["w2_unconverged"], 0);
  EXPECT_LT(records.back()["w2"].get<double>(), 0.1 * records.front()["w2"].get<double>());
  for (std::size_t i = 1; i < records.size(); ++i)
    EXPECT_LT(records[i]["w2"], records[i - 1]["w2"]);
}

TEST_F(MainJob, RealDataBesideLinearRegression) {
  const auto run = json_of({"run", std::string(MCKEAN_EXAMPLES_DIR) + "/diabetes.toml", "--width",
                            "200", "--t-end", "10"});
  EXPECT_EQ(run["config"]["samples"], 331);  // 442 less 110.5 rounded up
  // Least squares on the same split, by another program.
  EXPECT_NEAR(run["linear_regression_test_risk"], .566266, 1e-6);
  EXPECT_LT(run["records"].back()["test_risk"], 0.65);
}

}  // namespace
}  // namespace mckean::test
