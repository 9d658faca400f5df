// Fixed steps, learning rates, ends other than --t-end, and runs that are stopped or fail.
#include <algorithm>
#include <cmath>

#include "program.hpp"

namespace mckean::test {
namespace {

class Steps : public Program {
 protected:
  static std::vector<std::string> job(const std::vector<std::string>& more) {
    std::vector<std::string> arguments{
        "run",          "--law", "gaussian", "--dim", "3",         "--samples", "50",
        "--activation", "tanh",  "--width",  "40",    "--threads", "1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  nlohmann::json small(const std::vector<std::string>& more) const { return json_of(job(more)); }
  static std::vector<double> times(const nlohmann::json& run) {
    std::vector<double> all;
    for (const auto& record : run["records"]) all.push_back(record["t"]);
    return all;
  }
};

TEST_F(Steps, StandAtMultiplesOfDt) {
  const auto run = small({"--integrator", "euler", "--dt", "0.1", "--t-end", "1.01", "--w2", "none",
                          "--record-at", "0,0.25,0.26,0.7,1.01"});
  // The first step at or after each time, and one row where two share it.
  const std::vector<double> expected{0, 3 * 0.1, 7 * 0.1, 11 * 0.1};
  EXPECT_EQ(times(run), expected);
  EXPECT_EQ(run["steps"], 11);
  EXPECT_EQ(run["t"], 11 * 0.1);
  const auto all = small({"--integrator", "euler", "--dt", "0.1", "--t-end", "1.01", "--w2", "none",
                          "--record-at", "0,0.1,0.2,0.3,0.4,0.5"});
  EXPECT_EQ(all["records"].back(), run["records"].back());
}

TEST_F(Steps, AreCounted) {
  const auto steps = small({"--steps", "7"});
  EXPECT_EQ(steps["steps"], 7);
  EXPECT_EQ(steps["t"], 7 * 0.1);
  EXPECT_EQ(steps["config"]["integrator"], "euler");
  // 50 samples make two batches of 20.
  const auto epochs = small({"--epochs", "3", "--batch", "20", "--dt", "0.01"});
  EXPECT_EQ(epochs["steps"], 6);
  EXPECT_EQ(small({"--epochs", "4"})["steps"], 4);
  EXPECT_EQ(small({"--epochs", "4", "--record-at", "0"})["steps"], 4);
  EXPECT_EQ(small({"--steps", "4", "--record-at", "0"})["steps"], 4);
}

TEST_F(Steps, TheLearningRateIsThatOfMeanSquares) {
  const auto dt = [&](const char* scaling) {
    const auto run = small({"--lr", "1e-3", "--steps", "5", "--scaling", scaling});
    EXPECT_EQ(run["steps"], 5);
    return run["config"]["dt"].get<double>();
  };
  EXPECT_DOUBLE_EQ(dt("standard"), 2e-3);
  EXPECT_DOUBLE_EQ(dt("ntk"), 2e-3);
  EXPECT_DOUBLE_EQ(dt("mean-field"), 2e-3 / 40);
}

TEST_F(Steps, EndWhereARuleIsMet) {
  const auto far = [&](const std::vector<std::string>& rule, const std::string& why) {
    std::vector<std::string> arguments = job({"--t-end", "1e5", "--json"});
    arguments.insert(arguments.end(), rule.begin(), rule.end());
    const Finished finished = mckean(arguments);
    EXPECT_EQ(finished.code, 0) << finished.err;
    EXPECT_EQ(finished.err.rfind("mckean: converged at t = ", 0), 0u) << finished.err;
    EXPECT_NE(finished.err.find(why), std::string::npos) << finished.err;
    const auto run = finished.json();
    EXPECT_EQ(run["outcome"], "converged");
    EXPECT_LT(run["t"], 1e5);
    EXPECT_EQ(run["records"].back()["t"], run["t"]);
    return run["records"].back();
  };
  EXPECT_LE(far({"--stop-risk", "1e-3"}, "the risk to stop at")["risk"], 1e-3);
  EXPECT_LE(far({"--stop-risk", "1e-3", "--integrator", "euler"}, "the risk to stop at")["risk"],
            1e-3);
  EXPECT_LE(far({"--stop-gradient", "1e-3"}, "the gradient to stop at")["dissipation"], 1e-6);
  EXPECT_LE(far({"--stop-risk", "1e-3", "--batch", "25"}, "the risk to stop at")["risk"], 1e-3);
}

TEST_F(Steps, EndAtADistance) {
  const auto run = json_of({"run", "--width", "200", "--records", "40", "--stop-w2", "0.1"});
  EXPECT_EQ(run["outcome"], "converged");
  EXPECT_LE(run["records"].back()["w2"], 0.1);
  // The record stands within the last step.
  EXPECT_LE(run["records"].back()["t"], run["t"]);
  EXPECT_LT(run["t"], 1000);
}

/// Euler's method beyond what it is stable for: J falls at first.
const std::vector<std::string> unstable{"--scaling",    "standard", "--train", "outer",
                                        "--integrator", "euler",    "--dt",    "0.38",
                                        "--t-end",      "200"};

TEST_F(Steps, ADivergenceKeepsTheLastStateWhoseObjectiveHadNotRisen) {
  std::vector<std::string> arguments = job(unstable);
  arguments.insert(arguments.end(), {"--out", "result", "--quiet"});
  std::string every;
  for (int k = 0; k < 60; ++k) {
    if (k > 0) every += ',';
    every += std::to_string(k * 0.38 - 0.1 * (k > 0));
  }
  arguments.insert(arguments.end(), {"--record-at", every});
  const Finished run = mckean(arguments);
  EXPECT_EQ(run.code, 3);
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
  EXPECT_EQ(run.err.rfind("mckean: diverged at t = ", 0), 0u) << run.err;
  const auto summary = nlohmann::json::parse(read("result/summary.json"));
  EXPECT_EQ(summary["outcome"], "diverged");
  double least = summary["records"].front()["objective"];
  for (const auto& record : summary["records"])
    least = std::min(least, record["objective"].get<double>());
  const auto eval =
      json_of({"eval", "--particles", "result/particles.npy", "--law", "gaussian", "--dim", "3",
               "--samples", "50", "--activation", "tanh", "--scaling", "standard"});
  EXPECT_NEAR(eval["objective"], least, 1e-12 * least);
}

TEST_F(Steps, WithoutTheAuditTheyGoOn) {
  std::vector<std::string> more = unstable;
  more.back() = "30";
  EXPECT_EQ(mckean(job(more)).code, 3);
  more.push_back("--no-audit");
  const auto run = small(more);
  EXPECT_EQ(run["outcome"], "finished");
  EXPECT_EQ(run["steps"], 79);
  EXPECT_GT(std::abs(run["energy_residual"].get<double>()), 0.1);
}

}  // namespace
}  // namespace mckean::test
